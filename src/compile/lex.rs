//! The tokens of a `.proto` file: as much of them as it takes to rewrite one, and to see that
//! something else is none.

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Word,
    Number,
    Text,
    Sign(u8),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The tokens of a source, without comments. Whatever else there is stands as signs, byte by byte;
/// the parser will say what it thinks of it.
pub(super) fn lex(source: &str) -> impl Iterator<Item = Token> + '_ {
    let bytes = source.as_bytes();
    let mut at = if source.starts_with('\u{feff}') { 3 } else { 0 };
    std::iter::from_fn(move || {
        loop {
            let start = at;
            let kind = match (*bytes.get(at)?, bytes.get(at + 1)) {
                (b'/', Some(b'/')) => {
                    at = run(bytes, at, |byte| byte != b'\n');
                    continue;
                }
                (b'/', Some(b'*')) => {
                    let end = memchr::memmem::find(&bytes[at + 2..], b"*/");
                    at = end.map_or(bytes.len(), |end| at + 2 + end + 2);
                    continue;
                }
                (quote @ (b'"' | b'\''), _) => {
                    at = end_of_text(bytes, at, quote);
                    Kind::Text
                }
                (byte, _) if byte.is_ascii_digit() => {
                    at = run(bytes, at, |byte| is_word(byte) || byte == b'.');
                    Kind::Number
                }
                (byte, _) if is_word(byte) => {
                    at = run(bytes, at, is_word);
                    Kind::Word
                }
                (byte, _) => {
                    at += 1;
                    if byte.is_ascii_whitespace() || matches!(byte, 0x0b | 0x0c) {
                        continue;
                    }
                    Kind::Sign(byte)
                }
            };
            return Some(Token { kind, start, end: at });
        }
    })
}

/// The first thing that no `.proto` file holds, and where it is. The parser keeps an error for each
/// that there is, which a large file of something else does not let it live through.
pub(super) fn first_mistake(source: &str) -> Option<(usize, &'static str)> {
    let mut depth = 0_usize;
    for Token { kind, start, .. } in lex(source) {
        match kind {
            Kind::Sign(b'{') => depth += 1,
            Kind::Sign(b'}') if depth == 0 => return Some((start, "unexpected `}`")),
            Kind::Sign(b'}') => depth -= 1,
            Kind::Sign(byte) if !b"[]()<>;:,.=+-/#".contains(&byte) => {
                return Some((start, "invalid token"));
            }
            _ => (),
        }
    }
    None
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn run(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|&byte| !wanted(byte)).map_or(bytes.len(), |len| from + len)
}

/// After the closing quote; at the end of the line if there is none.
fn end_of_text(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'\n' {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::first_mistake;

    #[test]
    fn what_is_no_proto_file_is_seen_at_its_first_sign() {
        assert_eq!(first_mistake("message A { string b = 1; } // @ é\n\"@ é\""), None);
        assert_eq!(first_mistake("message A {} @@@"), Some((13, "invalid token")));
        assert_eq!(first_mistake("message é {}"), Some((8, "invalid token")));
        assert_eq!(first_mistake("message A {}}}}}"), Some((12, "unexpected `}`")));
    }
}
