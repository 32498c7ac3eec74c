package main

import (
	"context"

	acmev1 "example.com/acme/api/v1"
)

func arrive(ctx context.Context, client acmev1.ManagerClient) error {
	_, err := client.Arrive(ctx, &acmev1.Agent{})
	return err
}
