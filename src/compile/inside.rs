//! The steps that one file goes through before it is linked, for tests and for fuzzing. Nobody
//! else may count on them.

use prost_types::FileDescriptorProto;

use super::{parse, prepass};
use crate::error::Error;

/// What the parser is given for a source, and whether that is a byte longer; `None` if it is the
/// source itself.
pub fn prepared(source: &str) -> Option<(String, bool)> {
    let prepared = prepass::prepare(source)?;
    Some((prepared.text, prepared.widened.is_some()))
}

/// The descriptor of a source, parsed and not linked.
///
/// # Errors
/// The source is not protobuf.
pub fn descriptor(source: &str) -> Result<FileDescriptorProto, Vec<Error>> {
    Ok(parse::descriptor("source", source)?.0)
}
