// Package client calls depots of any age.
package client

import (
	"context"

	depot "example.com/guards/api"
)

type caps interface {
	Supports(name string) error
}

type client struct {
	depot depot.DepotClient
	caps  caps
}

// The gate is asked only where there is one.
func (c *client) nested(ctx context.Context) error {
	if c.caps != nil {
		if err := c.caps.Supports("store"); err != nil {
			return err
		}
	}
	_, err := c.depot.Store(ctx, nil)
	return err
}

// The gate is for something in the request, which the call is made without.
func (c *client) forAField(ctx context.Context, many bool) error {
	if err := c.caps.Supports("many"); many && err != nil {
		return err
	}
	_, err := c.depot.Store(ctx, nil)
	return err
}

func (c *client) kept(ctx context.Context) error {
	fetches := c.caps.Supports("fetch") == nil
	if fetches {
		_, err := c.depot.Fetch(ctx, nil)
		return err
	}
	return nil
}

func (c *client) eitherWay(ctx context.Context) error {
	if c.caps.Supports("fetch") != nil {
		_, err := c.depot.Store(ctx, nil)
		return err
	} else {
		_, err := c.depot.Fetch(ctx, nil)
		return err
	}
}

// Whoever asks for both gets there without the gate.
func (c *client) orElse(ctx context.Context, force bool) error {
	if force || c.caps.Supports("fetch") == nil {
		_, err := c.depot.Fetch(ctx, nil)
		return err
	}
	return nil
}

func (c *client) assignedBefore(ctx context.Context) error {
	var err error
	err = c.caps.Supports("store")
	if err != nil {
		return err
	}
	_, err = c.depot.Store(ctx, nil)
	return err
}

// What is chosen is something that the depot has, or nothing is done.
func (c *client) chosen(ctx context.Context, names []string) error {
	var name *string
	for _, it := range names {
		if c.caps.Supports(it) == nil {
			name = &it
			break
		}
	}
	if name == nil {
		return nil
	}
	_, err := c.depot.Fetch(ctx, &depot.Item{Name: *name})
	return err
}

// What is chosen may be something else.
func (c *client) chosenAnyway(ctx context.Context, names []string) error {
	var name *string
	for _, it := range names {
		if c.caps.Supports(it) == nil {
			name = &it
		}
	}
	name = &names[0]
	if name == nil {
		return nil
	}
	_, err := c.depot.Fetch(ctx, &depot.Item{Name: *name})
	return err
}

func (c *client) asked(ctx context.Context) error {
	_, err := c.depot.Fetch(ctx, nil)
	return err
}

func (c *client) asks(ctx context.Context) error {
	if c.caps.Supports("fetch") == nil {
		return c.asked(ctx)
	}
	return nil
}

// With this caller, the call is made whatever the peer has.
func (c *client) doesNotAsk(ctx context.Context) error {
	return c.asked(ctx)
}
