//! Names.

use std::{borrow::Borrow, fmt, sync::Arc};

/// A fully-qualified protobuf name without its leading dot, such as `acme.v1.Manager.Arrive`.
///
/// Unique across everything a schema can declare, so a name is all it takes to say which element
/// is meant. Enum values are named inside their enum (`acme.v1.Phase.PHASE_READY`), not beside it
/// as protobuf scopes them, so that the parent of a name always owns it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FullName(Arc<str>);

impl FullName {
    /// A leading dot is dropped.
    pub fn new(name: &str) -> FullName {
        FullName(name.strip_prefix('.').unwrap_or(name).into())
    }

    /// The name as written in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment: `Arrive` for `acme.v1.Manager.Arrive`.
    pub fn leaf(&self) -> &str {
        self.0.rsplit('.').next().unwrap_or(&self.0)
    }

    /// The name of what encloses this element; empty at the top.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('.').map_or("", |(parent, _)| parent)
    }

    /// What gRPC sends for a method: `/acme.v1.Manager/Arrive`.
    pub fn path(&self) -> String {
        format!("/{}/{}", self.parent(), self.leaf())
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for FullName {
    fn borrow(&self) -> &str {
        &self.0
    }
}
