//! Pages that need nothing but themselves: no script, no request, readable by keyboard, on paper,
//! and without colours.

use std::io::{self, Write};

use super::escape::html_words;

mod check;

pub use check::render;

const STYLE: &str = include_str!("style.css");

/// A whole page. `body` is HTML, the title is text.
pub(super) fn page(title: &str, body: &str, out: &mut dyn Write) -> io::Result<()> {
    let title = html_words(title);
    // Nothing from elsewhere, and nothing that runs, even if something slipped through.
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}\
         <footer>protoskew {}</footer>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
    )
}
