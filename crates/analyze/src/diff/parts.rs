//! The objects in a record, and their positions.

use crate::drivers::Problems;
use snapscope_decode::{FieldError, Frame, Kind};
use snapscope_objects::kind::{ObjectKind, PeerSelection};
use snapscope_objects::kinds::{compared, compared_kinds};
use snapscope_objects::row::{PackedRow, Reader, Row, RowOptions};
use snapscope_objects::value::Projection;

/// An object in a record.
#[derive(Debug, Clone)]
pub(super) struct RecordPart {
    /// The kind of the object.
    pub(super) kind: &'static ObjectKind,
    /// The key that matches it with the other snapshot.
    pub(super) key: Vec<u8>,
    /// The object itself, if it cannot be read from its record by its key alone.
    pub(super) row: Option<PackedRow>,
}

/// The content of a record.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    /// The position of the record in its section.
    pub(super) order: Vec<u8>,
    /// Its objects of compared kinds.
    pub(super) parts: Vec<RecordPart>,
}

/// Reads objects from records.
#[derive(Debug)]
pub(super) struct PartsReader {
    /// Whether the intentions in a config entry are passed over: they have no part in its position.
    is_for_order: bool,
    kinds: Vec<(&'static ObjectKind, Readers)>,
}

/// The readers of a kind.
#[derive(Debug)]
struct Readers {
    is_compared: bool,
    /// Reads only the position of an object; `None` for a join.
    keys: Option<Reader>,
    whole: Option<Reader>,
}

const ALL_PEERS: PeerSelection = PeerSelection::All;

impl PartsReader {
    /// Reads objects of the kinds that `is_compared` selects.
    pub(super) fn new(is_compared: impl Fn(&ObjectKind) -> bool) -> Self {
        let readers = |kind: &'static ObjectKind| {
            let mut projection = kind.projection(&[], None);
            projection.add(["Node", "PeerName", "Service"]);
            let reader = |projection| {
                kind.is_direct()
                    .then(|| Reader::new(kind, RowOptions { peers: ALL_PEERS, projection }))
            };
            let (keys, whole) = (reader(projection), reader(Projection::All));
            (kind, Readers { is_compared: is_compared(kind), keys, whole })
        };
        Self { is_for_order: false, kinds: compared_kinds().map(readers).collect() }
    }

    /// Reads the positions of records of all kinds.
    pub(super) fn of_positions() -> Self {
        Self { is_for_order: true, ..Self::new(|_| true) }
    }

    /// Whether a record of this type contains compared objects.
    pub(super) fn is_compared(&self, record: Kind) -> bool {
        compared(record).any(|kind| self.readers(kind).is_some_and(|(_, r)| r.is_compared))
    }

    fn readers(&self, kind: &ObjectKind) -> Option<&(&'static ObjectKind, Readers)> {
        self.kinds.iter().find(|(k, _)| *k == kind)
    }

    /// Returns the content of a record. Problems are reported only if it yields nothing: objects
    /// that are held are read again.
    pub(super) fn parts(&mut self, frame: &Frame<'_>, problems: &mut Vec<FieldError>) -> Parts {
        let mut out = Parts { order: Vec::new(), parts: Vec::new() };
        let mut found = Vec::new();
        let mut any = false;
        for kind in compared(frame.kind) {
            let Some((_, readers)) = self.kinds.iter_mut().find(|(k, _)| *k == kind) else {
                continue;
            };
            let is_compared = readers.is_compared;
            let mut take = |row: &Row, whole: bool| {
                if !any {
                    out.order = row.order();
                }
                any = true;
                if is_compared {
                    let row_of_join = whole.then(|| row.pack());
                    out.parts.push(RecordPart { kind, key: row.key(), row: row_of_join });
                }
            };
            let mut count = 0;
            if let Some(reader) = &mut readers.keys {
                found.extend(reader.frame(frame, &mut |row| {
                    count += 1;
                    take(row, false);
                }));
            } else if frame.kind != Kind::CONFIG_ENTRY || is_compared && !self.is_for_order {
                let options = RowOptions { peers: ALL_PEERS, projection: Projection::All };
                let mut reader = Reader::new(kind, options);
                found.extend(reader.frame(frame, &mut |_| {}));
                reader.finish(&mut |row| take(row, true));
            }
            // One record with many objects of a kind is not read again for each of them.
            if count > 1
                && is_compared
                && let Some(reader) = &mut readers.whole
            {
                let first = out.parts.len().saturating_sub(count);
                let mut parts = out.parts.iter_mut().skip(first);
                reader.frame(frame, &mut |row| {
                    if let Some(part) = parts.next() {
                        part.row = Some(row.pack());
                    }
                });
            }
        }
        if !any {
            problems.append(&mut found);
        }
        out
    }

    /// Returns the content of a record, and collects its problems.
    pub(super) fn parts_of(&mut self, frame: &Frame<'_>, problems: &mut Problems) -> Parts {
        let mut found = Vec::new();
        let parts = self.parts(frame, &mut found);
        found.into_iter().for_each(|problem| problems.add(frame, problem));
        parts
    }

    /// Reads the whole object with this key from its record.
    pub(super) fn row(
        &mut self,
        kind: &'static ObjectKind,
        key: &[u8],
        frame: &Frame<'_>,
        problems: &mut Vec<FieldError>,
    ) -> Option<Row> {
        let (_, readers) = self.kinds.iter_mut().find(|(k, _)| *k == kind)?;
        let mut found = None;
        let mut problems_of = readers.whole.as_mut()?.frame(frame, &mut |row| {
            if found.is_none() && row.key() == key {
                found = Some(row.clone());
            }
        });
        problems.append(&mut problems_of);
        found
    }
}
