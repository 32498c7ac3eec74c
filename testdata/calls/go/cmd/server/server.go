// Package main serves the fleet.
package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "example.com/fleet/api/v1"
)

type server struct {
	pb.UnimplementedFleetServer
	common
}

type common struct{}

func (common) Depart(ctx context.Context, a *pb.Agent) (*pb.Nothing, error) {
	return &pb.Nothing{}, nil
}

func (s *server) Arrive(ctx context.Context, a *pb.Agent) (*pb.Agent, error) {
	return a, nil
}

// Drain is not served any more.
func (s *server) Drain(ctx context.Context, a *pb.Agent) (*pb.Nothing, error) {
	if a.Name == "" {
		return nil, status.Error(codes.Unimplemented, "nobody to drain")
	}
	return nil, status.Error(codes.Unimplemented, "gone")
}

func (s *server) Report(ctx context.Context, a *pb.Agent) (*pb.Nothing, error) {
	if a.Name == "old" {
		return nil, status.Error(codes.Unimplemented, "not for old agents")
	}
	return &pb.Nothing{}, nil
}

type mockServer struct {
	pb.UnimplementedFleetServer
}

func main() {
	s := grpc.NewServer()
	pb.RegisterFleetServer(s, &server{})
	pb.RegisterAuditServer(s, auditor())
}

func auditor() pb.AuditServer { return nil }
