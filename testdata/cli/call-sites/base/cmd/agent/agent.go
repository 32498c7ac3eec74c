package agent

import (
	"context"

	acmev1 "example.com/acme/api/v1"
)

func remain(ctx context.Context, manager acmev1.ManagerClient) error {
	_, err := manager.Remain(ctx, &acmev1.Agent{})
	return err
}
