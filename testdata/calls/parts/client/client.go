// Package client calls a harbor by parts: streams that are kept, methods that are handed over.
package client

import (
	"context"
	"net"

	"example.com/elsewhere"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	harbor "example.com/parts/api"
)

// watcher is its stream.
type watcher struct {
	harbor.Harbor_WatchClient
}

func (w *watcher) establish(ctx context.Context, client harbor.HarborClient) error {
	stream, err := client.Watch(ctx, nil)
	if err != nil {
		return err
	}
	w.Harbor_WatchClient = stream
	return nil
}

func (w *watcher) next() (*harbor.Ship, error) {
	ship, err := w.Recv()
	if status.Code(err) == codes.Unimplemented {
		return nil, nil
	}
	return ship, err
}

type follower struct {
	ships harbor.Harbor_FollowClient
}

func follow(ctx context.Context, client harbor.HarborClient) (*follower, error) {
	ships, err := client.Follow(ctx, nil)
	if err != nil {
		return nil, err
	}
	return &follower{ships: ships}, nil
}

func (f *follower) next() (*harbor.Ship, error) {
	ship, err := f.ships.Recv()
	if status.Code(err) == codes.Unimplemented {
		return nil, nil
	}
	return ship, err
}

func handedOver(ctx context.Context, client harbor.HarborClient) error {
	call := func(method func(context.Context, *harbor.Ship) (*harbor.Ship, error)) error {
		_, err := method(ctx, nil)
		return err
	}
	err := call(client.Dock)
	if status.Code(err) == codes.Unimplemented {
		err = call(client.Leave)
	}
	return err
}

func kept(ctx context.Context, client harbor.HarborClient) error {
	leave := client.Leave
	_, err := leave(ctx, nil)
	if status.Code(err) == codes.Unimplemented {
		return nil
	}
	return err
}

func register(client harbor.HarborClient) {
	elsewhere.Register("leave", client.Leave)
}

var dock = harbor.NewHarborClient(nil).Dock

// Of these, only the calls of a and b may be those of a harbor, and that of what wraps one.
func mentions(ctx context.Context, w elsewhere.Wrapper, options elsewhere.Options) {
	a, b, other := elsewhere.Client(), elsewhere.Client(), elsewhere.Other()
	a.List(ctx, nil)
	b.List(ctx, &harbor.Ship{}, elsewhere.Option())
	other.List(ctx, elsewhere.ListOptions{})
	other.List(ctx, &options)
	other.List(ctx, "ships")
	other.List(ctx)
	other.List(ctx, nil, elsewhere.ListOptions{})
	w.FindBerth(ctx, "name", 3)
	net.DefaultResolver.FindBerth(ctx, "name")
}
