package com.example

class Later {
    fun never(fleet: FleetGrpcKt.FleetCoroutineStub) = fleet.never(agent {})
}
