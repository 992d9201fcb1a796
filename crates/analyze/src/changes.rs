//! The objects that a write changed, by the records before and after it.

use snapscope_decode::{Kind, frames_of};
use snapscope_objects::kind::{ObjectKind, PeerSelection};
use snapscope_objects::row::{Reader, Row, RowOptions};
use std::collections::BTreeMap;

/// An object before and after a write.
#[derive(Debug)]
pub struct ChangedObject {
    /// The object before it; `None` if it created it.
    pub before: Option<Row>,
    /// The object after it; `None` if it deleted it.
    pub after: Option<Row>,
}

impl ChangedObject {
    /// One of its two states.
    #[must_use]
    pub fn row(&self) -> Option<&Row> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// Finds the objects of some kinds in records that writes changed. For an object that is joined
/// from several records, pass all of its records.
#[derive(Debug)]
pub struct ChangedObjects {
    peers: PeerSelection,
    /// Kinds with their readers; a join has a new one each time.
    kinds: Vec<(&'static ObjectKind, Option<Reader>)>,
}

impl ChangedObjects {
    /// Objects of these kinds.
    #[must_use]
    pub fn new(
        kinds: impl IntoIterator<Item = &'static ObjectKind>,
        peers: &PeerSelection,
    ) -> Self {
        let options = || RowOptions { peers: peers.clone(), ..RowOptions::default() };
        let kinds = kinds.into_iter();
        let kinds =
            kinds.map(|kind| (kind, kind.is_direct().then(|| Reader::new(kind, options()))));
        Self { peers: peers.clone(), kinds: kinds.collect() }
    }

    /// Whether records of this type contain such objects.
    #[must_use]
    pub fn are_in(&self, record: Kind) -> bool {
        self.kinds.iter().any(|(kind, _)| kind.from.contains(&record))
    }

    /// Passes on each object that differs, by kind and key.
    pub fn each(&mut self, before: &[u8], after: &[u8], take: &mut dyn FnMut(ChangedObject)) {
        for (kind, reader) in &mut self.kinds {
            let mut objects: BTreeMap<Vec<u8>, ChangedObject> = BTreeMap::new();
            for (records, is_after) in [(before, false), (after, true)] {
                rows(kind, &self.peers, reader.as_mut(), records, &mut |row| {
                    let object = objects
                        .entry(row.key())
                        .or_insert(ChangedObject { before: None, after: None });
                    let side = if is_after { &mut object.after } else { &mut object.before };
                    *side = Some(row.clone());
                });
            }
            objects
                .into_values()
                .filter(|object| object.before != object.after)
                .for_each(&mut *take);
        }
    }
}

/// The rows of a kind in some records.
fn rows(
    kind: &'static ObjectKind,
    peers: &PeerSelection,
    mut reader: Option<&mut Reader>,
    records: &[u8],
    take: &mut dyn FnMut(&Row),
) {
    // Servers have applied these records, so problems in them were reported with the snapshot.
    let mut join = None;
    for frame in frames_of(records).flatten().filter(|frame| kind.from.contains(&frame.kind)) {
        if let Some(reader) = &mut reader {
            reader.frame(&frame, take);
        } else {
            let options = || RowOptions { peers: peers.clone(), ..RowOptions::default() };
            let join = join.get_or_insert_with(|| Reader::new(kind, options()));
            join.frame(&frame, &mut |_| {});
        }
    }
    if let Some(join) = join {
        join.finish(take);
    }
}
