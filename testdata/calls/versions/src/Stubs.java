package com.acme;

import com.acme.depot.v1.DepotGrpc;
import com.acme.depot.v1.YardGrpc;

interface Stubs<B> {
  B blockingStub();
}

interface DepotStubs extends Stubs<DepotGrpc.DepotBlockingStub> {}

interface YardStubs extends Stubs<YardGrpc.YardBlockingStub> {
  YardGrpc.YardBlockingStub blockingStub();
}
