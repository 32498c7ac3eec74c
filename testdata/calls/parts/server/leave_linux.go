package main

import (
	"context"

	harbor "example.com/parts/api"
)

func (g *guarded) Leave(ctx context.Context, ship *harbor.Ship) (*harbor.Ship, error) {
	return g.inner.Leave(ctx, ship)
}
