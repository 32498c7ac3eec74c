package com.example

import com.example.fleet.FleetGrpcKt.FleetCoroutineImplBase
import io.grpc.Status
import io.grpc.StatusException

class KotlinFleet(private val store: Store) : FleetCoroutineImplBase() {
    override suspend fun arrive(request: Agent): Agent = store.arrive(request.name)

    override suspend fun depart(request: Agent): Agent = when (request.kind) {
        Kind.OLD -> throw StatusException(Status.UNIMPLEMENTED)
        else -> request
    }

    override suspend fun reportMetrics(request: Agent): Agent = throw gone()

    override fun watch(request: Agent): Flow<Agent> = flow {
        throw StatusException(Status.UNIMPLEMENTED)
    }

    override suspend fun old(request: Agent): Agent {
        val known = store.find(request) ?: throw StatusException(Status.UNIMPLEMENTED)
        return known
    }

    private fun gone() = StatusException(Status.UNIMPLEMENTED.withDescription("no longer"))
}

fun main() {
    ServerBuilder.forPort(8080).addService(KotlinFleet(Store())).build().start()
}
