import functools
import logging

import grpc

from api import fleet_pb2, fleet_pb2_grpc
from api.fleet_pb2_grpc import KVStub as Store

log = logging.getLogger(__name__)


def older_servers(func):
    @functools.wraps(func)
    def wrapped(*args, **kwargs):
        try:
            return func(*args, **kwargs)
        except grpc.RpcError as err:
            if err.code() == grpc.StatusCode.UNIMPLEMENTED:
                return None
            raise

    return wrapped


class Base:
    def __init__(self, channel, stub=None):
        self._fleet_stub = stub or fleet_pb2_grpc.FleetStub(channel)
        self._store = Store(channel)


class Session(Base):
    def arrive(self, request):
        return self._fleet_stub.Arrive(request)

    def arrive_later(self, request):
        return self._fleet_stub.Arrive.future(request)

    def put(self, request):
        self._store.Put(request)

    def report(self, request):
        try:
            self._fleet_stub.ReportMetrics(request)
        except grpc.RpcError as err:
            if err.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise

    def report_or_refuse(self, request):
        try:
            self._fleet_stub.ReportMetrics(request)
        except grpc.RpcError as err:
            if err.code() == grpc.StatusCode.UNIMPLEMENTED:
                raise RuntimeError("please upgrade") from err

    def report_quietly(self, request):
        try:
            self._fleet_stub.ReportMetrics(request)
        except grpc.RpcError as err:
            log.warning("report: %s", err)

    @older_servers
    def depart(self, request):
        return self._fleet_stub.Depart(request)

    def declared(self, request):
        # protoskew: handled the interceptor of the channel drops it
        return self._fleet_stub.Depart(request)


def pair(channel):
    stub, store = fleet_pb2_grpc.FleetStub(channel), Store(channel)
    store.Put(None)
    return stub


def through_result(channel):
    stub = pair(channel)
    for agent in stub.Watch(None):
        print(agent)


def untyped(stub):
    stub.Depart(None)


class Servicer(fleet_pb2_grpc.FleetServicer):
    def Never(self, request, context):
        return fleet_pb2.Agent()


class Registry:
    def __init__(self, channel):
        self._stub = fleet_pb2_grpc.FleetStub(channel)
        self._watch(self._stub, timeout=1)
        register(1, stub=self._stub)

    def _watch(self, stub, timeout):
        return stub.Watch(None, timeout=timeout)


def register(number, stub: Any):
    return stub.Arrive(number)


def through_wrapper(session):
    return session.depart("now")
