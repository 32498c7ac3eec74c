package com.example;

class Other {
  Agent depart(Session session) {
    return session.blockingStub().depart(null);
  }
}
