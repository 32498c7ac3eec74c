import grpc

import fleet_pb2_grpc


class Base(fleet_pb2_grpc.FleetServicer):
    def Depart(self, request, context):
        return request


class Fleet(Base):
    """Answers agents."""

    def Arrive(self, request, context):
        if not request.name:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "no name, no answer")
        return request

    def ReportMetrics(self, request, context):
        context.set_code(grpc.StatusCode.UNIMPLEMENTED)
        context.set_details("no longer")
        raise NotImplementedError("no longer")

    async def Watch(self, request, context):
        try:
            yield self.peer.watch(request)
        except grpc.RpcError as e:
            if e.code() == grpc.StatusCode.UNIMPLEMENTED:
                yield request

    def Never(self, request, context):
        return self._known(request, context)

    def _known(self, request, context):
        if request.name not in self.names:
            context.set_code(grpc.StatusCode.UNIMPLEMENTED)
            raise NotImplementedError(request.name)
        return request

    def Old(self, request, context):
        return super().Old(request, context)


class MockFleet(fleet_pb2_grpc.FleetServicer):
    def Arrive(self, request, context):
        return request


def serve(server):
    fleet_pb2_grpc.add_FleetServicer_to_server(Fleet(), server)
