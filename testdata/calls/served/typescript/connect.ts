import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { Fleet } from "./gen/fleet_pb";

const depart = async (agent: Agent) => {
  if (agent.old) throw new ConnectError("too old", Code.Unimplemented);
  return agent;
};

export default (router: ConnectRouter) =>
  router.service(Fleet, {
    arrive: (agent) => agent,
    depart,
    async reportMetrics() {
      throw new ConnectError("no longer", Code.Unimplemented);
    },
    watch: handlers.watch,
  });
