use super::{Context, Effect, JSON, Rule, example};
use crate::{
    schema::{Element, HttpBinding, Method},
    skew::Ends,
    wire::Template,
};

pub(super) static RULE: Rule = Rule {
    id: "http-binding-missing",
    title: "REST client calls a path that the server's gateway does not have",
    effect: Effect::CallFails,
    only_some: false,
    codecs: JSON,
    lenient: false,
    explanation: "\
A gateway (grpc-gateway, Envoy's transcoder, Google's own) serves the paths of the `google.api.http` \
options of the schema it was built from. A REST client of the other version uses the paths of its \
own. The gRPC method may well be there: it is the path, the verb or the body that is not.",
    symptom: "\
HTTP 404 or 405 from the gateway; where only the body differs, 400, or a field that stays unset.",
    runtimes: &[],
    advice: "\
Keep the old binding as one of the `additional_bindings` until no client uses it; ship the gateway \
before the clients that use a new one.",
    buf: &[],
    example: example!("http-binding-missing"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Method(client), receiver: Element::Method(server) } = ends
    else {
        return None;
    };
    let said: Vec<String> = client.http.iter().filter_map(|it| trouble(it, server)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// What a client that uses the binding meets at the server.
fn trouble(binding: &HttpBinding, server: &Method) -> Option<String> {
    let HttpBinding { verb, path, body, response_body } = binding;
    let serves = |it: &&HttpBinding| {
        (it.verb == *verb || it.verb == "*") && Template::of(&it.path).covers(&Template::of(path))
    };
    let twins: Vec<&HttpBinding> = server.http.iter().filter(serves).collect();
    let Some(twin) = twins.iter().find(|it| it.body == *body).or(twins.first()) else {
        return Some(format!("the server has no `{verb} {path}`"));
    };
    let (what, [theirs, ours]) = match () {
        () if twin.body != *body => ("body", [body, &twin.body]),
        () if twin.response_body != *response_body => {
            ("response body", [response_body, &twin.response_body])
        }
        () => return None,
    };
    let [theirs, ours] = [theirs, ours].map(|it| match (it.as_str(), what) {
        ("", "body") => "none".to_owned(),
        ("", _) => "the whole response".to_owned(),
        (field, _) => format!("`{field}`"),
    });
    Some(format!(
        "the {what} of `{verb} {path}` is {theirs} to the client and {ours} to the server"
    ))
}
