//! Where elements were written.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::FullName;

/// A place in a `.proto` file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The path from the top of the tree, with `/`.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// The places of all elements of one version.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    /// By the name of a service, message, enum or extension: the file that declares it.
    pub files: BTreeMap<FullName, Arc<FileSites>>,
}

/// The places of the elements of one file.
#[derive(Debug)]
pub struct FileSites {
    /// The path from the top of the tree, with `/`.
    pub path: Arc<str>,
    /// The file itself is judged; `false` if it only serves imports.
    pub judged: bool,
    /// The folders from which its imports were found, in order, but for those of protobuf itself;
    /// empty for the top of the tree.
    pub roots: Vec<String>,
    /// Line and column of each element, from 1; both 0 where they are not known.
    pub places: Arc<Places>,
    /// Options that are not part of an element itself, as they are written.
    pub options: Arc<Options>,
    /// Where the Go code that is generated from the file lives (`go_package`), as it is written.
    pub go_package: Option<Arc<str>>,
}

/// Options by the element that has them: the name, that of an extension in parentheses, and the
/// value. They change no bytes; some rules know some.
pub type Options = BTreeMap<FullName, Vec<(String, String)>>;

/// Line and column of elements, by name. Looked up for the few that have findings, and never
/// walked, so hash order reaches nobody.
pub type Places = HashMap<FullName, (u32, u32), foldhash::fast::RandomState>;

impl Sites {
    /// Where an element was written, if that is known.
    pub fn get(&self, name: &FullName) -> Option<Site> {
        let file = self.file(name)?;
        let &(line, column) = file.places.get(name).filter(|(line, _)| *line > 0)?;
        Some(Site { file: file.path.clone(), line, column })
    }

    /// The options of an element that are not part of it, such as `deprecated` and custom ones.
    pub fn options(&self, name: &FullName) -> &[(String, String)] {
        self.file(name).and_then(|file| file.options.get(name)).map_or(&[], Vec::as_slice)
    }

    /// The element does not stand in a file that only serves imports.
    pub fn judged(&self, name: &FullName) -> bool {
        self.file(name).is_none_or(|file| file.judged)
    }

    /// The file that declares an element.
    pub fn file(&self, name: &FullName) -> Option<&FileSites> {
        self.files.get(name).or_else(|| self.files.get(name.parent())).map(Arc::as_ref)
    }
}
