package main

import (
	"context"

	acmev1 "example.com/acme/api/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func update(ctx context.Context, client acmev1.ManagerClient, s *acmev1.Session) error {
	_, err := client.UpdateSession(ctx, s)
	return err
}

type manager struct{ acmev1.UnimplementedManagerServer }

func serve(s *grpc.Server) { acmev1.RegisterManagerServer(s, &manager{}) }

func (m *manager) Arrive(ctx context.Context, a *acmev1.Agent) (*acmev1.Session, error) {
	return &acmev1.Session{}, nil
}

func (m *manager) UpdateSession(ctx context.Context, s *acmev1.Session) (*acmev1.Session, error) {
	return nil, status.Error(codes.FailedPrecondition, "sessions do not change")
}
