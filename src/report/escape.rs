//! Text that came with a schema, or with a repository, made harmless for each format. Anybody may
//! have written it: a name of a file, a default, a `json_name`.

use crate::excerpt::printable;

/// A part of a sentence: our sentences set names between backticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    Words(&'t str),
    Code(&'t str),
}

/// The parts of a sentence. Wherever the backticks in a name may make one part end and another
/// begin, each is escaped as what it is taken for.
pub(super) fn parts(sentence: &str) -> Vec<Part<'_>> {
    let pieces: Vec<&str> = sentence.split('`').collect();
    // With an odd number of them, the last begins nothing.
    let closed = pieces.len() - usize::from(pieces.len().is_multiple_of(2));
    let all = pieces.iter().enumerate().map(|(at, piece)| match at % 2 {
        1 if at < closed => Part::Code(piece),
        _ => Part::Words(piece),
    });
    all.filter(|part| !matches!(part, Part::Words(""))).collect()
}

/// What a workflow command of GitHub says.
pub(super) fn command(text: &str) -> String {
    printable(&text.replace('\n', "\u{2028}"))
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\u{2028}', "%0A")
}

/// A property of a workflow command.
pub(super) fn property(text: &str) -> String {
    printable(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

/// Markdown of a sentence.
pub(super) fn markdown(sentence: &str) -> String {
    let markdown = |part| match part {
        Part::Words(text) => markdown_words(text),
        Part::Code(text) => markdown_code(text),
    };
    parts(sentence).into_iter().map(markdown).collect()
}

/// Markdown of a name, of a cell of a table too.
pub(super) fn markdown_code(text: &str) -> String {
    let text = printable(text).replace('|', "\\|");
    if text.trim().is_empty() {
        return String::new();
    }
    // A code span ends at as many backticks as it began with.
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let edge = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    if edge { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

/// Markdown of plain words: without markup, references, mentions and links.
pub(super) fn markdown_words(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in printable(text).chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // GitHub looks for these after Markdown is done; a comment comes between.
            '@' => escaped.push_str("@<!-- -->"),
            '#' => escaped.push_str("\\#<!-- -->"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(char);
            }
            _ => escaped.push(char),
        }
    }
    escaped.replace("://", ":<!-- -->//").replace("www.", "www<!-- -->.")
}

/// Lines as they are, in a block of a list's item.
pub(super) fn markdown_block(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
    let runs = lines.iter().flat_map(|line| line.split(|it| it != '`').map(str::len));
    let fence = "`".repeat(runs.max().unwrap_or_default().max(2) + 1);
    let lines: Vec<String> = lines.into_iter().map(|line| format!("  {line}\n")).collect();
    format!("\n  {fence}text\n{}  {fence}\n", lines.concat())
}

/// HTML of a sentence.
pub(super) fn html(sentence: &str) -> String {
    let html = |part| match part {
        Part::Words(text) => html_words(text),
        Part::Code(text) => format!("<code>{}</code>", html_words(text)),
    };
    parts(sentence).into_iter().map(html).collect()
}

/// HTML of plain words; of an attribute between quotes, too.
pub(super) fn html_words(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in printable(text).chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}

/// HTML of lines that stay lines.
pub(super) fn html_lines(text: &str) -> String {
    text.lines().map(html_words).collect::<Vec<String>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_have_words_and_names() {
        use Part::{Code, Words};
        for (sentence, expected) in [
            ("", vec![]),
            ("no `a` here", vec![Words("no "), Code("a"), Words(" here")]),
            ("`a`", vec![Code("a")]),
            ("one ` only", vec![Words("one "), Words(" only")]),
            ("`a` and `b", vec![Code("a"), Words(" and "), Words("b")]),
        ] {
            assert_eq!(parts(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn what_means_something_is_taken_for_what_it_is() {
        let evil = "::error::%0A,\n<script>'\"&|*_@me #1 http://x\u{1b}[0m";
        assert_eq!(command(evil), "::error::%250A,%0A<script>'\"&|*_@me #1 http://x?[0m");
        assert!(!property(evil).contains([':', ',', '\n', '\u{1b}']));
        assert!(!html_words(evil).contains(['<', '>', '"', '\'', '\u{1b}', '\n']));
        let words = markdown_words(evil);
        for meant in ["<script", "@me", "#1", "://", "\n", "|*"] {
            assert!(!words.contains(meant), "{meant}: {words}");
        }
        for (name, code) in [
            ("a|b", "`a\\|b`"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("a\n# b", "`a?# b`"),
            (" ", ""),
        ] {
            assert_eq!(markdown_code(name), code);
        }
    }
}
