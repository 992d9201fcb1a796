//! Turns records into rows.

use super::{Json, Problems, Record, Row, Tape, Wanted};
use crate::json::Sink as _;
use crate::kinds::{IntentionsJoin, LocksJoin, ObjectKind, Rows, ServicesJoin};
use crate::shape::{Engine, render_fields};
use snapscope_decode::Frame;

/// Which objects are listed: the cluster's own, or those imported from peers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PeerSelection {
    /// The cluster's own.
    #[default]
    Local,
    /// Those imported from the peer of this name.
    Named(String),
    /// All.
    All,
}

impl PeerSelection {
    /// Whether an object is listed; `peer` is empty for the cluster's own.
    #[must_use]
    pub fn has(&self, peer: &[u8]) -> bool {
        match self {
            Self::Local => peer.is_empty(),
            Self::Named(name) => name.as_bytes() == peer,
            Self::All => true,
        }
    }
}

/// How rows are created.
#[derive(Debug, Clone, Default)]
pub struct RowOptions {
    /// The cluster's own objects, or imported ones.
    pub peers: PeerSelection,
    /// The fields that are rendered; see [`ObjectKind::wanted`].
    pub wanted: Wanted,
}

/// Turns records into the rows of one kind.
///
/// Records may go through several readers, one per thread, which are [merged](Reader::merge)
/// afterwards. Rows of joins are the same whichever reader read which record.
#[derive(Debug)]
pub struct Reader {
    row: Row,
    options: RowOptions,
    join: Option<Join>,
}

/// The state of a join.
#[derive(Debug)]
pub(crate) enum Join {
    Services(ServicesJoin),
    Locks(LocksJoin),
    Intentions(IntentionsJoin),
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
        let wanted = if join.is_some() { Wanted::All } else { options.wanted.clone() };
        Self { row: Row::new(kind, Tape::only(wanted)), options, join }
    }

    /// Reads a record and passes its rows to `each`. Returns the problems in it.
    pub fn frame(&mut self, frame: &Frame<'_>, each: &mut dyn FnMut(&Row)) -> Problems {
        self.record(&Record::new(*frame), each)
    }

    /// The same for a record that readers of other kinds read as well.
    pub fn record(&mut self, record: &Record<'_>, each: &mut dyn FnMut(&Row)) -> Problems {
        let kind = self.row.kind;
        if !kind.from.contains(&record.frame.kind) {
            return Problems::new();
        }
        let mut problems = Problems::new();
        let Self { row, options, join } = self;
        match (kind.rows, join) {
            (Rows::Record, _) => {
                let peers = &options.peers;
                Maker { row, peers, problems: &mut problems, each }.record(record);
            }
            (Rows::Direct(make), _) => {
                let peers = &options.peers;
                make(record, &mut Maker { row, peers, problems: &mut problems, each });
            }
            (_, Some(Join::Services(join))) => join.record(record, &options.peers, &mut problems),
            (_, Some(Join::Locks(join))) => join.record(record, &mut problems),
            (_, Some(Join::Intentions(join))) => join.frame(&record.frame, row, &mut problems),
            (Rows::Joined(_), None) => {}
        }
        problems
    }

    /// Merges the state of another reader of the same kind.
    pub fn merge(&mut self, other: Self) {
        match (&mut self.join, other.join) {
            (Some(Join::Services(join)), Some(Join::Services(other))) => join.merge(other),
            (Some(Join::Locks(join)), Some(Join::Locks(other))) => join.merge(other),
            (Some(Join::Intentions(join)), Some(Join::Intentions(other))) => join.merge(other),
            _ => {}
        }
    }

    /// Passes on the rows of a join, in order. Other kinds have already passed on theirs.
    pub fn finish(mut self, each: &mut dyn FnMut(&Row)) {
        match self.join.take() {
            Some(Join::Services(join)) => join.finish(&mut self.row, each),
            Some(Join::Locks(join)) => join.finish(&mut self.row, each),
            Some(Join::Intentions(join)) => join.finish(each),
            None => {}
        }
    }
}

/// Creates the rows of a direct kind.
pub(crate) struct Maker<'m> {
    pub(crate) row: &'m mut Row,
    pub(crate) peers: &'m PeerSelection,
    pub(crate) problems: &'m mut Problems,
    pub(crate) each: &'m mut dyn FnMut(&Row),
}

impl Maker<'_> {
    /// Creates a row with an object whose members `write` renders.
    pub(crate) fn object(&mut self, write: impl FnOnce(&mut Engine<'_, Tape>)) {
        self.value(|engine| {
            engine.sink.begin_object();
            write(engine);
            engine.sink.end_object();
        });
    }

    /// Creates a row from the output of `write`, which must be one object of fields as stored.
    pub(crate) fn value(&mut self, write: impl FnOnce(&mut Engine<'_, Tape>)) {
        let tape = self.row.tape_mut();
        tape.clear();
        let mut engine = Engine::as_stored(tape);
        write(&mut engine);
        let mut found = engine.problems;
        self.problems.append(&mut found);
        self.hand_on();
    }

    /// Creates a row from a record as `decode` prints it.
    pub(crate) fn record(&mut self, record: &Record<'_>) {
        let tape = self.row.tape_mut();
        tape.clear();
        let mut found = render_fields(record, tape);
        self.problems.append(&mut found);
        self.hand_on();
    }

    /// Passes the row on. A record that is not a struct rendered as a value that is not an object.
    /// This problem is already reported, and `decode` prints the value.
    fn hand_on(&mut self) {
        if matches!(self.row.object().json(), Json::Object(_)) {
            (self.each)(self.row);
        }
    }
}
