//! What a format has to be able to do.

use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::render::{Problem, Record};
use snapscope_objects::row::Row;
use std::io;
use std::path::Path;

/// The pieces of a format that a worker makes out of the rows of a block.
pub(crate) trait Part: Default + Send {
    /// Forgets the pieces, but keeps the room they took.
    fn clear(&mut self);
    /// Adds a row.
    fn row(&mut self, row: &Row);
    /// Adds the one object that a record is, without a row; tells what in it is not as it should
    /// be, or `None` if that can't be done.
    fn record(
        &mut self,
        _kind: &'static ObjectKind,
        _id: &[u8],
        _record: &Record<'_>,
    ) -> Option<Vec<Problem>> {
        None
    }
    /// About how many bytes it holds.
    fn size(&self) -> usize;
}

/// Puts pieces where they belong.
pub(crate) trait Writer: Send + Sized {
    /// What it is given.
    type Part: Part;

    /// Begins to write at a place: an empty file, or an empty folder. `kinds` are exported.
    fn create(at: &Path, kinds: &[KindId]) -> io::Result<Self>;

    /// Leaves out what the format's own readers don't take as it is; only keys have such.
    fn skip_unimportable(&mut self) {}

    /// Writes pieces; they come in the order of the snapshot, those of joins at the end.
    fn take(&mut self, part: &mut Self::Part) -> io::Result<()>;

    /// Writes what comes last. Gives what the user should know about the export.
    fn finish(self, ending: &Ending) -> io::Result<Vec<String>>;
}

/// What is known when all records were read.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// Where the snapshot stands in the cluster's history, and such: names and values.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// Records by their type: name, count, bytes.
    pub(crate) records: Vec<(String, u64, u64)>,
    /// How many whole records were read.
    pub(crate) whole_records: u64,
    /// What is damaged; nothing if nothing is.
    pub(crate) damage: Vec<String>,
    /// When the snapshot was taken, in milliseconds since 1970.
    pub(crate) taken_ms: Option<i64>,
    /// The kinds of which all objects were given to the writer.
    pub(crate) whole: Vec<KindId>,
}

impl Ending {
    /// Says that an export is not whole, as an object of JSON; nothing if it is.
    pub(crate) fn incomplete(&self) -> Option<Vec<u8>> {
        if self.damage.is_empty() {
            return None;
        }
        let mut json = JsonText::new();
        json.begin_object();
        json.key(b"Incomplete");
        json.bool(true);
        json.key(b"Records");
        json.uint(self.whole_records);
        json.key(b"Damage");
        json.begin_list();
        self.damage.iter().for_each(|damage| json.text(damage.as_bytes()));
        json.end_list();
        json.end_object();
        json.end_line();
        Some(json.into_bytes())
    }
}
