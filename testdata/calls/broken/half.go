package main

import pb "example.com/fleet/api/v1"

func whole(c pb.FleetClient) error {
	_, err := c.Arrive(nil, nil)
	return err
}

func half(c pb.FleetClient) error {
	if true {
