//! The steps that one file goes through before it is linked, for tests and for fuzzing. Nobody
//! else may count on them.

use std::collections::BTreeSet;

use prost_types::FileDescriptorProto;

use super::{outline, parse, prepass};
use crate::error::Error;

/// What the parser is given for a source, and by how many bytes that is longer; `None` if it is the
/// source itself.
pub fn prepared(source: &str) -> Option<(String, usize)> {
    let prepared = prepass::prepare(source)?;
    Some((prepared.text, prepared.widened.map_or(0, |(_, by)| by)))
}

/// The imports and calls of a source, as they are seen at a glance.
pub fn outline(source: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let outline = outline::outline(source.as_bytes());
    (outline.imports, outline.calls)
}

/// The descriptor of a source, parsed and not linked.
///
/// # Errors
/// The source is not protobuf.
pub fn descriptor(source: &str) -> Result<FileDescriptorProto, Vec<Error>> {
    Ok(parse::descriptor("source", source)?.0)
}
