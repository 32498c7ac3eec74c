//! Servers that come to refuse what they declare, in every language.

use serde_json::{Value, json};

use crate::repo::Place;

const SCHEMA: &str = "syntax = \"proto3\";\npackage acme.v1;\n\
    service Manager {\n  rpc Arrive(Agent) returns (Agent);\n  rpc UpdateAgent(Agent) returns (Agent);\n}\n\
    message Agent {}\n";

/// A client and a server in one language; `BODY` is what the server does about `UpdateAgent`.
struct Program {
    client: (&'static str, &'static str),
    server: (&'static str, &'static str),
    answers: &'static str,
    refuses: &'static str,
}

const PROGRAMS: [Program; 5] = [
    Program {
        client: (
            "agent/client.py",
            "import manager_pb2_grpc\n\n\ndef run(channel, agent):\n    \
             manager = manager_pb2_grpc.ManagerStub(channel)\n    return manager.UpdateAgent(agent)\n",
        ),
        server: (
            "manager/server.py",
            "import grpc\nimport manager_pb2_grpc\n\n\n\
             class Manager(manager_pb2_grpc.ManagerServicer):\n    \
             def Arrive(self, request, context):\n        return request\n\n    \
             def UpdateAgent(self, request, context):\n        BODY\n\n\n\
             manager_pb2_grpc.add_ManagerServicer_to_server(Manager(), server)\n",
        ),
        answers: "return request",
        refuses: "context.abort(grpc.StatusCode.UNIMPLEMENTED, \"no longer\")",
    },
    Program {
        client: (
            "agent/Client.java",
            "class Client {\n  Agent run(ManagerGrpc.ManagerBlockingStub manager, Agent agent) {\n    \
             return manager.updateAgent(agent);\n  }\n}\n",
        ),
        server: (
            "manager/Service.java",
            "class Service extends ManagerGrpc.ManagerImplBase {\n  \
             public void arrive(Agent agent, StreamObserver<Agent> out) { out.onNext(agent); }\n  \
             public void updateAgent(Agent agent, StreamObserver<Agent> out) { BODY }\n  \
             }\n\nclass Main {\n  \
             Server server = ServerBuilder.forPort(1).addService(new Service()).build();\n}\n",
        ),
        answers: "out.onNext(agent); out.onCompleted();",
        refuses: "out.onError(Status.UNIMPLEMENTED.asException());",
    },
    Program {
        client: (
            "agent/Client.kt",
            "suspend fun run(manager: ManagerGrpcKt.ManagerCoroutineStub, agent: Agent) =\n    \
             manager.updateAgent(agent)\n",
        ),
        server: (
            "manager/Service.kt",
            "class Service : ManagerGrpcKt.ManagerCoroutineImplBase() {\n    \
             override suspend fun arrive(request: Agent) = request\n    \
             override suspend fun updateAgent(request: Agent): Agent = BODY\n}\n\n\
             val server = ServerBuilder.forPort(1).addService(Service()).build()\n",
        ),
        answers: "request",
        refuses: "throw StatusException(Status.UNIMPLEMENTED)",
    },
    Program {
        client: (
            "agent/client.rs",
            "use crate::pb::manager_client::ManagerClient;\n\n\
             async fn run(mut manager: ManagerClient<Channel>, agent: Agent) -> Result<(), Status> {\n    \
             manager.update_agent(agent).await?;\n    Ok(())\n}\n",
        ),
        server: (
            "manager/server.rs",
            "use crate::pb::manager_server::{Manager, ManagerServer};\n\n\
             #[tonic::async_trait]\nimpl Manager for Service {\n    \
             async fn arrive(&self, it: Request<Agent>) -> Answer { Ok(Response::new(it.into_inner())) }\n    \
             async fn update_agent(&self, it: Request<Agent>) -> Answer { BODY }\n}\n\n\
             fn serve() { Server::builder().add_service(ManagerServer::new(Service::default())); }\n",
        ),
        answers: "Ok(Response::new(it.into_inner()))",
        refuses: "Err(Status::unimplemented(\"no longer\"))",
    },
    Program {
        client: (
            "agent/client.ts",
            "import { createClient } from \"@connectrpc/connect\";\n\
             import { Manager } from \"./gen/manager_pb\";\n\n\
             const manager = createClient(Manager, transport);\n\n\
             export async function run(agent: Agent) {\n  return await manager.updateAgent(agent);\n}\n",
        ),
        server: (
            "manager/server.ts",
            "import { Code, ConnectError } from \"@connectrpc/connect\";\n\
             import { Manager } from \"./gen/manager_pb\";\n\n\
             export default (router: ConnectRouter) =>\n  router.service(Manager, {\n    \
             arrive: (agent) => agent,\n    async updateAgent(agent) { BODY },\n  });\n",
        ),
        answers: "return agent;",
        refuses: "throw new ConnectError(\"no longer\", Code.Unimplemented);",
    },
];

/// The schema stays as it is, and only the sources show that calls come to fail.
#[test]
fn a_server_that_comes_to_refuse_a_call_is_found_in_every_language() {
    for Program { client, server, answers, refuses } in &PROGRAMS {
        let place = Place::repository();
        place.write("manager.proto", SCHEMA);
        place.write(client.0, client.1);
        for (tag, body) in [("v1", answers), ("v2", refuses)] {
            place.write(server.0, server.1.replace("BODY", body));
            place.commit_all();
            place.tag(tag);
        }
        let ran = place.run("check v1 v2 --format json");
        let verdicts = ran.json()["verdicts"].clone();
        let of = |at: usize| -> Value {
            let findings = verdicts[at]["findings"].as_array().unwrap().iter();
            let told = |it: &Value| {
                let by = &it["evidence"]["served"][0]["file"];
                json!([it["rule"], it["level"], it["subject"], by])
            };
            findings.map(told).collect()
        };
        let name = "acme.v1.Manager.UpdateAgent";
        assert_eq!(of(0), json!([]), "{}", client.0);
        assert_eq!(of(1), json!([["rpc-refused", "error", name, server.0]]), "{}", client.0);
        let page = place.run("check v1 v2 --format json --no-calls").json();
        assert_eq!(page["verdicts"][1]["findings"], json!([]), "{}", client.0);
    }
}
