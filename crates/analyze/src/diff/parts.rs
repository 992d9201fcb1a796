//! What a record holds: which objects, and where they stand among their like.

use crate::drivers::Problems;
use snapscope_decode::{FieldError, Frame, Kind};
use snapscope_objects::kind::{ObjectKind, PeerSelection};
use snapscope_objects::kinds::{compared, compared_kinds};
use snapscope_objects::row::{Reader, Row, RowOptions};
use snapscope_objects::value::Wanted;

/// An object in a record.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// What it is.
    pub(super) kind: &'static ObjectKind,
    /// By what it is found in the other snapshot.
    pub(super) key: Vec<u8>,
    /// The object itself, where it can't be read from its record by its key alone.
    pub(super) row: Option<Row>,
}

/// What a record holds.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    /// Where the record stands in its section.
    pub(super) order: Vec<u8>,
    /// Its objects, of the kinds that are compared.
    pub(super) parts: Vec<Part>,
}

/// Makes objects out of records.
#[derive(Debug)]
pub(super) struct PartsReader {
    kinds: Vec<(&'static ObjectKind, Readers)>,
}

/// The ways a kind's records are read.
#[derive(Debug)]
struct Readers {
    is_compared: bool,
    /// Reads no more than tells where an object stands; none for a join.
    keys: Option<Reader>,
    whole: Option<Reader>,
}

const ALL_PEERS: PeerSelection = PeerSelection::All;

impl PartsReader {
    /// Reads objects for which `is_compared` holds.
    pub(super) fn new(is_compared: impl Fn(&ObjectKind) -> bool) -> Self {
        let readers = |kind: &'static ObjectKind| {
            let mut wanted = kind.wanted(&[], None);
            wanted.add(["Node", "PeerName", "Service"]);
            let reader = |wanted| {
                kind.is_direct().then(|| Reader::new(kind, RowOptions { peers: ALL_PEERS, wanted }))
            };
            let (keys, whole) = (reader(wanted), reader(Wanted::All));
            (kind, Readers { is_compared: is_compared(kind), keys, whole })
        };
        Self { kinds: compared_kinds().map(readers).collect() }
    }

    /// Whether a record of this type holds anything that is compared.
    pub(super) fn is_compared(&self, record: Kind) -> bool {
        compared(record).any(|kind| self.readers(kind).is_some_and(|(_, r)| r.is_compared))
    }

    fn readers(&self, kind: &ObjectKind) -> Option<&(&'static ObjectKind, Readers)> {
        self.kinds.iter().find(|(k, _)| *k == kind)
    }

    /// What a record holds. Problems are told only if nothing else comes of the record: what is held
    /// is read again.
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
                    let row_of_join = whole.then(|| row.clone());
                    out.parts.push(Part { kind, key: row.key(), row: row_of_join });
                }
            };
            let mut count = 0;
            if let Some(reader) = &mut readers.keys {
                found.extend(reader.frame(frame, &mut |row| {
                    count += 1;
                    take(row, false);
                }));
            } else if is_compared || frame.kind != Kind::CONFIG_ENTRY {
                let options = RowOptions { peers: ALL_PEERS, wanted: Wanted::All };
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
                        part.row = Some(row.clone());
                    }
                });
            }
        }
        if !any {
            problems.append(&mut found);
        }
        out
    }

    /// What a record holds, with its problems told where they are collected.
    pub(super) fn parts_of(&mut self, frame: &Frame<'_>, problems: &mut Problems) -> Parts {
        let mut found = Vec::new();
        let parts = self.parts(frame, &mut found);
        found.into_iter().for_each(|problem| problems.add(frame, problem));
        parts
    }

    /// The whole object of a kind that has this key, read from its record.
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
