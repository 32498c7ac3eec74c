//! Rewrites what protox's parser does not read into what it does, byte for byte in place, so that
//! every position stays true: editions, a byte order mark, options after a single extension
//! number, `-inf` and `-nan`, the numbers of message sets. What is taken out stands in a side
//! table, and is put back into the descriptor after the parse.

use std::ops::Range;

use super::lex::{Kind, Token, lex};

/// A source that the parser reads, and what it was relieved of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Prepared {
    /// As long as the source, but for what `widened` says.
    pub(super) text: String,
    /// Where bytes were put in, and how many: an edition statement may be too short to be replaced.
    pub(super) widened: Option<(usize, usize)>,
    /// Where the edition statement is, and the edition as it is written.
    pub(super) edition: Option<(usize, String)>,
    /// Names reserved without quotes, each with the offset of its statement.
    pub(super) reserved: Vec<(usize, String)>,
    /// Offsets of `inf` and `nan` that are defaults and had a minus sign.
    pub(super) negative: Vec<usize>,
    /// Field numbers beyond what the parser takes, with their offsets.
    pub(super) numbers: Vec<(usize, i32)>,
}

/// The option that `default` is renamed to: the parser refuses defaults where it sees proto3.
pub(super) const DEFAULT: &str = "defau1t";

/// What an edition statement becomes; proto3 is nearest to what editions let stand.
const SYNTAX: &str = "syntax=\"proto3\";";
/// The value in it.
const PROTO3: &str = "\"proto3\"";

/// The largest field number outside of message sets.
const LARGEST: u64 = (1 << 29) - 1;

/// `None` if the source can be parsed as it is.
pub(super) fn prepare(source: &str) -> Option<Prepared> {
    const SIGNS: [&str; 3] = ["edition", "extensions ", "extend "];
    let bom = source.starts_with('\u{feff}');
    let holds = |sign: &&str| memchr::memmem::find(source.as_bytes(), sign.as_bytes()).is_some();
    let bytes = source.as_bytes();
    if !bom && !SIGNS.iter().any(holds) && !holds_negative(bytes) && !holds_large(bytes) {
        return None;
    }
    let tokens: Vec<Token> = lex(source).collect();
    let mut pass = Pass {
        source,
        tokens: &tokens,
        bytes: source.as_bytes().to_vec(),
        side: Prepared::default(),
    };
    if bom {
        pass.blank(0..3);
    }
    pass.run();
    let Pass { mut bytes, mut side, .. } = pass;
    if let Some((at, by)) = side.widened {
        bytes.splice(at..at + PROTO3.len() - by, PROTO3.bytes());
    }
    // Only whole tokens were written over, and those begin and end with a character.
    side.text = String::from_utf8(bytes).ok()?;
    Some(side)
}

/// `inf` or `nan` after a minus sign, or after a comment that may be after one.
fn holds_negative(source: &[u8]) -> bool {
    let after = |word: &[u8]| {
        memchr::memmem::find_iter(source, word).any(|at| {
            let before = source[..at].trim_ascii_end();
            before.ends_with(b"-") || before.ends_with(b"*/")
        })
    };
    after(b"inf") || after(b"nan")
}

/// There may be an integer beyond 64 bits, which has this many digits at least.
fn holds_large(source: &[u8]) -> bool {
    const DIGITS: usize = 20;
    // A run that long cannot hide between two places that are this far apart.
    (0..source.len()).step_by(DIGITS).any(|at| {
        let digits = |byte: &&u8| byte.is_ascii_digit();
        let before = source[..at].iter().rev().take(DIGITS).take_while(digits).count();
        before + source[at..].iter().take(DIGITS).take_while(digits).count() >= DIGITS
    })
}

struct Pass<'s> {
    source: &'s str,
    tokens: &'s [Token],
    bytes: Vec<u8>,
    side: Prepared,
}

