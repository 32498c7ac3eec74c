//! What a reader of the binary format makes of a value that was written as another type.
//!
//! Sources: protobuf.dev, "Encoding" and "Updating a message type"; where that is silent or
//! generous, what the runtimes of C++, Java, Go and Python did when they were tried.

use super::Reading;
use crate::schema::{Cardinality, Field, FieldType, Scalar};

/// The wire types, by what follows the tag (protobuf.dev/programming-guides/encoding).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WireType {
    Varint,
    Eight,
    Length,
    Four,
}

/// One value of `sent`, read as one value of `read`. Two messages are compared where they meet,
/// two enums likewise; an opaque type is whatever the other is.
pub fn read_as(sent: &FieldType, read: &FieldType) -> Reading {
    use FieldType::{Enum, Group, Message, Opaque, Scalar as S};
    let (S(sent), S(read)) = (sent, read) else {
        return match (sent, read) {
            (Opaque(_), _) | (_, Opaque(_)) | (Enum(_), Enum(_)) => Reading::Same,
            (Message(_), Message(_)) | (Group(_), Group(_)) => Reading::Same,
            (Enum(_), S(scalar)) => scalars(Scalar::Int32, *scalar),
            (S(scalar), Enum(_)) => scalars(*scalar, Scalar::Int32),
            // Bytes hold the message, as it was encoded.
            (Message(_), S(Scalar::Bytes)) => Reading::Same,
            (Message(_), S(Scalar::String)) => {
                Reading::SomeRejected("messages whose encoding is not UTF-8")
            }
            (S(Scalar::Bytes | Scalar::String), Message(_)) => {
                Reading::SomeRejected("values that do not encode such a message")
            }
            _ => Reading::Unreadable,
        };
    };
    scalars(*sent, *read)
}

fn scalars(sent: Scalar, read: Scalar) -> Reading {
    use Scalar::{
        Bool, Bytes, Double, Fixed32, Fixed64, Float, Int32, Int64, Sfixed32, Sfixed64, Sint32,
        Sint64, String, Uint32, Uint64,
    };
    if sent == read {
        return Reading::Same;
    }
    if wire_type(sent) != wire_type(read) {
        return Reading::Unreadable;
    }
    match (sent, read) {
        (Int32, Int64) | (Uint32, Uint64 | Int64) | (Sint32, Sint64) => Reading::Same,
        (Bool, Int32 | Int64 | Uint32 | Uint64) | (String, Bytes) => Reading::Same,
        (Int32 | Int64 | Uint32 | Uint64, Bool) => {
            Reading::SomeChange("values other than 0 and 1 arrive as true, which is 1")
        }
        (Sint32 | Sint64, Bool) => Reading::SomeChange("values other than 0 arrive as true"),
        (Int64, Int32) => Reading::SomeChange("values beyond 32 bits lose their upper half"),
        (Uint64, Uint32) => Reading::SomeChange("values from 2^32 lose their upper half"),
        (Sint64, Sint32) => Reading::SomeChange("values beyond 32 bits arrive as others"),
        (Int32, Uint32) => Reading::SomeChange("negative values arrive as 2^32 - 1 and less"),
        (Int32 | Int64, Uint64) => {
            Reading::SomeChange("negative values arrive as 2^64 - 1 and less")
        }
        (Int64, Uint32) => {
            Reading::SomeChange("negative values, and those from 2^32, arrive as others")
        }
        (Uint32, Int32) => Reading::SomeChange("values from 2^31 arrive as negative ones"),
        (Uint64, Int64) => Reading::SomeChange("values from 2^63 arrive as negative ones"),
        (Uint64, Int32) => Reading::SomeChange("values from 2^31 arrive as others"),
        (Fixed32, Sfixed32) => Reading::SomeChange("values from 2^31 arrive as negative ones"),
        (Sfixed32, Fixed32) => Reading::SomeChange("negative values arrive as 2^32 - 1 and less"),
        (Fixed64, Sfixed64) => Reading::SomeChange("values from 2^63 arrive as negative ones"),
        (Sfixed64, Fixed64) => Reading::SomeChange("negative values arrive as 2^64 - 1 and less"),
        (Bytes, String) => Reading::SomeRejected("values that are not UTF-8"),
        // One end folds the sign into the lowest bit, the other does not.
        (Sint32 | Sint64, _) => Reading::Garbage("-1 arrives as 1, 1 as 2"),
        (_, Sint32 | Sint64) => Reading::Garbage("1 arrives as -1, 2 as 1"),
        (Float, Fixed32 | Sfixed32) => Reading::Garbage("1.0 arrives as 1065353216"),
        (Fixed32 | Sfixed32, Float) => Reading::Garbage("1 arrives as 1.4e-45"),
        (Double, Fixed64 | Sfixed64) => Reading::Garbage("1.0 arrives as 4607182418800017408"),
        (Fixed64 | Sfixed64, Double) => Reading::Garbage("1 arrives as 4.9e-324"),
        _ => Reading::Garbage("values arrive as others"),
    }
}

