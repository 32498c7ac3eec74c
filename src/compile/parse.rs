//! `.proto` text → [`Unit`], with protox's parser. Its linker is not used: see `link.rs`.

use miette::Diagnostic;
use protox::file::File;

use super::{lower::lower, unit::Unit};
use crate::{error::Error, excerpt::Excerpt};

/// The most mistakes of one file that are shown.
const SHOWN: usize = 10;

/// Parses the contents of one file. `name` is how people can open it.
///
/// # Errors
/// All that is wrong with this file alone: it is not UTF-8, or not protobuf.
pub(super) fn parse(name: &str, bytes: Vec<u8>) -> Result<Unit, Vec<Error>> {
    let source = String::from_utf8(bytes).map_err(|err| {
        let offset = err.utf8_error().valid_up_to();
        vec![Error::NotUtf8 { file: name.to_owned(), offset }]
    })?;
    let file =
        File::from_source(name, &source).map_err(|err| syntax_errors(name, &source, &err))?;
    let lines = Lines::new(&source);
    let (unit, faults) = lower(file.file_descriptor_proto(), &|line, column| {
        lines.characters(line as usize, column as usize)
    });
    if faults.is_empty() {
        return Ok(unit);
    }
    let errors = faults.into_iter().map(|fault| {
        let (line, column) = fault.place.unwrap_or((1, 1));
        let excerpt = Excerpt::at_line(name.to_owned(), &source, line, column);
        Error::proto(fault.message, "here", excerpt, None)
    });
    Err(few(errors))
}

/// What protox found, in our form: its own reports walk the whole file for every label.
fn syntax_errors(name: &str, source: &str, err: &protox::Error) -> Vec<Error> {
    let related = err.related().into_iter().flatten();
    let all = std::iter::once(err as &dyn Diagnostic).chain(related);
    few(all.map(|err| {
        let label = err.labels().and_then(|mut labels| labels.next());
        let Some(label) = label else {
            return Error::ProtoNowhere { file: name.to_owned(), message: err.to_string() };
        };
        let excerpt = Excerpt::at_offset(name.to_owned(), source, label.offset(), label.len());
        let help = err.help().map(|help| help.to_string());
        Error::proto(err.to_string(), label.label().unwrap_or("here"), excerpt, help)
    }))
}

/// The first few errors, and the number of the others.
pub(super) fn few(errors: impl Iterator<Item = Error>) -> Vec<Error> {
    let mut errors = errors.fuse();
    let mut few: Vec<Error> = errors.by_ref().take(SHOWN).collect();
    match errors.count() {
        0 => (),
        count => few.push(Error::More { count }),
    }
    few
}

/// Turns the parser's byte columns into characters.
struct Lines<'s> {
    source: &'s str,
    /// Where each line begins; empty for plain ASCII, where bytes are characters.
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    fn new(source: &'s str) -> Lines<'s> {
        if source.is_ascii() {
            return Lines { source, starts: Vec::new() };
        }
        let breaks = source.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Lines { source, starts }
    }

    /// From a line and a byte column, both from 0, to a column in characters, from 1.
    fn characters(&self, line: usize, column: usize) -> u32 {
        let Some(&start) = self.starts.get(line) else { return column as u32 + 1 };
        let before = self.source.get(start..start + column);
        before.map_or(column, |text| text.chars().count()) as u32 + 1
    }
}
