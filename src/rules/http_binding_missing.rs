use super::{Codec, Context, Effect, Rule, example};
use crate::{
    schema::{Element, HttpBinding, Method},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "http-binding-missing",
    title: "REST client calls a path that the server's gateway does not have",
    effect: Effect::CallFails,
    only_some: false,
    codec: Codec::Json,
    explanation: "\
A gateway (grpc-gateway, Envoy's transcoder, Google's own) serves the paths of the `google.api.http` \
options of the schema it was built from. A REST client of the other version uses the paths of its \
own. The gRPC method may well be there: it is the path, the verb or the body that is not.",
    symptom: "\
HTTP 404 or 405 from the gateway; where only the body differs, 400, or a field that stays unset.",
    advice: "\
Keep the old binding as one of the `additional_bindings` until no client uses it; ship the gateway \
before the clients that use a new one.",
    buf: &[],
    example: example!("http-binding-missing"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_>) -> Option<String> {
    let Ends::Both { sender: Element::Method(client), receiver: Element::Method(server) } = ends
    else {
        return None;
    };
    let missing = client.http.iter().filter(|it| !server.http.contains(it));
    let said: Vec<String> = missing.map(|it| say(it, server)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn say(binding: &HttpBinding, server: &Method) -> String {
    let HttpBinding { verb, path, body } = binding;
    let twin = server.http.iter().find(|it| it.verb == *verb && it.path == *path);
    let word = |body: &str| if body.is_empty() { "none".to_owned() } else { format!("`{body}`") };
    match twin {
        Some(twin) => {
            let [sent, read] = [body, &twin.body].map(|body| word(body));
            format!("the body of `{verb} {path}` is {sent} to the client and {read} to the server")
        }
        None => format!("the server has no `{verb} {path}`"),
    }
}
