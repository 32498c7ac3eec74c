package com.example;

import fleet.v1.FleetGrpc;

class Caught {
  private final FleetGrpc.FleetBlockingStub blockingStub;
  private final FleetGrpc.FleetStub asyncStub;
  private final FleetGrpc.FleetFutureStub futureStub;

  void byHelperThatThrows() {
    try {
      blockingStub.arrive(null);
    } catch (Exception e) {
      processException(e);
    }
  }

  void interrupted() {
    try {
      blockingStub.arrive(null);
      Thread.sleep(1);
    } catch (InterruptedException e) {
      log.warn("interrupted", e);
    }
  }

  Agent bySwitch() {
    try {
      return blockingStub.arrive(null);
    } catch (StatusRuntimeException e) {
      switch (e.getStatus().getCode()) {
        case UNIMPLEMENTED:
          return Agent.getDefaultInstance();
        default:
          throw e;
      }
    }
  }

  Agent translated() {
    try {
      return blockingStub.arrive(null);
    } catch (StatusRuntimeException e) {
      if (Status.Code.UNIMPLEMENTED.equals(e.getStatus().getCode())) {
        throw new IllegalStateException("upgrade the server", e);
      }
      throw e;
    }
  }

  void observed() {
    asyncStub.watch(null, new StreamObserver<Agent>() {
      @Override
      public void onError(Throwable t) {
        if (Status.fromThrowable(t).getCode() == Status.Code.UNIMPLEMENTED) {
          return;
        }
        logger.warning("watch: " + t);
      }
    });
  }

  void observedByTheCaller(StreamObserver<Agent> responseObserver) {
    asyncStub.watch(null, responseObserver);
  }

  void waited() {
    CompletableFuture<Void> done = waitQuietly(futureStub.arrive(null));
  }

  private CompletableFuture<Void> waitQuietly(ListenableFuture<Agent> future) {
    return run(() -> {
      try {
        future.get();
      } catch (ExecutionException e) {
        if (Status.Code.UNIMPLEMENTED.equals(Status.fromThrowable(e).getCode())) {
          return;
        }
        log.warn("arrive", e);
      }
    });
  }

  private void processException(Exception e) {
    throw new FleetException(e);
  }
}
