//! `.proto` text → [`Unit`], with protox's parser. Its linker is not used: see `link.rs`.

use miette::Diagnostic;
use prost_types::FileDescriptorProto;
use protox::file::File;

use super::{
    features::Edition,
    lex::first_mistake,
    lower::lower,
    prepass::{Prepared, prepare},
    restore::restore,
    unit::Unit,
};
use crate::{
    error::Error,
    excerpt::{Excerpt, short},
};

/// Files beyond this many bytes are looked over before they are parsed.
const LARGE: usize = 4 << 20;

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
    let (file, edition) = descriptor(name, &source)?;
    let lines = Lines::new(&source);
    let (unit, faults) =
        lower(&file, edition, &|line, column| lines.characters(line as usize, column as usize));
    if faults.is_empty() {
        return Ok(unit);
    }
    Err(few(faults.into_iter(), |fault| {
        let (line, column) = fault.place.unwrap_or((1, 1));
        let excerpt = Excerpt::at_line(name.to_owned(), &source, line, column);
        Error::proto(fault.message, "here", excerpt, None)
    }))
}

/// The descriptor of a file, as its parser and no linker made it, and the edition it is in. What
/// protox reads differently from protoc is mended.
pub(super) fn descriptor(
    name: &str,
    source: &str,
) -> Result<(FileDescriptorProto, Edition), Vec<Error>> {
    if let Some((offset, what)) = (source.len() > LARGE).then(|| first_mistake(source)).flatten() {
        let excerpt = Excerpt::at_offset(name.to_owned(), source, offset, 1);
        return Err(vec![Error::proto(what.to_owned(), "found here", excerpt, None)]);
    }
    let prepared = prepare(source);
    let text = prepared.as_ref().map_or(source, |it| &it.text);
    let widened = prepared.as_ref().and_then(|it| it.widened);
    let file = File::from_source(name, text);
    let file = file.map_err(|err| syntax_errors(name, source, widened, &err))?;
    let mut file = FileDescriptorProto::from(file);
    if let Some(widened) = widened {
        narrow(&mut file, source, widened);
    }
    let edition = match (file.syntax.as_deref(), &prepared) {
        (_, Some(Prepared { edition: Some((at, edition)), .. })) => Edition::named(edition)
            .map_err(|message| {
                let excerpt = Excerpt::at_offset(name.to_owned(), source, *at, "edition".len());
                vec![Error::proto(message, "here", excerpt, None)]
            })?,
        (Some("proto3"), _) => Edition::Proto3,
        _ => Edition::Proto2,
    };
    if let Some(prepared) = &prepared {
        restore(&mut file, source, prepared);
    }
    Ok((file, edition))
}

/// Places on the line where the pre-pass put in some bytes, as they are in the source.
fn narrow(file: &mut FileDescriptorProto, source: &str, (at, by): (usize, usize)) {
    let start = source[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = source[..start].bytes().filter(|&byte| byte == b'\n').count() as i32;
    let (column, by) = ((at - start) as i32, by as i32);
    let mended = |at_line: i32, at: &mut i32| {
        if at_line == line && *at > column {
            *at -= by;
        }
    };
    let locations = file.source_code_info.iter_mut().flat_map(|info| &mut info.location);
    for location in locations {
        match location.span.as_mut_slice() {
            [line, start, end] => [start, end].map(|it| mended(*line, it)),
            [line, start, last, end] => {
                [(line, start), (last, end)].map(|(line, it)| mended(*line, it))
            }
            _ => continue,
        };
    }
}

/// What protox found, in our form: its own reports walk the whole file for every label.
fn syntax_errors(
    name: &str,
    source: &str,
    widened: Option<(usize, usize)>,
    err: &protox::Error,
) -> Vec<Error> {
    let related = err.related().into_iter().flatten();
    let all = std::iter::once(err as &dyn Diagnostic).chain(related);
    few(all, |err| {
        let label = err.labels().and_then(|mut labels| labels.next());
        let Some(label) = label else {
            let message = short(&err.to_string());
            return Error::ProtoNowhere { file: name.to_owned(), message };
        };
        let moved = widened.filter(|(at, by)| label.offset() >= at + by).map_or(0, |(_, by)| by);
        let offset = label.offset() - moved;
        let excerpt = Excerpt::at_offset(name.to_owned(), source, offset, label.len());
        let help = err.help().map(|help| help.to_string());
        Error::proto(short(&err.to_string()), label.label().unwrap_or("here"), excerpt, help)
    })
}

/// Errors for the first few mistakes, and the number of the others: an error quotes its line, and a
/// file can hold any number of mistakes.
pub(super) fn few<T>(
    mut mistakes: impl Iterator<Item = T>,
    error: impl FnMut(T) -> Error,
) -> Vec<Error> {
    let mut errors: Vec<Error> = mistakes.by_ref().take(SHOWN).map(error).collect();
    match mistakes.count() {
        0 => (),
        count => errors.push(Error::More { count }),
    }
    errors
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
