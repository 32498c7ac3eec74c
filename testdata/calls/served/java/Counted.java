package com.example;

/** Counts, and leaves the answer to another one. */
class Counted extends FleetGrpc.FleetImplBase {
  private final FleetGrpc.FleetImplBase inner = new FleetService();

  @Override
  public void arrive(Agent request, StreamObserver<Agent> observer) {
    count();
    inner.arrive(request, observer);
  }
}
