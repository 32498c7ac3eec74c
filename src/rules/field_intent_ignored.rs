use super::{BOTH, Codec, Context, Effect, Rule, example};
use crate::{
    schema::Field,
    skew::{Ends, Flow},
};

pub(super) static RULE: Rule = Rule {
    id: "field-intent-ignored",
    title: "sender says with a field what it intends, and the receiver does not know the field",
    effect: Effect::Ignored,
    only_some: false,
    codecs: BOTH,
    lenient: false,
    explanation: "\
By its name the field changes what the call does: `dry_run`, `validate_only`, `force`, a filter or a \
mask, a precondition, a tenant. A receiver that does not know it does the call without: it deletes \
where it was told to pretend, or answers for everybody where one tenant was asked for.",
    symptom: "\
Nothing: the call succeeds, and does what it was told not to do.",
    runtimes: &[],
    advice: "\
Add a new method for the new behaviour, which servers that lack it refuse; or ask the server for its \
version or capabilities before the field is used.",
    buf: &["FIELD_NO_DELETE"],
    example: example!("field-intent-ignored"),
    check,
};

/// Whole names, and the ends and beginnings of names.
const NAMES: [&str; 14] = [
    "dry_run",
    "dryrun",
    "validate_only",
    "validation_only",
    "force",
    "if_match",
    "etag",
    "filter",
    "filters",
    "field_mask",
    "update_mask",
    "read_mask",
    "precondition",
    "preconditions",
];
const ENDS: [&str; 3] = ["_filter", "_mask", "_precondition"];
const BEGINNINGS: [&str; 3] = ["tenant", "only_", "if_"];

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let field = context.unknown_field(ends)?;
    let name = field.name.leaf();
    says_intent(field, context).then(|| match context.codec {
        Codec::Binary => format!("the receiver acts without `{name}` (= {})", field.number),
        Codec::Json => format!("the receiver passes over `{}`, and acts without", field.json_name),
    })
}

/// What a request says besides what it is about.
pub(super) fn says_intent(field: &Field, context: &Context<'_, '_>) -> bool {
    let name = field.name.leaf();
    let known = NAMES.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    context.flow == Flow::Request
        && (known || context.intents.iter().any(|it| it.covers_text(name)))
}