fn wire_type(scalar: Scalar) -> WireType {
    match scalar {
        Scalar::Int32
        | Scalar::Int64
        | Scalar::Uint32
        | Scalar::Uint64
        | Scalar::Sint32
        | Scalar::Sint64
        | Scalar::Bool => WireType::Varint,
        Scalar::Fixed64 | Scalar::Sfixed64 | Scalar::Double => WireType::Eight,
        Scalar::Fixed32 | Scalar::Sfixed32 | Scalar::Float => WireType::Four,
        Scalar::String | Scalar::Bytes => WireType::Length,
    }
}

/// Any number of values, in order.
pub fn is_repeated(field: &Field) -> bool {
    matches!(field.cardinality, Cardinality::Repeated { .. })
}

/// A list that is written behind one tag.
pub fn is_packed(field: &Field) -> bool {
    field.cardinality == Cardinality::Repeated { packed: true }
}

/// Readers of lists of these take both the packed and the expanded form.
pub fn is_packable(ty: &FieldType) -> bool {
    match ty {
        FieldType::Scalar(scalar) => !matches!(scalar, Scalar::String | Scalar::Bytes),
        FieldType::Enum(_) => true,
        FieldType::Message(_) | FieldType::Group(_) | FieldType::Opaque(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::FullName;

    const ALL: [Scalar; 15] = [
        Scalar::Double,
        Scalar::Float,
        Scalar::Int32,
        Scalar::Int64,
        Scalar::Uint32,
        Scalar::Uint64,
        Scalar::Sint32,
        Scalar::Sint64,
        Scalar::Fixed32,
        Scalar::Fixed64,
        Scalar::Sfixed32,
        Scalar::Sfixed64,
        Scalar::Bool,
        Scalar::String,
        Scalar::Bytes,
    ];

    /// No pair falls through to words that say nothing.
    #[test]
    fn every_ordered_pair_of_scalars_has_its_own_words() {
        for sent in ALL {
            for read in ALL {
                let reading = scalars(sent, read);
                assert_ne!(
                    reading,
                    Reading::Garbage("values arrive as others"),
                    "{sent:?} {read:?}"
                );
                assert_eq!(reading == Reading::Same && sent != read, safe(sent, read));
            }
        }
    }

    /// What protobuf.dev calls compatible and no value contradicts.
    fn safe(sent: Scalar, read: Scalar) -> bool {
        use Scalar::{Bool, Bytes, Int32, Int64, Sint32, Sint64, String, Uint32, Uint64};
        matches!(
            (sent, read),
            (Int32, Int64)
                | (Uint32, Uint64 | Int64)
                | (Sint32, Sint64)
                | (Bool, Int32 | Int64 | Uint32 | Uint64)
                | (String, Bytes)
        )
    }

    #[test]
    fn an_opaque_type_is_whatever_the_other_is() {
        let opaque = FieldType::Opaque(FullName::new("a.B"));
        for scalar in ALL {
            assert_eq!(read_as(&opaque, &FieldType::Scalar(scalar)), Reading::Same);
        }
    }
}
