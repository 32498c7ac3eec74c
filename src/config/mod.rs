//! `protoskew.toml`, as it is written. What is left out here is left out there: what a key comes
//! to, and what holds where there is none, is for others to say.

use std::ops::Range;

use crate::{
    error::{Error, did_you_mean},
    excerpt::{Excerpt, short},
};

mod at;
mod schema;
mod written;

pub use at::At;
pub use schema::json_schema;
pub use written::{
    Allow, Boundary, Call, Handling, IgnoreCalls, JsonReading, Level, Levels, Pairing, Releases,
    StubAlias, Until, Window, Written,
};

/// What the file is called, at the top of a repository.
pub const NAME: &str = "protoskew.toml";

/// The newest form of the file that this program reads.
const FORMAT: i64 = 1;

/// A configuration file that was read.
pub type Config = File<Written>;

/// A file of TOML that was read.
pub struct File<T> {
    /// How people can open it, such as `v2.17.0:protoskew.toml`.
    pub name: String,
    /// What is in it.
    pub written: T,
    text: String,
}

impl<T: serde::de::DeserializeOwned> File<T> {
    /// Reads the text of a file that people can open as `name`.
    ///
    /// # Errors
    /// It is not TOML, has a key or a value that means nothing, or a newer form than is known.
    pub fn parse(name: &str, bytes: Vec<u8>) -> Result<File<T>, Error> {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(err) => {
                let at = err.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(err.as_bytes()).into_owned();
                let help = "TOML is UTF-8; convert it with `iconv -t UTF-8`".to_owned();
                let message = "this file is not UTF-8".to_owned();
                return Err(fault(name, &text, &(at..at + 1), message, "no character", help));
            }
        };
        // A newer form may have keys that mean nothing here, so it is looked at first.
        if let Ok(Format { format: Some(format) }) = toml::from_str(&text)
            && format.value > FORMAT
        {
            let message = format!("this file has form {}, of a newer protoskew", format.value);
            let label = format!("{} reads form {FORMAT}", env!("CARGO_PKG_VERSION"));
            let help = "update protoskew, or name another file";
            return Err(fault(name, &text, &format.span, message, &label, help.to_owned()));
        }
        match toml::from_str(&text) {
            Ok(written) => Ok(File { name: name.to_owned(), written, text }),
            Err(err) => {
                let span = err.span().unwrap_or(0..0);
                let (message, help) = reworded(err.message());
                Err(fault(name, &text, &span, message, "here", help))
            }
        }
    }
}

impl<T> File<T> {
    /// A mistake at a place of the file that only its reader can see.
    pub fn fault<U>(&self, at: &At<U>, message: String, label: &str, help: String) -> Error {
        fault(&self.name, &self.text, &at.span, message, label, help)
    }

    /// The line and the column of a place, both from 1, the column in characters.
    pub fn place<U>(&self, at: &At<U>) -> (u32, u32) {
        let it = Excerpt::at_offset(String::new(), &self.text, at.span.start, 0);
        (it.line, it.column)
    }
}

/// All that is looked at before the form is known.
#[derive(serde::Deserialize)]
struct Format {
    format: Option<At<i64>>,
}

fn fault(
    name: &str,
    text: &str,
    span: &Range<usize>,
    message: String,
    label: &str,
    help: String,
) -> Error {
    let excerpt = Excerpt::at_offset(name.to_owned(), text, span.start, span.len());
    Error::config(short(&message), label, excerpt, (!help.is_empty()).then_some(help))
}

/// What serde says of a word that it does not know lists all that it does; the nearest will do.
/// ``unknown field `x`, expected one of `a`, `b` ``: without its quotes it stays as it is.
fn reworded(message: &str) -> (String, String) {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let (Some(word), Some(what)) = (quoted.next(), unknown(message)) else {
        return (message.to_owned(), String::new());
    };
    let known: Vec<&str> = quoted.collect();
    let help = match did_you_mean(word, known.iter().copied()) {
        near if near.is_empty() => format!("known here: {}", known.join(", ")),
        near => near,
    };
    (format!("no {what} is named `{word}`"), help)
}

fn unknown(message: &str) -> Option<&'static str> {
    let kinds = [("unknown field `", "key"), ("unknown variant `", "value")];
    kinds.into_iter().find_map(|(start, what)| message.starts_with(start).then_some(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        let told = |error: Error| {
            let help = miette::Diagnostic::help(&error).map(|it| it.to_string());
            let place = error.place().unwrap_or_default();
            format!("{place}: {error}; {}", help.unwrap_or_default())
        };
        Config::parse(NAME, text.into()).map_err(told)
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        for (text, said) in [
            ("pats = []", "protoskew.toml:1:1: no key is named `pats`; did you mean `paths`?"),
            (
                "[levels]\nx = 'eror'",
                "protoskew.toml:2:5: no value is named `eror`; did you mean `error`?",
            ),
            (
                "\n[[allow]]\nrule = 'x'\nsubjct = 'y'",
                "protoskew.toml:4:1: no key is named `subjct`; did you mean `subject`?",
            ),
            (
                "[[allow]]\nrule = 'x'\nsubject = 'y'\n",
                "protoskew.toml:1:1: missing field `reason`; ",
            ),
            (
                "paths = 'a'",
                "protoskew.toml:1:9: invalid type: string \"a\", expected a sequence; ",
            ),
            (
                "format = 7\nnew = 1",
                "protoskew.toml:1:10: this file has form 7, of a newer protoskew; update protoskew, or name another file",
            ),
            ("paths = [", "protoskew.toml:1:10: unclosed array, expected `]`; "),
        ] {
            let told = parse(text).err().unwrap_or_else(|| panic!("{text:?} is read"));
            assert!(told.starts_with(said), "{text:?}: {told}");
        }
    }

    #[test]
    fn no_text_is_more_than_a_mistake() {
        for text in
            ["", "\u{feff}", "format = 1", "# é\n", &"a.".repeat(10_000), &"[".repeat(10_000)]
        {
            let _ = parse(text);
        }
        assert!(Config::parse(NAME, vec![0xff]).is_err());
    }
}
