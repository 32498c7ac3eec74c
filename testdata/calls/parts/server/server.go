// Package main serves a harbor.
package main

import (
	"context"

	"google.golang.org/grpc"

	harbor "example.com/parts/api"
)

// server is a part of what is registered.
type server struct {
	harbor.UnimplementedHarborServer
}

func (s *server) Dock(ctx context.Context, ship *harbor.Ship) (*harbor.Ship, error) {
	return ship, nil
}

// guarded asks for papers first.
type guarded struct {
	harbor.UnsafeHarborServer
	inner harbor.HarborServer
}

// newGuarded says which interface it returns, and not which type.
func newGuarded(inner harbor.HarborServer) harbor.HarborServer {
	guarded := &guarded{inner: inner}
	return guarded
}

func (g *guarded) Dock(ctx context.Context, ship *harbor.Ship) (*harbor.Ship, error) {
	return g.inner.Dock(ctx, ship)
}

func (g *guarded) Watch(ship *harbor.Ship, stream harbor.Harbor_WatchServer) error {
	return g.inner.Watch(ship, stream)
}

func (g *guarded) Follow(ship *harbor.Ship, stream harbor.Harbor_FollowServer) error {
	return g.inner.Follow(ship, stream)
}

func (g *guarded) List(ctx context.Context, ship *harbor.Ship) (*harbor.Ship, error) {
	return g.inner.List(ctx, ship)
}

func (g *guarded) FindBerth(ctx context.Context, ship *harbor.Ship) (*harbor.Ship, error) {
	return g.inner.FindBerth(ctx, ship)
}

type pilot struct {
	harbor.UnimplementedPilotServer
}

func (*pilot) Guide(ctx context.Context, ship *harbor.Ship) (*harbor.Ship, error) {
	return ship, nil
}

func main() {
	s := grpc.NewServer()
	whole := newGuarded(&server{})
	harbor.RegisterHarborServer(s, whole)
	serve(harbor.PilotPluginServer(&pilot{}))
}
