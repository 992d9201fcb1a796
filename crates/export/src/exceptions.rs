//! `exceptions.jsonl`: lists what servers refuse, in the folder of an export.

use serde_json::{Map, Value};
use snapscope_decode::VersionRange;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds::of;
use snapscope_staged::create_in;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// The name of the list.
pub(crate) const EXCEPTIONS: &str = "exceptions.jsonl";

/// An object that some or all servers refuse in its exported form.
#[derive(Debug)]
pub(crate) struct Exception<'e> {
    pub(crate) kind: KindId,
    /// Its ID.
    pub(crate) id: &'e str,
    /// Its file in the folder; `None` if it has none.
    pub(crate) file: Option<&'e str>,
    /// The servers that refuse it.
    pub(crate) servers: VersionRange,
    /// Why, and what to do.
    pub(crate) why: &'e str,
    /// The object, if it has no file.
    pub(crate) object: Option<&'e Map<String, Value>>,
}

/// The list. The file is created with the first exception.
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
        put("type", of(exception.kind).object_name().into());
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

    /// Flushes the list. Returns notes for the user.
    pub(crate) fn finish(self) -> io::Result<Option<String>> {
        if let Some(mut file) = self.file {
            file.flush()?;
        }
        Ok(match self.count {
            0 => None,
            1 => Some(format!(
                "1 object or field that some servers refuse is listed in {EXCEPTIONS}"
            )),
            n => Some(format!(
                "{n} objects or fields that some servers refuse are listed in \
                               {EXCEPTIONS}"
            )),
        })
    }
}
