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
            let (name, _) = split_word(blank(rest));
            if !name.is_empty() {
                outline.calls.insert(String::from_utf8_lossy(name).into_owned());
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

/// The string that an import names; strings side by side are one. There may be a word before it.
fn quoted(rest: &[u8]) -> Option<String> {
    let mut rest = blank(split_word(blank(rest)).1);
    let mut name = Vec::new();
    while let [quote @ (b'"' | b'\''), text @ ..] = rest {
        let close = memchr::memchr(*quote, text)?;
        name.extend_from_slice(&text[..close]);
        rest = blank(&text[close + 1..]);
    }
    (!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned())
}

/// Without the space and the comments it begins with. Nobody writes more than some, and in a file
/// that is all comments this must not take for ever.
fn blank(mut rest: &[u8]) -> &[u8] {
    for _ in 0..64 {
        rest = rest.trim_ascii_start();
        let end = match rest {
            [b'/', b'/', ..] => memchr::memchr(b'\n', rest),
            [b'/', b'*', ..] => memmem::find(&rest[2..], b"*/").map(|at| at + 4),
            _ => break,
        };
        rest = &rest[end.unwrap_or(rest.len())..];
    }
    rest
}

fn split_word(rest: &[u8]) -> (&[u8], &[u8]) {
    rest.split_at(rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len()))
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
            important; // import\nservice\tManager{rpc Arrive (A) returns(B);rpc\n  Depart(A)\n\
            import /* \"not.proto\" */ \"e/\" // it's in two\n 'f.proto'; rpc/**/ Stay //\n (A)";
        let outline = outline(source);
        let imports = ["a/b.proto", "c.proto", "d.proto", "e/f.proto"].map(Into::into);
        assert_eq!(outline.imports, imports.into());
        let calls = ["Arrive", "Depart", "Manager", "Stay"].map(Into::into);
        assert!(outline.calls.is_superset(&calls.into()), "{:?}", outline.calls);
    }
}
