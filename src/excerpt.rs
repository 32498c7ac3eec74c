//! One line of a file, for miette to draw.
//!
//! miette can be given a whole file, but it then walks it from the start for every label, and
//! prints what it finds. Here it gets one line, made safe for a terminal.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// A line of source text that stands for the file it was taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// How the file is named to people, such as `v2.17.0:rpc/manager.proto`.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column where the mark begins, from 1, in characters.
    pub column: u32,
    text: String,
    mark: SourceSpan,
}

/// A place, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// How people can open it: `v2.17.0:rpc/manager.proto:12:3`.
    pub location: String,
    /// The line. Descriptor sets have none.
    pub excerpt: Option<Excerpt>,
}

/// Longer lines are cut around the mark: nobody reads 5 MB on one line.
const WIDEST: usize = 200;

impl Excerpt {
    /// The line of `source` that holds the byte `offset`, with `length` bytes marked in it.
    pub fn at_offset(file: String, source: &str, offset: usize, length: usize) -> Excerpt {
        let offset = floor_char_boundary(source, offset);
        let start = source[..offset].rfind('\n').map_or(0, |at| at + 1);
        let line = source[..start].bytes().filter(|&byte| byte == b'\n').count();
        let text = source[start..].lines().next().unwrap_or_default();
        Excerpt::new(file, line as u32 + 1, text, offset - start, length)
    }

    /// Line and column of `source`, both from 1, the column in characters. The mark is the word
    /// that stands there.
    pub fn at_line(file: String, source: &str, line: u32, column: u32) -> Excerpt {
        let text = line_of(source, line);
        let column = column.saturating_sub(1) as usize;
        let offset = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
        // The mark ends with the declaration's first clause, not with its body or comment.
        let rest = &text[offset..];
        let end = rest.find(['{', ';']).unwrap_or(rest.len());
        Excerpt::new(file, line, text, offset, rest[..end].trim_end().len())
    }

    fn new(file: String, line: u32, text: &str, offset: usize, length: usize) -> Excerpt {
        let text = text.trim_end_matches('\r');
        let offset = floor_char_boundary(text, offset);
        let end = floor_char_boundary(text, offset.saturating_add(length).max(offset));
        let column = text[..offset].chars().count() as u32 + 1;
        let from = if offset > WIDEST / 2 && text.len() > WIDEST { offset - WIDEST / 2 } else { 0 };
        let from = floor_char_boundary(text, from);
        let to = floor_char_boundary(text, from + WIDEST);
        let mark = SourceSpan::from((offset - from, end.min(to).saturating_sub(offset)));
        Excerpt { file, line, column, text: printable(&text[from..to]), mark }
    }

    /// The line: what is before the mark, the mark, and what is after it.
    pub fn parts(&self) -> [&str; 3] {
        let (start, end) = (self.mark.offset(), self.mark.offset() + self.mark.len());
        [&self.text[..start], &self.text[start..end], &self.text[end..]]
    }

    /// Where the mark is, for a [`miette::LabeledSpan`].
    pub fn mark(&self) -> SourceSpan {
        self.mark
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        if span.offset() + span.len() > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        Ok(Box::new(MietteSpanContents::new_named(
            printable(&self.file),
            self.text.as_bytes(),
            SourceSpan::from((0, self.text.len())),
            self.line.saturating_sub(1) as usize,
            self.column.saturating_sub(1) as usize,
            1,
        )))
    }
}

/// Text that a terminal shows and does not obey: control characters and those that reorder text
/// give way to a sign of the same length in bytes, so that offsets stay true.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '\t' => '\t',
            _ if is_printable(char) => char,
            _ => ['?', '?', '\u{bf}', '\u{fffd}'][char.len_utf8().min(3)],
        })
        .collect()
}

/// JSON with the characters that a terminal obeys, or that reorder text, escaped: outside of strings
/// it has none but line breaks.
pub fn printable_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for char in json.chars() {
        if char == '\n' || is_printable(char) {
            safe.push(char);
        } else {
            safe.push_str(&format!("\\u{:04x}", u32::from(char)));
        }
    }
    safe
}

/// The beginning of a text that may be of any length, such as a name in a schema.
pub fn short(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Neither a control character nor one that shows text in another order than it is read in.
pub fn is_printable(char: char) -> bool {
    let reorders = matches!(
        char,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    !char.is_control() && !reorders
}

/// The text of a line, from 1; of a file with many lines, many may be asked for.
fn line_of(source: &str, line: u32) -> &str {
    let start = match line.checked_sub(2) {
        None => Some(0),
        Some(before) => {
            memchr::memchr_iter(b'\n', source.as_bytes()).nth(before as usize).map(|at| at + 1)
        }
    };
    let rest = start.map_or("", |start| &source[start..]);
    let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    &rest[..end]
}

/// The last character boundary at or before `at`.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_under_the_right_characters() {
        let source = "a\r\n/* é */\tfoo.Bar b = 2;\r\n";
        let at = source.find("foo").unwrap();
        let excerpt = Excerpt::at_offset("f".into(), source, at, 7);
        assert_eq!((excerpt.line, excerpt.column), (2, 9));
        assert_eq!(&excerpt.text[excerpt.mark.offset()..][..excerpt.mark.len()], "foo.Bar");
        assert_eq!(Excerpt::at_line("f".into(), source, 2, 9).mark.offset(), excerpt.mark.offset());
    }

    #[test]
    fn long_and_hostile_lines_are_cut_and_disarmed() {
        let source = format!("{}\u{1b}[31mx\u{202e}", "é".repeat(5_000));
        let excerpt = Excerpt::at_offset("f".into(), &source, 10_000, usize::MAX / 4);
        assert!(excerpt.text.len() <= WIDEST, "{}", excerpt.text.len());
        assert!(excerpt.read_span(&excerpt.mark, 0, 0).is_ok());
        assert!(!excerpt.text.contains(['\u{1b}', '\u{202e}']));
    }
}
