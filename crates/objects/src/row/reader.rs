//! Turns records into rows.

use super::object::Row;
use crate::kind::{Join, Maker, ObjectKind, Output, PeerSelection, Rows};
use crate::render::{Problem, RecordFields};
use crate::value::{Projection, Tape};
use snapscope_decode::Frame;

/// How rows are created.
#[derive(Debug, Clone, Default)]
pub struct RowOptions {
    /// The cluster's own objects, or imported ones.
    pub peers: PeerSelection,
    /// The fields that are rendered; see [`ObjectKind::projection`].
    pub projection: Projection,
}

/// Turns records into the rows of one kind.
///
/// Records may go through several readers, one per thread, which are [merged](Reader::merge)
/// afterwards. Rows of joins are the same whichever reader read which record.
#[derive(Debug)]
pub struct Reader {
    row: Row,
    options: RowOptions,
    join: Option<Box<dyn Join>>,
}

/// A reused row.
struct Filled<'r> {
    row: &'r mut Row,
    each: &'r mut dyn FnMut(&Row),
}

impl Output for Filled<'_> {
    fn tape(&mut self) -> &mut Tape {
        self.row.tape_mut()
    }

    fn take(&mut self) {
        (self.each)(self.row);
    }
}

impl Reader {
    /// Creates a reader.
    #[must_use]
    pub fn new(kind: &'static ObjectKind, options: RowOptions) -> Self {
        let join = match kind.rows {
            Rows::Record | Rows::Direct(_) => None,
            Rows::Joined(new) => Some(new()),
        };
        // A join needs fields that the caller did not request.
        let projection = if join.is_some() { Projection::All } else { options.projection.clone() };
        Self { row: Row::new(kind, Tape::only(projection)), options, join }
    }

    /// Reads a record and passes its rows to `each`. Returns its problems.
    pub fn frame(&mut self, frame: &Frame<'_>, each: &mut dyn FnMut(&Row)) -> Vec<Problem> {
        self.record(&RecordFields::new(*frame), each)
    }

    /// The same for a record that readers of other kinds read as well.
    pub fn record(
        &mut self,
        record: &RecordFields<'_>,
        each: &mut dyn FnMut(&Row),
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Self { row, options, join } = self;
        let kind = row.kind;
        if !kind.from.contains(&record.frame.kind) {
            return problems;
        }
        let out = &mut Filled { row, each };
        let mut maker = Maker { out, peers: &options.peers, problems: &mut problems };
        match (kind.rows, join) {
            (Rows::Record, _) => maker.record(record),
            (Rows::Direct(make), _) => make(record, &mut maker),
            (Rows::Joined(_), Some(join)) => join.record(record, &mut maker),
            (Rows::Joined(_), None) => {}
        }
        problems
    }

    /// Merges the state of another reader of the same kind.
    pub fn merge(&mut self, other: Self) {
        if let (Some(join), Some(other)) = (&mut self.join, other.join) {
            join.merge(other);
        }
    }

    /// Passes the rows of a join to `each`, in order. Those of other kinds were already passed.
    pub fn finish(mut self, each: &mut dyn FnMut(&Row)) {
        if let Some(join) = self.join.take() {
            let out = &mut Filled { row: &mut self.row, each };
            // Problems were reported with the records.
            let problems = &mut Vec::new();
            join.finish(&mut Maker { out, peers: &self.options.peers, problems });
        }
    }
}
