//! A text as people paste it → what was logged.

use std::sync::LazyLock;

use regex::Regex;

/// What terminals take for a colour or a link, and do not show.
static ESCAPES: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])";
    Regex::new(pattern).unwrap_or_else(|_| unreachable!("a test builds it"))
});

/// No more than `most` bytes of a text.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

/// The text without colours; and, if it is quoted in another log, as that log quoted it and as the
/// one inside did.
pub(super) fn readings(text: &str) -> Vec<String> {
    let plain = ESCAPES.replace_all(text, "").replace('\r', "\n");
    let mut readings = vec![plain];
    for _ in 0..2 {
        let last = &readings[readings.len() - 1];
        let inner = percent_decoded(&unquoted(last));
        if inner == *last {
            break;
        }
        readings.push(inner);
    }
    readings
}

/// One level of the escapes of JSON, Go, Python and logfmt strings.
fn unquoted(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            plain.push(char);
            continue;
        }
        match chars.next() {
            Some('n' | 'r') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('u') => plain.push(coded(&mut chars, 4)),
            Some('x') => plain.push(coded(&mut chars, 2)),
            Some(char) => plain.push(char),
            None => (),
        }
    }
    plain
}

/// The character of so many hexadecimal digits; a space for what is none.
fn coded(chars: &mut std::str::Chars<'_>, digits: usize) -> char {
    let code: String = chars.as_str().chars().take(digits).collect();
    let Ok(number) = u32::from_str_radix(&code, 16) else { return ' ' };
    let _ = chars.nth(digits - 1);
    char::from_u32(number).unwrap_or(' ')
}

/// `grpc-message` travels percent-encoded.
fn percent_decoded(text: &str) -> String {
    if !text.contains("%20") {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let hex = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}
