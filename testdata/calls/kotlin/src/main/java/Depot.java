package com.example;

/** Java beside Kotlin, with a stub that Kotlin made. */
class Depot {
  Agent depart(Clients clients) {
    return clients.blockingFleet().depart(null);
  }
}
