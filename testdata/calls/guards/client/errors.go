package client

import (
	"context"
	"errors"
	"fmt"
	"log"

	"example.com/library/serviceerror"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	depot "example.com/guards/api"
)

var errNoList = errors.New("the depot cannot list")

func (c *client) list(ctx context.Context) error {
	stream, err := c.depot.List(ctx, nil)
	if err != nil {
		return err
	}
	for {
		if _, err := stream.Recv(); err != nil {
			if status.Code(err) == codes.Unimplemented {
				return errNoList
			}
			return err
		}
	}
}

func (c *client) listOrNot(ctx context.Context) error {
	if err := c.list(ctx); err != errNoList {
		return err
	}
	return nil
}

// diagnose finds better words for an error; it stays one.
func diagnose(err error) (words []string) {
	switch status.Code(err) {
	case codes.Unavailable:
		words = append(words, "the depot is gone")
	case codes.Unimplemented:
		words = append(words, "the depot is too old")
	}
	return words
}

func (c *client) diagnosed(ctx context.Context) []string {
	if _, err := c.depot.Store(ctx, nil); err != nil {
		return diagnose(err)
	}
	return nil
}

func (c *client) assertsType(ctx context.Context) {
	_, err := c.depot.Store(ctx, nil)
	if _, old := err.(*serviceerror.Unimplemented); old {
		return
	}
	if err != nil {
		log.Print(err)
	}
}

func retry(attempt func() error) error {
	return attempt()
}

func (c *client) insideRetry(ctx context.Context) error {
	err := retry(func() error {
		_, err := c.depot.Store(ctx, nil)
		return err
	})
	if status.Code(err) == codes.Unimplemented {
		return nil
	}
	return err
}

func (c *client) setInside(ctx context.Context) error {
	var err error
	each(func() {
		_, err = c.depot.Store(ctx, nil)
	})
	return err
}

func each(do func()) { do() }

func (c *client) namedResult(ctx context.Context) (item *depot.Item, err error) {
	item, err = c.depot.Store(ctx, nil)
	if err != nil {
		return
	}
	log.Print(item)
	return
}

func (c *client) onlyIfItWorks(ctx context.Context) string {
	item, err := c.depot.Fetch(ctx, nil)
	if err == nil && item != nil {
		log.Print(item)
	}
	return "done"
}

func (c *client) expectsAnother(ctx context.Context) error {
	_, err := c.depot.Fetch(ctx, nil)
	if status.Code(err) != codes.NotFound {
		return fmt.Errorf("it should be gone: %w", err)
	}
	return nil
}

// checker is what the rest of the program sees of a client.
type checker interface {
	Check(ctx context.Context, name string) error
}

func (c *client) Check(ctx context.Context, name string) error {
	_, err := c.depot.Check(ctx, &depot.Item{Name: name})
	return err
}

func checkAll(ctx context.Context, all []checker) {
	for _, one := range all {
		if err := one.Check(ctx, "x"); err != nil && status.Code(err) != codes.Unimplemented {
			log.Print(err)
		}
	}
}

// Only one error is forgiven, and it is another one.
func (c *client) forgivesAnother(ctx context.Context) error {
	_, err := c.depot.Fetch(ctx, nil)
	if err != nil && status.Code(err) == codes.Canceled {
		err = nil
	}
	return err
}

// There is no use in trying again, and that is all that the code is tested for.
func (c *client) givesUp(ctx context.Context) error {
	for {
		_, err := c.depot.Fetch(ctx, nil)
		if status.Code(err) == codes.Unimplemented {
			return err
		}
		if err == nil {
			return nil
		}
	}
}

func (c *client) otherwise(ctx context.Context) error {
	item, err := c.depot.Fetch(ctx, nil)
	if err == nil {
		log.Print(item)
	} else if status.Code(err) != codes.Unimplemented {
		return err
	}
	return nil
}

func (c *client) neither(ctx context.Context) error {
	_, err := c.depot.Fetch(ctx, nil)
	if err == nil || status.Code(err) != codes.Unimplemented {
		return err
	}
	return nil
}

func (c *client) words(ctx context.Context) error {
	_, err := c.depot.Fetch(ctx, nil)
	if status.Code(err) == codes.Unimplemented {
		return fmt.Errorf("the depot is too old: %w", err)
	}
	return err
}

func (c *client) shared(ctx context.Context) error {
	_, err := c.depot.Fetch(ctx, nil)
	return err
}

func (c *client) testsShared(ctx context.Context) error {
	if err := c.shared(ctx); status.Code(err) != codes.Unimplemented {
		return err
	}
	return nil
}

func (c *client) trustsShared(ctx context.Context) error {
	return c.shared(ctx)
}

func (c *client) byStore(ctx context.Context) error {
	_, err := c.depot.Store(ctx, nil)
	return err
}

func (c *client) byCheck(ctx context.Context) error {
	_, err := c.depot.Check(ctx, nil)
	return err
}

// Each is the way around the other, and hands on what that one says.
func (c *client) storeOrCheck(ctx context.Context) error {
	if err := c.byStore(ctx); status.Code(err) != codes.Unimplemented {
		return err
	}
	return c.byCheck(ctx)
}

func (c *client) checkOrStore(ctx context.Context) error {
	if err := c.byCheck(ctx); status.Code(err) != codes.Unimplemented {
		return err
	}
	return c.byStore(ctx)
}

func (c *client) logsAndReturns(ctx context.Context) error {
	_, err := c.depot.Fetch(ctx, nil)
	if err != nil {
		log.Print(err)
	}
	return err
}

func (c *client) onlyLogs(ctx context.Context) error {
	_, err := c.depot.Fetch(ctx, nil)
	if err != nil {
		log.Print(err)
	}
	return nil
}

// Anything but the one error goes to whoever called.
func (c *client) allButOne(ctx context.Context) error {
	_, err := c.depot.Fetch(ctx, nil)
	if err == nil {
		return nil
	}
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("fetch: %w", err)
	}
	return nil
}

func (c *client) mustFetch(ctx context.Context) {
	_, err := c.depot.Fetch(ctx, nil)
	if err != nil {
		if status.Code(err) == codes.PermissionDenied {
			log.Print("ask somebody for it")
		}
		errors.Check(err)
	}
}

func (c *client) orNothing(ctx context.Context) error {
	item, err := c.depot.Fetch(ctx, nil)
	if err != nil || item == nil {
		return fmt.Errorf("nothing fetched: %w", err)
	}
	return nil
}

// Scan has the name that somebody asks for, and takes something else.
func (c *client) Scan(ctx context.Context, name string) error {
	_, err := c.depot.Fetch(ctx, &depot.Item{Name: name})
	return err
}

type scanner interface {
	Scan(ctx context.Context, item *depot.Item) error
}

func scanAll(ctx context.Context, all []scanner) {
	for _, one := range all {
		if err := one.Scan(ctx, nil); status.Code(err) != codes.Unimplemented {
			log.Print(err)
		}
	}
}
