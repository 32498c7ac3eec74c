use super::{Context, Effect, JSON, Rule, example, types};
use crate::{
    schema::{Cardinality, Element},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "json-field-lost",
    title: "sender writes a field under a JSON key that the receiver passes over",
    effect: Effect::Lost,
    only_some: false,
    codecs: JSON,
    lenient: true,
    explanation: "\
In JSON the name is the field. Both ends have the field, under one number, but not under one key, and \
the receiver's parser was told to ignore what it does not know: it drops the value without a word. One \
that was not refuses the message: see `json-name-changed`.",
    symptom: "\
Nothing: the call succeeds, and the field is unset.",
    runtimes: &[
        ("C++, Java, Go, Python", "pass over the key when asked to"),
        ("connect-go, connect-es, grpc-gateway", "pass over the key without being asked to"),
    ],
    advice: "\
Keep the old key: `[json_name = \"old\"]`.",
    buf: &["FIELD_SAME_JSON_NAME", "FIELD_SAME_NAME"],
    example: example!("json-field-lost"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    // What is required and not there makes more trouble: `required-field-missing`.
    let required = read.cardinality == Cardinality::Required;
    if !context.ignore_unknown || required {
        return None;
    }
    let (theirs, ours) = (&sent.json_name, &read.json_name);
    if !context.accepts(sent, read) {
        return Some(format!(
            "the receiver passes over the key `{theirs}`, which is `{ours}` to it"
        ));
    }
    context.passes_over(sent, read).then(|| {
        let [written, wanted] = types(sent, read);
        format!("`{theirs}` is sent as {written} and read as {wanted}, which passes over what it does not know")
    })
}
