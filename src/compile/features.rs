//! What a file's syntax means for its elements, in the terms of editions' features
//! (protobuf.dev/editions/features).

/// The features that change what a program reads or writes, resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Features {
    /// `field_presence = EXPLICIT`; else `IMPLICIT`.
    pub(crate) explicit: bool,
    /// `enum_type = OPEN`; else `CLOSED`.
    pub(crate) open: bool,
    /// `repeated_field_encoding = PACKED`; else `EXPANDED`.
    pub(crate) packed: bool,
    /// `utf8_validation = VERIFY`; else `NONE`.
    pub(crate) utf8: bool,
    /// `message_encoding = DELIMITED`; else `LENGTH_PREFIXED`.
    pub(crate) delimited: bool,
}

impl Features {
    /// What `syntax = "proto2"`, or no syntax at all, stands for.
    pub(crate) const PROTO2: Features =
        Features { explicit: true, open: false, packed: false, utf8: false, delimited: false };
    /// What `syntax = "proto3"` stands for.
    pub(crate) const PROTO3: Features =
        Features { explicit: false, open: true, packed: true, utf8: true, delimited: false };
}
