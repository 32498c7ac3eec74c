package com.acme;

/** The types say which of two stubs a name stands for. */
class Fetch {
  private DepotStubs depot;

  Train fromDepot() {
    return depot.blockingStub().withDeadline(null).fetchTrain(null);
  }

  Train fromYard(YardStubs yard) {
    return yard.blockingStub().fetchTrain(null);
  }

  Train fromNone(Wrapper wrapper) {
    return wrapper.fetchTrain(null);
  }

  static class Wrapper {
    Train fetchTrain(Train train) {
      return train;
    }
  }
}
