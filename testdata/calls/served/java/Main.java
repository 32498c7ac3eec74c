package com.example;

/** A server that starts itself. */
class Main extends FleetGrpc.FleetImplBase {
  public static void main(String[] args) {
    ServerBuilder.forPort(8080).addService(new Main()).build().start();
  }

  @Override
  public void never(Agent request, StreamObserver<Agent> observer) {
    switch (request.getKind()) {
      case OLD:
        observer.onError(Status.UNIMPLEMENTED.asRuntimeException());
        break;
      default:
        observer.onNext(request);
        observer.onCompleted();
    }
  }
}
