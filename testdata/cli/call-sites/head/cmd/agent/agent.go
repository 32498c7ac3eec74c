package agent

import (
	"context"
	"log"

	acmev1 "example.com/acme/api/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type agent struct {
	manager acmev1.ManagerClient
}

func (a *agent) report(ctx context.Context) {
	if _, err := a.manager.ReportMetrics(ctx, &acmev1.Agent{}); err != nil {
		log.Printf("report: %v", err)
	}
}

func (a *agent) watchPods(ctx context.Context) error {
	stream, err := a.manager.WatchPods(ctx, &acmev1.Agent{})
	if err != nil {
		return err
	}
	for {
		pod, err := stream.Recv()
		if status.Code(err) == codes.Unimplemented {
			return nil
		}
		if err != nil {
			return err
		}
		log.Print(pod)
	}
}

func (a *agent) watchLogs(ctx context.Context) error {
	stream, err := a.manager.WatchLogs(ctx, &acmev1.Agent{})
	if status.Code(err) == codes.Unimplemented {
		return nil
	}
	if err != nil {
		return err
	}
	for {
		line, err := stream.Recv()
		if err != nil {
			return err
		}
		log.Print(line)
	}
}
