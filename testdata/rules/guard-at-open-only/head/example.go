package main

import (
	"context"

	acmev1 "example.com/acme/api/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func arrive(ctx context.Context, client acmev1.ManagerClient) error {
	_, err := client.Arrive(ctx, &acmev1.Agent{})
	return err
}

func watch(ctx context.Context, client acmev1.ManagerClient) error {
	stream, err := client.WatchSessions(ctx, &acmev1.Agent{})
	if status.Code(err) == codes.Unimplemented {
		return nil
	}
	if err != nil {
		return err
	}
	for {
		_, err := stream.Recv()
		if err != nil {
			return err
		}
	}
}
