package com.example

import com.example.channels.channel
import io.chain.bank.v1.QueryGrpcKt as BankGrpc
import io.chain.stake.v1.QueryGrpcKt as StakeGrpc

fun <S : AbstractStub<S>> S.at(height: Int): S = withInterceptors(Height(height))

fun BankGrpc.QueryCoroutineStub.describe(): String = toString()

class Chain(stake: Int) {
    private val bank = BankGrpc.QueryCoroutineStub(channel(stake))
    private val staking: StakeGrpc.QueryCoroutineStub

    init {
        staking = StakeGrpc.QueryCoroutineStub(channel(stake))
    }

    suspend fun ofBank() = bank.params(empty {})

    suspend fun ofStaking(height: Int) = staking
        .at(height)
        .params(empty {})

    fun notACall() = bank.describe().params(1)
}