impl<'s> Pass<'s> {
    fn run(&mut self) {
        let mut first = true;
        // What each open brace belongs to: the word that began its statement.
        let mut blocks: Vec<&'s str> = Vec::new();
        let mut statement = 0;
        let mut brackets = 0_usize;
        for at in 0..self.tokens.len() {
            if at == statement {
                if first && self.edition(at) {
                    first = false;
                }
                first = first && self.is(at, Kind::Sign(b';'));
                self.statement(at);
            }
            match self.tokens[at].kind {
                Kind::Sign(b'{') => {
                    blocks.push(self.word(statement));
                    statement = at + 1;
                }
                Kind::Sign(b'}') => {
                    blocks.pop();
                    statement = at + 1;
                }
                Kind::Sign(b';') => statement = at + 1,
                Kind::Sign(b'[') => brackets += 1,
                Kind::Sign(b']') => brackets = brackets.saturating_sub(1),
                Kind::Sign(b'-') => self.minus(at),
                Kind::Number => self.large(at),
                Kind::Sign(b'=') if brackets == 1 => self.default_value(at),
                Kind::Sign(b'=') if blocks.last() == Some(&"extend") => self.field_number(at),
                _ => (),
            }
        }
    }

    fn statement(&mut self, at: usize) {
        match self.word(at) {
            "import" if self.word(at + 1) == "option" => self.blank_statement(at),
            "export" | "local" => {
                let declares = matches!(self.word(at + 1), "message" | "enum" | "service");
                if declares && !self.word(at + 2).is_empty() && self.is(at + 3, Kind::Sign(b'{')) {
                    self.blank(self.tokens[at].start..self.tokens[at].end);
                }
            }
            "reserved" => self.reserved(at),
            "extensions" => self.extensions(at),
            _ => (),
        }
    }

    /// `edition = "2023";` becomes `syntax="proto3";`.
    fn edition(&mut self, at: usize) -> bool {
        if self.word(at) != "edition" || !self.is(at + 1, Kind::Sign(b'=')) {
            return false;
        }
        // Strings side by side are one.
        let value = self.tokens[at + 2..].iter().take_while(|it| it.kind == Kind::Text);
        let value: Vec<Token> = value.copied().collect();
        let (Some(first), true) = (value.first(), self.is(at + 2 + value.len(), Kind::Sign(b';')))
        else {
            return false;
        };
        let inner = |it: &Token| &self.source[it.start + 1..(it.end - 1).max(it.start + 1)];
        let written = value.iter().map(inner).collect();
        self.side.edition = Some((self.tokens[at].start, written));
        let (word, end) = (self.tokens[at], self.tokens[at + 2 + value.len()]);
        let statement = word.start..end.end;
        if statement.len() >= SYNTAX.len() && !self.source[statement.clone()].contains('\n') {
            self.write(statement, SYNTAX);
            return true;
        }
        self.write(word.start..word.end, "syntax");
        value.iter().for_each(|it| self.blank(it.start..it.end));
        match PROTO3.len().checked_sub(first.end - first.start) {
            None | Some(0) => self.write(first.start..first.end, PROTO3),
            Some(by) => self.side.widened = Some((first.start, by)),
        }
        true
    }

    /// Names without quotes are editions' way; numbers and quoted names pass.
    fn reserved(&mut self, at: usize) {
        let mut names = Vec::new();
        let mut next = at + 1;
        loop {
            match self.word(next) {
                "" => return,
                name => names.push((self.tokens[at].start, name.to_owned())),
            }
            match self.tokens.get(next + 1).map(|token| token.kind) {
                Some(Kind::Sign(b',')) => next += 2,
                Some(Kind::Sign(b';')) => break,
                _ => return,
            }
        }
        self.side.reserved.append(&mut names);
        self.blank_statement(at);
    }

