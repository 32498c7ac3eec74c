package other

func callInVendored(c pb.FleetClient) { c.Never(nil, nil) }
