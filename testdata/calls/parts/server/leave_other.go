//go:build !linux

package main

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	harbor "example.com/parts/api"
)

func (g *guarded) Leave(ctx context.Context, ship *harbor.Ship) (*harbor.Ship, error) {
	return nil, status.Error(codes.Unimplemented, "only on Linux")
}
