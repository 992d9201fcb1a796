//! The interface of a format.

use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::render::{Problem, RecordFields};
use snapscope_objects::row::Row;
use std::io;
use std::path::Path;

/// The pieces of a format that a worker produces from the rows of a block.
pub(crate) trait Part: Default + Send {
    /// Clears the pieces, but keeps their memory.
    fn clear(&mut self);
    /// Adds a row.
    fn row(&mut self, row: &Row);
    /// Adds the one object of a record without creating a row. Returns what is wrong with the
    /// record, or `None` if this is not possible.
    fn record(
        &mut self,
        _kind: &'static ObjectKind,
        _id: &[u8],
        _record: &RecordFields<'_>,
    ) -> Option<Vec<Problem>> {
        None
    }
    /// About how many bytes it holds.
    fn size(&self) -> usize;
}

/// Writes pieces in order.
pub(crate) trait Writer: Send + Sized {
    /// The pieces it writes.
    type Part: Part;

    /// Starts to write into an empty file or folder. `kinds` are the exported kinds, by their
    /// position in the table of kinds.
    fn create(at: &Path, kinds: &[KindId]) -> io::Result<Self>;

    /// Leaves out objects that the format's readers do not import unchanged; only keys can be such
    /// objects.
    fn skip_unimportable(&mut self) {}

    /// Writes pieces, which arrive in the order of the snapshot, those of joins at the end.
    fn take(&mut self, part: &mut Self::Part) -> io::Result<()>;

    /// Writes the end. Returns notes for the user.
    fn finish(self, ending: &Ending) -> io::Result<Vec<String>>;
}

/// What is known once all records are read.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// Facts about the snapshot: names and values.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// Records by their type: name, count, bytes.
    pub(crate) records: Vec<(String, u64, u64)>,
    /// Number of intact records.
    pub(crate) whole_records: u64,
    /// A description of the damage; empty without damage.
    pub(crate) damage: Vec<String>,
    /// When the snapshot was taken, in milliseconds since 1970.
    pub(crate) taken_ms: Option<i64>,
    /// The kinds whose objects are complete.
    pub(crate) whole: Vec<KindId>,
}

impl Ending {
    /// A JSON object that marks an export as incomplete; nothing if it is complete.
    pub(crate) fn incomplete(&self) -> Option<Vec<u8>> {
        (!self.damage.is_empty()).then(|| incomplete_line(self.whole_records, &self.damage))
    }
}

/// The line that marks a file of records or objects as incomplete.
#[must_use]
pub fn incomplete_line(records: u64, damage: &[String]) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    json.key(b"Incomplete");
    json.bool(true);
    json.key(b"Records");
    json.uint(records);
    json.key(b"Damage");
    json.begin_list();
    damage.iter().for_each(|damage| json.text(damage.as_bytes()));
    json.end_list();
    json.end_object();
    json.end_line();
    json.into_bytes()
}
