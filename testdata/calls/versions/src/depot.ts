import { createClient } from "@connectrpc/connect";
import { Depot } from "../gen/acme/depot/v1beta1/depot_pb";

export const depot = createClient(Depot, transport);

export async function fetchTrain() {
  return await depot.fetchTrain({});
}
