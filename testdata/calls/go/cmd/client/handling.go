package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "example.com/fleet/api/v1"
	"example.com/fleet/internal/gate"
)

var errTooOld = errors.New("the server is too old")

func tests(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Report(ctx, nil)
	if status.Code(err) == codes.Unimplemented {
		return nil
	}
	return err
}

func testsInside(ctx context.Context, c pb.FleetClient) {
	_, err := c.Report(ctx, nil)
	if err != nil {
		if status.Code(err) != codes.Unimplemented {
			log.Printf("report: %v", err)
		}
	}
}

func testsBySwitch(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Report(ctx, nil)
	switch status.Code(err) {
	case codes.OK, codes.Unimplemented:
		return nil
	default:
		return err
	}
}

func testsByStatus(ctx context.Context, c pb.FleetClient) error {
	if _, err := c.Report(ctx, nil); err != nil {
		if st, ok := status.FromError(err); ok && st.Code() == codes.Unimplemented {
			return nil
		}
		return err
	}
	return nil
}

func isUnimplemented(err error) bool {
	return status.Code(err) == codes.Unimplemented
}

func tooOld(err error) bool {
	st, ok := status.FromError(err)
	return ok && st.Code() == codes.Unimplemented
}

func testsByHelper(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Report(ctx, nil)
	if tooOld(err) {
		return nil
	}
	return err
}

func ignoringOld(err error) error {
	if isUnimplemented(err) {
		return nil
	}
	return err
}

func testsInCallee(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Report(ctx, nil)
	return ignoringOld(err)
}

func explain(err error) error {
	if isUnimplemented(err) {
		return fmt.Errorf("please upgrade: %w", err)
	}
	return err
}

func translatesInCallee(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Report(ctx, nil)
	return explain(err)
}

func translates(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Report(ctx, nil)
	if isUnimplemented(err) {
		return errTooOld
	}
	return err
}

func retries(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Report(ctx, nil)
	switch status.Code(err) {
	case codes.Unavailable, codes.Aborted, codes.Internal, codes.Unimplemented:
		return errors.New("try again")
	}
	return err
}

func fallsBack(ctx context.Context, c pb.FleetClient) (string, error) {
	agent, err := c.ListAll(ctx, nil)
	if err != nil {
		return "all", nil
	}
	return agent.Name, nil
}

func logs(ctx context.Context, c pb.FleetClient) {
	go func() {
		_, err := c.Report(ctx, nil)
		if err != nil {
			log.Printf("report: %v", err)
		}
	}()
}

func ignores(ctx context.Context, c pb.FleetClient) {
	c.Report(ctx, nil)
	_, _ = c.Report(ctx, nil)
}

func another(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Report(ctx, nil)
	if err != nil {
		return err
	}
	_, err = c.Depart(ctx, nil)
	if isUnimplemented(err) {
		return nil
	}
	return err
}

func inner(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Drain(ctx, nil)
	return err
}

func testsInCaller(ctx context.Context, c pb.FleetClient) error {
	if err := inner(ctx, c); !isUnimplemented(err) {
		return err
	}
	return nil
}

func gated(ctx context.Context, c pb.FleetClient, v gate.Version) error {
	if gate.CanReport(v) {
		_, err := c.Report(ctx, nil)
		return err
	}
	_, err := c.Depart(ctx, nil)
	return err
}

func gatedByExit(ctx context.Context, c pb.FleetClient, caps gate.Set) error {
	if !caps.Supports("report") {
		return errTooOld
	}
	_, err := c.Report(ctx, nil)
	return err
}

func reportNow(ctx context.Context, c pb.FleetClient) error {
	_, err := c.Report(ctx, nil)
	return err
}

func gatedInCaller(ctx context.Context, c pb.FleetClient, v gate.Version) error {
	if gate.CanReport(v) {
		return reportNow(ctx, c)
	}
	return nil
}

func declared(ctx context.Context, c pb.FleetClient) error {
	// protoskew: handled the interceptor of the connection drops UNIMPLEMENTED
	_, err := c.Report(ctx, nil)
	return err
}
