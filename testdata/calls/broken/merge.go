package main

import pb "example.com/fleet/api/v1"

func merged(c pb.FleetClient) {
<<<<<<< ours
	c.Arrive(nil, nil)
=======
	c.Depart(nil, nil)
>>>>>>> theirs
}
