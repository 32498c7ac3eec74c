//! What a reader of the binary format makes of a value that was written as another type.
//!
//! Sources: protobuf.dev, "Encoding" and "Updating a message type"; where that is silent or
//! generous, what the runtimes of C++, Java, Go and Python did when they were tried.

use super::Reading;
use crate::schema::{Cardinality, Enum, Field, FieldType, Scalar};

/// The wire types, by what follows the tag (protobuf.dev/programming-guides/encoding).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WireType {
    Varint,
    Eight,
    Length,
    Group,
    Four,
}

/// The enums among the types of a field's two ends, where they are enums that are known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Enums<'s> {
    /// That of the sender's field.
    pub sent: Option<&'s Enum>,
    /// That of the receiver's field.
    pub read: Option<&'s Enum>,
    /// The receiver's field keeps only the numbers that its enum has.
    pub closed: bool,
}

/// What the receiver's field finds in what the sender's field writes. Of a list that is read as a
/// single value, this is about each of its values.
pub fn transfer(sent: &Field, read: &Field, enums: Enums<'_>) -> Reading {
    if is_packed(sent) && !is_list_of_numbers(read) {
        return packed_as_one(&read.ty);
    }
    if is_list_of_numbers(read) && wire_type_of(&sent.ty) == Some(WireType::Length) {
        return one_as_packed(&sent.ty, &read.ty);
    }
    if is_packed(sent) && wire_type_of(&sent.ty) != wire_type_of(&read.ty) {
        return packed_as_packed(&sent.ty, &read.ty);
    }
    one_as_one(&sent.ty, &read.ty, enums)
}

/// One value of `sent`, read as one value of `read`. Two messages are compared where they meet,
/// two enums likewise; an opaque type is whatever the other is.
fn one_as_one(sent: &FieldType, read: &FieldType, enums: Enums<'_>) -> Reading {
    use FieldType::{Enum, Group, Message, Opaque, Scalar as S};
    match (sent, read) {
        (S(sent), S(read)) => scalars(*sent, *read),
        (Opaque(_), _) | (_, Opaque(_)) | (Enum(_), Enum(_)) => Reading::Same,
        (Message(_), Message(_)) | (Group(_), Group(_)) => Reading::Same,
        (Enum(_), S(scalar)) => enum_as_number(enums.sent, *scalar),
        (S(scalar), Enum(_)) => number_as_enum(*scalar, enums),
        // Bytes hold the message, as it was encoded.
        (Message(_), S(Scalar::Bytes)) => Reading::Same,
        (Message(_), S(Scalar::String)) => {
            Reading::Mistaken("the encoding of the message is taken for a text, or refused as such")
        }
        (S(Scalar::Bytes), Message(_)) => {
            Reading::SomeRejected("values that do not encode such a message")
        }
        (S(Scalar::String), Message(_)) => {
            Reading::Rejected("which refuses what does not encode such a message, as texts do not")
        }
        _ => Reading::Unreadable,
    }
}

/// Enums are written as `int32` is; their numbers are known, so most of what that could do is not.
fn enum_as_number(item: Option<&Enum>, read: Scalar) -> Reading {
    let reading = scalars(Scalar::Int32, read);
    let within =
        |from, to| item.is_some_and(|it| it.values.keys().all(|it| (from..=to).contains(it)));
    match (reading, read) {
        (Reading::SomeChange(_), Scalar::Bool) if within(0, 1) => Reading::Same,
        (Reading::SomeChange(_), Scalar::Uint32 | Scalar::Uint64) if within(0, i32::MAX) => {
            Reading::Same
        }
        (reading, _) => reading,
    }
}

