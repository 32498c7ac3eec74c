//! What a file's syntax means for its elements, in the terms of editions' features
//! (protobuf.dev/editions/features).

use prost_types::UninterpretedOption;

use crate::excerpt::short;

/// The features that change what a program reads or writes, resolved for one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) presence: Presence,
    /// `enum_type = OPEN`; else `CLOSED`.
    pub(crate) open: bool,
    /// `repeated_field_encoding = PACKED`; else `EXPANDED`.
    pub(crate) packed: bool,
    /// `utf8_validation = VERIFY`; else `NONE`.
    pub(crate) utf8: bool,
    /// `message_encoding = DELIMITED`; else `LENGTH_PREFIXED`.
    pub(crate) delimited: bool,
    /// `json_format = LEGACY_BEST_EFFORT`; else `ALLOW`.
    pub(crate) legacy_json: bool,
    /// `(pb.cpp).legacy_closed_enum`, `(pb.java).legacy_closed_enum`: true in proto2.
    pub(crate) closes_enums: bool,
}

/// `field_presence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Explicit,
    Implicit,
    /// `LEGACY_REQUIRED`.
    Required,
}

/// The syntaxes and editions that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    Proto2,
    Proto3,
    Edition2023,
    Edition2024,
    Edition2026,
}

impl Edition {
    /// By the text of an edition statement.
    ///
    /// # Errors
    /// An edition of which only the name is known.
    pub(crate) fn named(name: &str) -> Result<Edition, String> {
        match name {
            "2023" => Ok(Edition::Edition2023),
            "2024" => Ok(Edition::Edition2024),
            "2026" => Ok(Edition::Edition2026),
            name => Err(format!("edition `{}` is not known; 2023, 2024 and 2026 are", short(name))),
        }
    }

    /// By the number of `google.protobuf.Edition`.
    ///
    /// # Errors
    /// As [`Edition::named`].
    pub(crate) fn numbered(number: i32) -> Result<Edition, String> {
        match number {
            1000 => Ok(Edition::Edition2023),
            1001 => Ok(Edition::Edition2024),
            1002 => Ok(Edition::Edition2026),
            number => {
                Err(format!("the edition of number {number} is not known; 2023, 2024 and 2026 are"))
            }
        }
    }

    /// What holds where no feature is set: the defaults of `descriptor.proto`.
    pub(crate) fn defaults(self) -> Features {
        let proto2 = Features {
            presence: Presence::Explicit,
            open: false,
            packed: false,
            utf8: false,
            delimited: false,
            legacy_json: true,
            closes_enums: true,
        };
        let editions = Features {
            open: true,
            packed: true,
            utf8: true,
            legacy_json: false,
            closes_enums: false,
            ..proto2
        };
        match self {
            Edition::Proto2 => proto2,
            Edition::Proto3 => Features { presence: Presence::Implicit, ..editions },
            Edition::Edition2023 | Edition::Edition2024 | Edition::Edition2026 => editions,
        }
    }
}

impl Features {
    /// With what the options of an element inside set.
    pub(crate) fn with(mut self, options: &[UninterpretedOption]) -> Features {
        for option in options {
            let [features, rest @ ..] = option.name.as_slice() else { continue };
            if features.name_part != "features" || features.is_extension {
                continue;
            }
            match rest {
                [name] if !name.is_extension => {
                    self.set(&name.name_part, option.identifier_value());
                }
                // One of these languages suffices: a program in it loses what others keep.
                [language, name]
                    if ["pb.cpp", "pb.java"].contains(&&*language.name_part)
                        && name.name_part == "legacy_closed_enum" =>
                {
                    self.closes_enums |= option.identifier_value() == "true";
                }
                // `features = { field_presence: IMPLICIT enum_type: CLOSED }`
                [] => {
                    let text = option.aggregate_value().replace([':', ',', ';'], " ");
                    let words: Vec<&str> = text.split_whitespace().collect();
                    words.windows(2).for_each(|pair| self.set(pair[0], pair[1]));
                }
                _ => (),
            }
        }
        self
    }

    fn set(&mut self, name: &str, value: &str) {
        match (name, value) {
            ("field_presence", "EXPLICIT") => self.presence = Presence::Explicit,
            ("field_presence", "IMPLICIT") => self.presence = Presence::Implicit,
            ("field_presence", "LEGACY_REQUIRED") => self.presence = Presence::Required,
            ("enum_type", "OPEN" | "CLOSED") => self.open = value == "OPEN",
            ("repeated_field_encoding", "PACKED" | "EXPANDED") => self.packed = value == "PACKED",
            ("utf8_validation", "VERIFY" | "NONE") => self.utf8 = value == "VERIFY",
            ("message_encoding", "DELIMITED" | "LENGTH_PREFIXED") => {
                self.delimited = value == "DELIMITED";
            }
            ("json_format", "ALLOW" | "LEGACY_BEST_EFFORT") => self.legacy_json = value != "ALLOW",
            _ => (),
        }
    }
}
