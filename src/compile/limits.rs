//! Names that may be: how long protoc takes them, and how many anybody can hold.

use crate::excerpt::short;

/// The most bytes of a full name that protoc takes.
pub(super) const LONGEST_NAME: usize = 65_535;

/// The most bytes that all names of a file may add up to. A full name repeats those around it, so a
/// small file can mean names beyond any memory; those that people wrote stay far below this.
pub(super) const MOST_NAMES: usize = 64 << 20;

/// The most bytes and parts of a package that protoc takes.
const LONGEST_PACKAGE: usize = 511;
const DEEPEST_PACKAGE: usize = 101;

/// What is wrong with the name of a package.
pub(super) fn package_fault(package: &str) -> Option<String> {
    let name = short(package);
    if !package.is_empty() && !package.split('.').all(is_identifier) {
        return Some(format!("`{name}` is not a package"));
    }
    if package.len() > LONGEST_PACKAGE {
        return Some(format!("`{name}` is a longer package than protoc takes"));
    }
    (package.split('.').count() > DEEPEST_PACKAGE)
        .then(|| format!("`{name}` has more parts than a package may have for protoc"))
}

/// The parser lets nothing else through; a descriptor set may hold anything.
pub(super) fn is_identifier(name: &str) -> bool {
    let first = |char: char| char.is_ascii_alphabetic() || char == '_';
    name.starts_with(first) && name.chars().all(|char| first(char) || char.is_ascii_digit())
}
