const { FleetClient } = require("./fleet_grpc_pb");

const client = new FleetClient("localhost:1", credentials);

function logged() {
  client.arrive({}, (err, agent) => {
    if (err) {
      console.error(err);
      return;
    }
    show(agent);
  });
}

function tested() {
  client.arrive({}, (err, agent) => {
    if (err && err.code === grpc.status.UNIMPLEMENTED) {
      show(nobody);
    }
  });
}

function promised() {
  return new Promise((resolve, reject) => {
    client.arrive({}, (err, agent) => {
      if (err) reject(err);
      else resolve(agent);
    });
  });
}

function unseen() {
  client.arrive({}, (err, agent) => show(agent));
}

function streamed() {
  const call = client.watch({});
  call.on("data", show);
  call.on("error", (err) => {
    if (err.code !== grpc.status.UNIMPLEMENTED) {
      fail(err);
    }
  });
}

function named() {
  client.arrive({}, arrived);
}

function arrived(err, agent) {
  if (err) {
    throw err;
  }
}
