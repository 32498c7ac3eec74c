package main

import (
	"context"
	"log"

	acmev1 "example.com/acme/api/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func run(ctx context.Context, manager acmev1.ManagerClient, self *acmev1.Agent) error {
	if _, err := manager.Arrive(ctx, self); err != nil {
		return err
	}
	if _, err := manager.Report(ctx, self); err != nil {
		log.Printf("report: %v", err)
	}
	if _, err := manager.Review(ctx, self); err != nil && status.Code(err) != codes.Unimplemented {
		return err
	}
	if _, err := manager.Rest(ctx, self); err != nil {
		log.Printf("rest: %v", err)
	}
	_, err := manager.Depart(ctx, self)
	return err
}
