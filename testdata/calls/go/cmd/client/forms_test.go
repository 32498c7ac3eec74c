package main

func callInTest(c pb.FleetClient) { c.Never(nil, nil) }