/// An enum is read as `int32` is, and a closed one keeps only its own numbers.
fn number_as_enum(sent: Scalar, enums: Enums<'_>) -> Reading {
    let known = |number| enums.read.is_some_and(|it| it.values.contains_key(&number));
    match scalars(sent, Scalar::Int32) {
        reading if !enums.closed => reading,
        Reading::Same if sent == Scalar::Bool && known(0) && known(1) => Reading::Same,
        Reading::Same => Reading::SomeLost("drops numbers that it has no name for"),
        Reading::SomeChange(_) => {
            Reading::SomeLost("drops numbers that it has no name for, and cuts down larger ones")
        }
        reading => reading,
    }
}

/// The elements of a packed list, behind one tag and one length, where no list is expected.
fn packed_as_one(read: &FieldType) -> Reading {
    match read {
        FieldType::Scalar(Scalar::String) => {
            Reading::Mistaken("the numbers are taken for the letters of a text, or refused as such")
        }
        FieldType::Scalar(Scalar::Bytes) => {
            Reading::Mistaken("the encoding of the numbers is taken for bytes")
        }
        FieldType::Message(_) => Reading::Rejected(
            "which refuses what does not encode such a message, as numbers do not",
        ),
        FieldType::Opaque(_) => Reading::Same,
        _ => Reading::Unreadable,
    }
}

/// A text, bytes or a message, where a list of numbers may be packed.
fn one_as_packed(sent: &FieldType, read: &FieldType) -> Reading {
    match (sent, wire_type_of(read)) {
        (FieldType::Message(_), Some(WireType::Varint)) => {
            Reading::Mistaken("tags and lengths of the message are taken for numbers")
        }
        (_, Some(WireType::Varint)) => {
            Reading::Mistaken("its bytes are taken for numbers, one each")
        }
        _ => Reading::Rejected("which refuses what is no whole count of numbers"),
    }
}

/// The elements of one packed list, read as those of another wire type.
fn packed_as_packed(sent: &FieldType, read: &FieldType) -> Reading {
    match (wire_type_of(sent), wire_type_of(read)) {
        (_, None) => Reading::Same,
        (Some(WireType::Four | WireType::Eight), Some(WireType::Varint)) => {
            Reading::Mistaken("each byte is taken for a number, and some are refused")
        }
        (Some(WireType::Eight), Some(WireType::Four)) => {
            Reading::Mistaken("each number is taken for two")
        }
        _ => Reading::Rejected("which refuses what is no whole count of numbers"),
    }
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
        (Bool, _) => Reading::Garbage("true arrives as -1"),
        (Sint32 | Sint64, _) => Reading::Garbage("-1 arrives as 1, 1 as 2"),
        (_, Sint32 | Sint64) => Reading::Garbage("1 arrives as -1, 2 as 1"),
        (Float, Fixed32 | Sfixed32) => Reading::Garbage("1.0 arrives as 1065353216"),
        (Fixed32 | Sfixed32, Float) => Reading::Garbage("1 arrives as 1.4e-45"),
        (Double, Fixed64 | Sfixed64) => Reading::Garbage("1.0 arrives as 4607182418800017408"),
        (Fixed64 | Sfixed64, Double) => Reading::Garbage("1 arrives as 4.9e-324"),
        _ => Reading::Garbage("values arrive as others"),
    }
}

/// `None` for a type of which nobody can say.
fn wire_type_of(ty: &FieldType) -> Option<WireType> {
    match ty {
        FieldType::Scalar(scalar) => Some(wire_type(*scalar)),
        FieldType::Enum(_) => Some(WireType::Varint),
        FieldType::Message(_) => Some(WireType::Length),
        FieldType::Group(_) => Some(WireType::Group),
        FieldType::Opaque(_) => None,
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

/// Its reader takes both the packed and the expanded form.
fn is_list_of_numbers(field: &Field) -> bool {
    is_repeated(field) && is_packable(&field.ty)
}

fn is_packable(ty: &FieldType) -> bool {
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
            let reading = one_as_one(&opaque, &FieldType::Scalar(scalar), Enums::default());
            assert_eq!(reading, Reading::Same);
        }
    }
}
