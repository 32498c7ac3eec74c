const grpc = require("@grpc/grpc-js");

function arrive(call, callback) {
  callback(null, call.request);
}

function reportMetrics(call, callback) {
  callback({ code: grpc.status.UNIMPLEMENTED, message: "no longer" });
}

const implementation = { arrive, reportMetrics, ...rest };

class Watcher {
  watch(call) {
    call.emit("error", { code: grpc.status.UNIMPLEMENTED });
  }
}

function main() {
  const server = new grpc.Server();
  server.addService(proto.fleet.v1.Fleet.service, implementation);
  server.addService(FleetService, new Watcher());
}
