import { Code, ConnectError } from "@connectrpc/connect";

export class Handlers {
  async arrive(agent: Agent, context: HandlerContext) {
    return agent;
  }

  async depart(agent: Agent, context: HandlerContext) {
    throw new ConnectError("no longer", Code.Unimplemented);
  }
}
