import { Fleet } from "../gen/fleet_pb";

const client = createClient(Fleet, transport);
expect(client.arrive({})).to.not.be.undefined;
