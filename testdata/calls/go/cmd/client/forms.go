// Package main calls in every form that Go has for it.
package main

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc"

	pb "example.com/fleet/api/v1"
	"example.com/fleet/internal/wrap"
)

type session struct {
	client pb.FleetClient
	byName map[string]pb.FleetClient
	pool   chan pb.FleetClient
	kept   atomic.Pointer[pb.FleetClient]
	dial   func() pb.FleetClient
}

// embedding promotes the methods of a stub.
type embedding struct {
	*session
	pb.AuditClient
}

// arriver is made for stubs, and fits those of Fleet.
type arriver interface {
	Arrive(ctx context.Context, in *pb.Agent, opts ...grpc.CallOption) (*pb.Agent, error)
}

// walker has a method of that name and fits no stub.
type walker interface {
	Depart(ctx context.Context, to string) error
}

var shared = pb.NewFleetClient(nil)

func local(ctx context.Context, conn grpc.ClientConnInterface) error {
	c := pb.NewFleetClient(conn)
	_, err := c.Arrive(ctx, &pb.Agent{})
	return err
}

func fields(ctx context.Context, s *session) error {
	if _, err := s.client.Arrive(ctx, nil); err != nil {
		return err
	}
	for _, c := range s.byName {
		if _, err := c.Depart(ctx, nil); err != nil {
			return err
		}
	}
	c := <-s.pool
	if _, err := c.Depart(ctx, nil); err != nil {
		return err
	}
	_, err := s.dial().ListAll(ctx, nil)
	return err
}

func (e *embedding) promoted(ctx context.Context) error {
	if _, err := e.client.Report(ctx, nil); err != nil {
		return err
	}
	_, err := e.Report(ctx, nil)
	return err
}

func outside(ctx context.Context, s *session) error {
	_, err := (*s.kept.Load()).Arrive(ctx, nil)
	return err
}

func throughPackage(ctx context.Context) error {
	_, err := shared.Arrive(ctx, nil)
	return err
}

func throughInterface(ctx context.Context, a arriver, w walker) error {
	if err := w.Depart(ctx, "there"); err != nil {
		return err
	}
	_, err := a.Arrive(ctx, nil)
	return err
}

func asserted(ctx context.Context, value any) error {
	switch it := value.(type) {
	case pb.AuditClient:
		_, err := it.Record(ctx, nil)
		return err
	case *session:
		_, err := it.client.Arrive(ctx, nil)
		return err
	}
	_, err := value.(pb.FleetClient).Arrive(ctx, nil)
	return err
}

func generic[C pb.FleetClient](ctx context.Context, c C) error {
	_, err := c.Arrive(ctx, nil)
	return err
}

func first[T any](all []T) T { return all[0] }

func inferred(ctx context.Context, all []pb.FleetClient) error {
	_, err := first(all).Arrive(ctx, nil)
	return err
}

func boxed(ctx context.Context, box wrap.Box[pb.FleetClient]) error {
	_, err := box.Get().Arrive(ctx, nil)
	return err
}

func asValue(s *session) func(context.Context, *pb.Agent, ...grpc.CallOption) (*pb.Agent, error) {
	return s.client.Arrive
}

func byPath(ctx context.Context, conn *grpc.ClientConn) error {
	if err := conn.Invoke(ctx, "/fleet.v1.Fleet/Report", nil, nil); err != nil {
		return err
	}
	return conn.Invoke(ctx, pb.Fleet_Report_FullMethodName, nil, nil)
}

func isReport(method string) bool {
	return method == "/fleet.v1.Fleet/Report"
}

// The type of what elsewhere.Client returns is not in the tree.
func unseen(ctx context.Context) error {
	_, err := elsewhere.Client().Drain(ctx, nil)
	return err
}

func shadowed(ctx context.Context, s *session) error {
	client := s.client
	{
		client := &walkingClient{}
		client.Depart(ctx, nil)
	}
	_, err := client.Depart(ctx, nil)
	return err
}

type walkingClient struct{}

func (*walkingClient) Depart(ctx context.Context, a *pb.Agent) (*pb.Nothing, error) {
	return nil, nil
}
