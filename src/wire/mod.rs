//! What a reader makes of a field that was written as another type: the part of protobuf that
//! rules about types have in common.

pub mod binary;
mod by_name;
pub mod json;
mod template;

pub use by_name::{ByName, stem};
pub use template::Template;

/// What becomes of a value on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Every value arrives as it was sent.
    Same,
    /// Some values arrive as others; the words say which, and as what.
    SomeChange(&'static str),
    /// Most values arrive as others; the words give an example.
    Garbage(&'static str),
    /// What stands behind a length is taken for something of another kind; the words say what
    /// for.
    Mistaken(&'static str),
    /// The receiver finds no value of its own in what was sent.
    Unreadable,
    /// It finds none in some values; the words say which.
    SomeLost(&'static str),
    /// Some values make the whole message unreadable; the words say which.
    SomeRejected(&'static str),
    /// Nearly every value makes the whole message unreadable; the words say why.
    Rejected(&'static str),
}
