//! Bytes, as C++, Java and Go write and read them; where they differ, as the one that loses most.
//!
//! Source: protobuf.dev, "Encoding".

use crate::schema::{FieldType, Scalar};

mod decode;
mod encode;

pub(super) use decode::{Reader, complete, set};
pub use decode::{decode, missing};
pub use encode::encode;

/// The wire types, the lowest three bits of a tag.
pub(super) mod wire_type {
    pub(in super::super) const VARINT: u8 = 0;
    pub(in super::super) const EIGHT: u8 = 1;
    pub(in super::super) const LENGTH: u8 = 2;
    pub(in super::super) const GROUP: u8 = 3;
    pub(in super::super) const GROUP_END: u8 = 4;
    pub(in super::super) const FOUR: u8 = 5;
}
use wire_type::{EIGHT, FOUR, GROUP, LENGTH, VARINT};

/// As deep as the parsers of C++, Java and Python follow messages in messages.
pub const DEEPEST: usize = 100;

/// How one value of a type is written, not packed.
pub(super) fn wire_type_of(ty: &FieldType) -> u8 {
    match ty {
        FieldType::Scalar(scalar) => match scalar {
            Scalar::Double | Scalar::Fixed64 | Scalar::Sfixed64 => EIGHT,
            Scalar::Float | Scalar::Fixed32 | Scalar::Sfixed32 => FOUR,
            Scalar::String | Scalar::Bytes => LENGTH,
            _ => VARINT,
        },
        FieldType::Enum(_) => VARINT,
        FieldType::Group(_) => GROUP,
        FieldType::Message(_) | FieldType::Opaque(_) => LENGTH,
    }
}

/// Why a parser refuses bytes, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);