    /// `extensions 4, 1000 [...];`: options are read only after a range.
    fn extensions(&mut self, at: usize) {
        let mut open = None;
        for next in at + 1..self.tokens.len() {
            match self.tokens[next].kind {
                Kind::Sign(b'[') if open.is_none() => {
                    let single = self.is(next - 1, Kind::Number)
                        && !matches!(self.word(next.saturating_sub(2)), "to");
                    if !single {
                        return;
                    }
                    open = Some(self.tokens[next].start);
                }
                Kind::Sign(b';') => {
                    if let Some(open) = open {
                        self.blank(open..self.tokens[next].start);
                    }
                    return;
                }
                // The values of declarations are strings and numbers, and need no blocks but these.
                Kind::Sign(b'}') if open.is_none() => return,
                _ => (),
            }
        }
    }

    /// proto2's parser reads a negative default, and nothing else that is negative and a word.
    fn minus(&mut self, at: usize) {
        let default = at >= 2 && self.word(at - 2) == "default";
        if !matches!(self.word(at + 1), "inf" | "nan") {
            return;
        }
        if default && self.side.edition.is_none() {
            return;
        }
        if default {
            self.side.negative.push(self.tokens[at + 1].start);
        }
        self.blank(self.tokens[at].start..self.tokens[at].end);
    }

    /// An integer beyond 64 bits is a float, and so near to this one that it is the same.
    fn large(&mut self, at: usize) {
        let Token { start, end, .. } = self.tokens[at];
        let text = &self.source[start..end];
        let decimal = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        if decimal && text.parse::<u64>().is_err() {
            self.write(end - 2..end, "e2");
        }
    }

    /// `default = …` among the options of a field.
    fn default_value(&mut self, at: usize) {
        if self.side.edition.is_none() || at < 2 || self.word(at - 1) != "default" {
            return;
        }
        if matches!(self.tokens[at - 2].kind, Kind::Sign(b'[' | b',')) {
            let token = self.tokens[at - 1];
            self.write(token.start..token.end, DEFAULT);
        }
    }

    /// Message sets number their extensions beyond what fields may have.
    fn field_number(&mut self, at: usize) {
        let Some(token) = self.tokens.get(at + 1).filter(|it| it.kind == Kind::Number) else {
            return;
        };
        let range = token.start..token.end;
        let Some(number) = natural(&self.source[range.clone()]) else { return };
        if let (true, Ok(number)) = (number > LARGEST, i32::try_from(number)) {
            self.side.numbers.push((range.start, number));
            // An octal number, as long as it has to be.
            let digits = format!("{:0>width$}", 1, width = range.len());
            self.write(range, &digits);
        }
    }

    /// The text of a token that is a word; empty for any other.
    fn word(&self, at: usize) -> &'s str {
        let token = self.tokens.get(at).filter(|it| it.kind == Kind::Word);
        token.map_or("", |token| &self.source[token.start..token.end])
    }

    fn is(&self, at: usize, kind: Kind) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == kind)
    }

    fn blank_statement(&mut self, at: usize) {
        let rest = &self.tokens[at..];
        if let Some(end) = rest.iter().find(|token| token.kind == Kind::Sign(b';')) {
            self.blank(self.tokens[at].start..end.end);
        }
    }

    /// Spaces, but for line breaks.
    fn blank(&mut self, range: Range<usize>) {
        for byte in &mut self.bytes[range] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    fn write(&mut self, range: Range<usize>, text: &str) {
        self.blank(range.clone());
        self.bytes[range.start..range.start + text.len()].copy_from_slice(text.as_bytes());
    }
}

/// Decimal, octal or hexadecimal.
fn natural(text: &str) -> Option<u64> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match (hexadecimal, text.strip_prefix('0')) {
        (Some(digits), _) => u64::from_str_radix(digits, 16).ok(),
        (None, Some("")) => Some(0),
        (None, Some(digits)) => u64::from_str_radix(digits, 8).ok(),
        (None, None) => text.parse().ok(),
    }
}
