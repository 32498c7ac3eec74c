package main

import (
	"context"

	acmev1 "example.com/acme/api/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type manager struct {
	acmev1.UnimplementedManagerServer
}

func serve(server *grpc.Server) {
	acmev1.RegisterManagerServer(server, &manager{})
}

func (m *manager) Arrive(ctx context.Context, agent *acmev1.Agent) (*acmev1.Nothing, error) {
	if agent.Name == "" {
		return nil, status.Error(codes.Unimplemented, "agents have names")
	}
	return &acmev1.Nothing{}, nil
}

func (m *manager) Report(ctx context.Context, agent *acmev1.Agent) (*acmev1.Nothing, error) {
	return nil, status.Error(codes.Unimplemented, "no longer")
}

func (m *manager) Review(ctx context.Context, agent *acmev1.Agent) (*acmev1.Nothing, error) {
	return nil, status.Error(codes.Unimplemented, "no longer")
}

func (m *manager) Reset(ctx context.Context, agent *acmev1.Agent) (*acmev1.Nothing, error) {
	return nil, status.Error(codes.Unimplemented, "no longer")
}
