package com.example

import com.example.fleet.FleetGrpc
import com.example.fleet.FleetGrpcKt
import com.example.fleet.FleetGrpcKt.FleetCoroutineStub as Stub
import com.example.fleet.KVGrpc
import io.grpc.Status
import io.grpc.StatusException

class Session(private val channel: ManagedChannel, private val fleet: FleetGrpcKt.FleetCoroutineStub) {
    private val renamed = Stub(channel).withWaitForReady()
    private val blocking by lazy { FleetGrpc.newBlockingStub(channel) }
    private lateinit var store: KVGrpc.KVFutureStub

    private fun timed() = fleet.withDeadlineAfter(5, SECONDS)

    suspend fun arrive(name: String): Agent = timed().arrive(agent { this.name = name })

    suspend fun arriveSafely(agent: Agent) = fleet?.arrive(agent) ?: throw IllegalStateException()

    fun put(agent: Agent) = store.put(agent)

    suspend fun report(agent: Agent): Boolean {
        try {
            renamed.reportMetrics(agent)
            return true
        } catch (e: StatusException) {
            if (e.status.code == Status.Code.UNIMPLEMENTED) return false
            throw e
        }
    }

    suspend fun reportOr(agent: Agent): Agent? = try {
        blocking.reportMetrics(agent)
    } catch (e: StatusRuntimeException) {
        when (e.status.code) {
            Status.Code.UNIMPLEMENTED -> null
            else -> throw e
        }
    }

    suspend fun reportOrFail(agent: Agent) {
        try {
            fleet.reportMetrics(agent)
        } catch (e: StatusException) {
            when (e.status.code) {
                Status.Code.UNIMPLEMENTED -> throw OldServer()
                else -> throw e
            }
        }
    }

    suspend fun reportOrNothing(agent: Agent): Agent? = try {
        fleet.reportMetrics(agent)
    } catch (e: Exception) {
        null
    }

    suspend fun reportQuietly(agent: Agent) {
        runCatching { fleet.reportMetrics(agent) }.onFailure { log.warn("report", it) }
        runCatching { fleet.reportMetrics(agent) }
        runCatching { fleet.reportMetrics(agent) }.onFailure { log.warn("report", it) }.getOrThrow()
        val last = runCatching { fleet.reportMetrics(agent) }.getOrNull()
        val kept = runCatching { fleet.reportMetrics(agent) }
    }

    fun watch(agent: Agent): Flow<Agent> = fleet.watch(agent)
        .map { it.agent }
        .catch { e ->
            if (e is StatusException && e.status.code == Status.Code.UNIMPLEMENTED) emitAll(poll(agent))
            else throw e
        }

    suspend fun depart(agent: Agent, door: Door) {
        door.depart("not an agent")
        val local = FleetGrpc.newStub(channel)
        local.depart(agent, object : StreamObserver<Agent> {
            override fun onError(t: Throwable) = log.warn("depart", t)
        })
        // protoskew: handled the interceptor drops it
        fleet.depart(agent)
    }
}
