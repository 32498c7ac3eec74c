package com.example;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

class Session {
  private final FleetGrpc.FleetBlockingStub stub;
  private KVGrpc.KVFutureStub store = KVGrpc.newFutureStub(null);

  Session(Channel channel) {
    this.stub = FleetGrpc.newBlockingStub(channel);
  }

  FleetGrpc.FleetBlockingStub blockingStub() {
    return stub.withDeadlineAfter(1, SECONDS);
  }

  Agent arrive(Agent agent) {
    return stub.withDeadlineAfter(5, SECONDS).arrive(agent);
  }

  void put(Agent agent) {
    store.put(agent);
  }

  boolean report(Agent agent) {
    try {
      blockingStub().reportMetrics(agent);
      return true;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        return false;
      }
      throw e;
    }
  }

  void reportQuietly(Agent agent) {
    try {
      stub.reportMetrics(agent);
    } catch (StatusRuntimeException e) {
      log.warn("report", e);
    }
  }

  void watch(Door door) {
    door.depart("not an agent");
    var local = FleetGrpc.newStub(null);
    local.watch(null, observer);
  }
}
