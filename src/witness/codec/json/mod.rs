//! ProtoJSON (protobuf.dev, "ProtoJSON Format"), as C++, Java, Go and Python write and read it;
//! where they differ, as the one that refuses most.

mod known;
mod read;
mod write;

pub use read::read;
pub use write::write;

pub(in crate::witness) use known::wrapped;

/// What a parser does with keys and names of enum values that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// It refuses the message, as parsers do by default.
    Refuse,
    /// It passes over them.
    Ignore,
}
