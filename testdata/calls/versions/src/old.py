from acme.depot.v1beta1 import depot_pb2_grpc


def fetch(channel, train):
    return depot_pb2_grpc.DepotStub(channel).FetchTrain(train)
