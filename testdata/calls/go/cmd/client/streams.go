package main

import (
	"context"
	"io"

	pb "example.com/fleet/api/v1"
)

// The status of a stream comes with the first read.
func watchBoth(ctx context.Context, c pb.FleetClient) error {
	stream, err := c.Watch(ctx, nil)
	if isUnimplemented(err) {
		return nil
	}
	for {
		_, err := stream.Recv()
		if err == io.EOF || isUnimplemented(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func watchOpening(ctx context.Context, c pb.FleetClient) error {
	stream, err := c.Watch(ctx, nil)
	if isUnimplemented(err) {
		return nil
	}
	for {
		if _, err := stream.Recv(); err != nil {
			return err
		}
	}
}

func watchReading(ctx context.Context, c pb.FleetClient) error {
	stream, err := c.Follow(ctx, nil)
	if err != nil {
		return err
	}
	return readLoop(stream)
}

func readLoop(stream pb.Fleet_FollowClient) error {
	for {
		_, err := stream.Recv()
		if isUnimplemented(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func upload(ctx context.Context, c pb.FleetClient) error {
	stream, err := c.Upload(ctx)
	if err != nil {
		return err
	}
	if _, err := stream.CloseAndRecv(); err != nil {
		return err
	}
	return nil
}

func talk(ctx context.Context, c pb.FleetClient) (pb.Fleet_TalkClient, error) {
	return c.Talk(ctx)
}
