import grpc
from contextlib import suppress

from api import fleet_pb2_grpc


def is_unimplemented(err):
    return err.code() == grpc.StatusCode.UNIMPLEMENTED


def should_retry(err):
    return err.code() in (
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.INTERNAL,
    )


def tolerant(func):
    def wrapped(*args):
        try:
            return func(*args)
        except grpc.RpcError as err:
            if is_unimplemented(err) or err.code() == grpc.StatusCode.UNIMPLEMENTED:
                return None
            raise

    return wrapped


class Caught:
    def __init__(self, channel):
        self.stub = fleet_pb2_grpc.FleetStub(channel)

    def by_helper(self):
        try:
            return self.stub.Arrive(None)
        except grpc.RpcError as err:
            if not is_unimplemented(err):
                raise

    def by_classifier(self):
        try:
            return self.stub.Arrive(None)
        except grpc.RpcError as err:
            if should_retry(err):
                return None
            raise

    def of_another_kind(self):
        try:
            return self.stub.Arrive(None)
        except ValueError:
            return None

    def suppressed(self):
        with suppress(grpc.RpcError):
            self.stub.Arrive(None)

    def handed_to_its_caller(self):
        return self.stub.Arrive(None)

    @tolerant
    def caller(self):
        return self.handed_to_its_caller()

    def gated(self):
        if self.server.supports_arrival():
            self.stub.Arrive(None)
