package com.example;

import io.grpc.Status;

@GrpcService
class FleetService extends FleetGrpc.FleetImplBase {
  @Override
  public void arrive(Agent request, StreamObserver<Agent> observer) {
    observer.onNext(request);
    observer.onCompleted();
  }

  @Override
  public void depart(Agent request, StreamObserver<Agent> observer) {
    if (request.hasName()) {
      observer.onNext(request);
      observer.onCompleted();
      return;
    }
    observer.onError(Status.UNIMPLEMENTED.asRuntimeException());
  }

  @Override
  public void reportMetrics(Agent request, StreamObserver<Agent> observer) {
    log.warn("an old agent");
    StatusRuntimeException gone = Status.UNIMPLEMENTED.withDescription("no longer").asRuntimeException();
    observer.onError(gone);
  }

  @Override
  public void watch(Agent request, StreamObserver<Agent> observer) {
    ServerCalls.asyncUnimplementedUnaryCall(FleetGrpc.getWatchMethod(), observer);
  }

  @Override
  public void old(Agent request, StreamObserver<Agent> observer) {
    super.old(request, observer);
  }
}
