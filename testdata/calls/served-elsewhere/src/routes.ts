import { createClient, type ConnectRouter } from "@connectrpc/connect";
import { Fleet } from "./gen/fleet_pb";

const peer = createClient(Fleet, transport);
const handlers = new Handlers();

export default (router: ConnectRouter) =>
  router.service(Fleet, {
    arrive: (agent, context) => handlers.arrive(agent, context),
    depart: (agent, context) => handlers.depart(agent, context),
    rest: (agent) => peer.rest(agent),
  });
