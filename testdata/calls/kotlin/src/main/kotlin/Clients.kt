package com.example

class Clients(channel: ManagedChannel) {
    fun blockingFleet(): FleetGrpc.FleetBlockingStub = FleetGrpc.newBlockingStub(channel)
}
