//! What is not as servers take it, listed beside an export: `exceptions.jsonl` in its folder.

use serde_json::{Map, Value};
use snapscope_decode::VersionRange;
use snapscope_staged::create_in;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// The name of the list.
pub(crate) const EXCEPTIONS: &str = "exceptions.jsonl";

/// An object that some servers, or all, don't take as it is exported.
#[derive(Debug)]
pub(crate) struct Exception<'e> {
    /// As `diff` names it, `policy`.
    pub(crate) kind: &'static str,
    /// What it is called.
    pub(crate) id: &'e str,
    /// Its file in the folder; `None` if it has none.
    pub(crate) file: Option<&'e str>,
    /// Which servers it is about.
    pub(crate) servers: VersionRange,
    /// Why, and what can be done.
    pub(crate) why: &'e str,
    /// The object, if it has no file.
    pub(crate) object: Option<&'e Map<String, Value>>,
}

/// The list. There is no file as long as there is no exception.
#[derive(Debug)]
pub(crate) struct Exceptions {
    folder: PathBuf,
    file: Option<BufWriter<File>>,
    count: u64,
}

impl Exceptions {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), file: None, count: 0 }
    }

    pub(crate) fn add(&mut self, exception: &Exception<'_>) -> io::Result<()> {
        let mut line = Map::new();
        let mut put = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
        put("type", exception.kind.into());
        put("id", exception.id.into());
        put("file", exception.file.into());
        put("servers", exception.servers.to_string().into());
        put("why", exception.why.into());
        if let Some(object) = exception.object {
            put("object", object.clone().into());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(create_in(&self.folder, EXCEPTIONS)?)),
        };
        self.count += 1;
        serde_json::to_writer(&mut *file, &line)?;
        file.write_all(b"\n")
    }

    /// Writes what is left. Gives what the user should know.
    pub(crate) fn finish(self) -> io::Result<Option<String>> {
        if let Some(mut file) = self.file {
            file.flush()?;
        }
        Ok(match self.count {
            0 => None,
            1 => Some(format!("1 thing that not every server takes is listed in {EXCEPTIONS}")),
            n => Some(format!("{n} things that not every server takes are listed in {EXCEPTIONS}")),
        })
    }
}
