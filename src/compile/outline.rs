//! What a file imports and which calls it declares, read at a glance: enough to tell which of
//! thousands of unchanged files a change can reach, without parsing them.

use std::collections::BTreeSet;

use memchr::memmem;

/// May name more than the file declares, as comments are read like the rest; never less.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// Import strings.
    pub(super) imports: BTreeSet<String>,
    /// Names of services and methods, without what encloses them.
    pub(super) calls: BTreeSet<String>,
    /// It declares extensions.
    pub(super) extends: bool,
}

pub(super) fn outline(source: &[u8]) -> Outline {
    let mut outline = Outline::default();
    for rest in after(source, b"import") {
        outline.imports.extend(quoted(rest));
    }
    outline.extends = after(source, b"extend").next().is_some();
    for word in [&b"rpc"[..], b"service"] {
        for rest in after(source, word) {
            let rest = rest.trim_ascii_start();
            let end = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
            if let (1.., Ok(name)) = (end, std::str::from_utf8(&rest[..end])) {
                outline.calls.insert(name.to_owned());
            }
        }
    }
    outline
}

/// What follows each place where the word stands alone.
fn after<'s>(source: &'s [u8], word: &'s [u8]) -> impl Iterator<Item = &'s [u8]> {
    memmem::find_iter(source, word).filter_map(move |at| {
        let (before, rest) = (&source[..at], &source[at + word.len()..]);
        let alone = !before.last().is_some_and(|byte| is_word(*byte))
            && !rest.first().is_some_and(|byte| is_word(*byte));
        alone.then_some(rest)
    })
}

/// The strings up to the end of the statement: there may be a word or a comment before them.
fn quoted(rest: &[u8]) -> Option<String> {
    let open = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b';'))?;
    let quote = rest[open];
    let text = &rest[open + 1..];
    let close = memchr::memchr(quote, text)?;
    (quote != b';').then(|| String::from_utf8_lossy(&text[..close]).into_owned())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_and_calls_are_seen_however_they_are_written() {
        let source =
            b"import \"a/b.proto\";import public'c.proto' ;\nimport /* x */ weak \"d.proto\";\n\
            important; // import\nservice\tManager{rpc Arrive (A) returns(B);rpc\n  Depart(A)";
        let outline = outline(source);
        assert_eq!(outline.imports, ["a/b.proto", "c.proto", "d.proto"].map(Into::into).into());
        let calls = ["Arrive", "Depart", "Manager"].map(Into::into);
        assert!(outline.calls.is_superset(&calls.into()), "{:?}", outline.calls);
    }
}
