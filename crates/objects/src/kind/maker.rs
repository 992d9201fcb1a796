//! Turns records into rows.

use crate::json::Sink as _;
use crate::render::{Engine, Problem, RecordFields, render_fields};
use crate::value::{Json, Tape};
use std::any::Any;

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

/// How rows are created from records.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rows {
    /// Each record is a row, as `decode` prints it.
    Record,
    /// Each record yields some rows.
    Direct(fn(&RecordFields<'_>, &mut Maker<'_>)),
    /// Rows are known once all records were read.
    Joined(fn() -> Box<dyn Join>),
}

/// Rows that are made from several records.
pub(crate) trait Join: Any + std::fmt::Debug + Send {
    /// Reads a record.
    fn record(&mut self, record: &RecordFields<'_>, maker: &mut Maker<'_>);
    /// Merges another join of the same kind. The rows do not depend on which of them read which
    /// record.
    fn merge(&mut self, other: Box<dyn Join>);
    /// Makes the rows, in order.
    fn finish(self: Box<Self>, maker: &mut Maker<'_>);
}

/// Downcasts a join.
pub(crate) fn same<J: Join>(join: Box<dyn Join>) -> Option<J> {
    let join: Box<dyn Any> = join;
    join.downcast().ok().map(|join| *join)
}

/// Receives rows, written on its tape one after the other.
pub(crate) trait Output {
    fn tape(&mut self) -> &mut Tape;
    /// Emits the tape as a row.
    fn take(&mut self);
}

/// How a kind makes its rows.
pub(crate) struct Maker<'m> {
    pub(crate) out: &'m mut dyn Output,
    pub(crate) peers: &'m PeerSelection,
    pub(crate) problems: &'m mut Vec<Problem>,
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
        let tape = self.out.tape();
        tape.clear();
        let mut engine = Engine::as_stored(tape);
        write(&mut engine);
        let mut found = engine.problems;
        self.problems.append(&mut found);
        self.take();
    }

    /// Creates a row from a record as `decode` prints it.
    pub(crate) fn record(&mut self, record: &RecordFields<'_>) {
        let tape = self.out.tape();
        tape.clear();
        let mut found = render_fields(record, tape);
        self.problems.append(&mut found);
        self.take();
    }

    /// Makes a row from a tape.
    pub(crate) fn tape(&mut self, tape: Tape) {
        *self.out.tape() = tape;
        self.take();
    }

    /// Emits the row. A record that is not a struct is not an object; that problem was already
    /// reported, and `decode` shows the record.
    fn take(&mut self) {
        if matches!(self.out.tape().node(0).json(), Json::Object(_)) {
            self.out.take();
        }
    }
}
