import { Code, ConnectError, createClient, type Client } from "@connectrpc/connect";
import { Fleet } from "../gen/fleet_pb";
import { KVClient } from "../gen/fleet_grpc_pb";

export class Session {
  private readonly fleet: Client<typeof Fleet>;
  private store = new KVClient("localhost:1", credentials);

  constructor(transport: Transport) {
    this.fleet = createClient(Fleet, transport);
  }

  async arrive() {
    return await this.fleet.arrive({});
  }

  put() {
    this.store.put({}, (err: Error) => console.log(err));
  }

  async report() {
    try {
      await this.fleet.reportMetrics({});
    } catch (err) {
      if (ConnectError.from(err).code !== Code.Unimplemented) {
        throw err;
      }
    }
  }

  async reportOrElse() {
    try {
      await this.fleet.reportMetrics({});
    } catch {
      return "nothing";
    }
  }
}

export async function watch(transport: Transport) {
  const client = createClient(Fleet, transport);
  for await (const agent of client.watch({})) {
    console.log(agent);
  }
}

export function train(train: Train) {
  train.depart("now");
}

const FLEET = createClientToken(Fleet);

export class Injected {
  fleet = inject(FLEET);

  constructor(private readonly kept: Client<typeof Fleet>) {}

  async arrive() {
    const { kept } = this;
    await kept.arrive({});
    return await this.fleet.arrive({});
  }
}

function put(store, callback) {
  store.put({}, callback);
}

export function putAll() {
  put(new KVClient("localhost:1", credentials), (err) => console.log(err));
}
