package client

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The name is another stream's when the status is tested.
func (c *client) listTwice(ctx context.Context) error {
	stream, err := c.depot.List(ctx, nil)
	if err != nil {
		return err
	}
	if _, err = stream.Recv(); err != nil {
		return err
	}
	stream, err = c.depot.List(ctx, nil)
	if err != nil {
		return err
	}
	if _, err = stream.Recv(); status.Code(err) == codes.Unimplemented {
		return nil
	}
	return err
}

// What is opened at the end of a turn is read in the next.
func (c *client) listAgain(ctx context.Context) error {
	stream, err := c.depot.List(ctx, nil)
	for err == nil {
		if _, err = stream.Recv(); status.Code(err) == codes.Unimplemented {
			return nil
		}
		stream, err = c.depot.List(ctx, nil)
	}
	return err
}
