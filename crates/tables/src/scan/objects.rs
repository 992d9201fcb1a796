//! Rows of objects and of their links, for several tables in one pass.

use super::batch::{BATCH, Batch};
use super::keys::Keys;
use super::request::Request;
use crate::cells::{Seen, referenced};
use crate::masking::Masking;
use crate::narrowing::Narrowing;
use crate::relation::Rows;
use crate::schema::{Holds, LinkTable, Table};
use crate::snapshot::Snapshot;
use snapscope_analyze::rows::{RowsOf, Sink, read};
use snapscope_analyze::{Jobs, Outcome};
use snapscope_archive::Blocks;
use snapscope_decode::{Frame, Kind};
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::{KindId, ObjectKind, PeerSelection};
use snapscope_objects::kinds;
use snapscope_objects::render::{Problem, RecordFields};
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::{Node, Projection};
use std::borrow::Cow;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

/// Fields that determine which parts of an object are secret.
const DECISIVE: [&str; 3] = ["Kind", "Key", "id"];

/// Some tables, read in one pass.
pub(super) struct Parts<'r> {
    parts: Vec<Part<'r>>,
    /// For each record type, the parts that read it.
    of_type: Vec<Vec<usize>>,
    masking: Option<&'r Masking>,
    hashes: RandomState,
    see: Option<&'r See<'r>>,
}

/// Sees every record.
pub(super) type See<'r> = dyn Fn(&Frame<'_>) + Sync + 'r;

/// What the objects of a kind become.
struct Part<'r> {
    kind: &'static ObjectKind,
    of: Of<'r>,
    narrowing: Option<&'r Narrowing>,
    filter: Option<&'r Filter>,
    keys: Option<Keys>,
    projection: Projection,
}

enum Of<'r> {
    /// Rows.
    Objects(&'static Table, &'r Request),
    /// Rows of links.
    Links(&'static LinkTable, &'r Request),
    /// Hashes of IDs, to check targets of references: few bytes for each, however long the IDs are.
    Ids,
}

/// The result for a block, by part.
#[derive(Default)]
pub(super) struct Page {
    pub(super) batches: Vec<Batch>,
    pub(super) ids: Vec<Vec<u64>>,
    /// Whether a part needs nothing more from the current record.
    is_done: Vec<bool>,
}

impl<'r> Parts<'r> {
    /// The requested tables, which contain objects or their links. Their rows are in this order,
    /// followed by the IDs of `ids`.
    pub(super) fn new(
        requests: impl Iterator<Item = &'r Request>,
        ids: &[KindId],
        masking: Option<&'r Masking>,
    ) -> Self {
        let mut parts: Vec<Part<'r>> = requests.filter_map(Part::of).collect();
        parts.extend(ids.iter().map(|kind| Part::ids(kinds::of(*kind))));
        if masking.is_some() {
            parts.iter_mut().for_each(|part| part.projection.add(DECISIVE));
        }
        let of_type = (0..=u8::MAX).map(|byte| {
            let reads = |part: &Part<'_>| part.kind.from.contains(&Kind(byte));
            parts
                .iter()
                .enumerate()
                .filter_map(|(at, part)| reads(part).then_some(at))
                .collect::<Vec<usize>>()
        });
        let of_type = of_type.collect();
        Self { parts, of_type, masking, hashes: RandomState::new(), see: None }
    }

    /// Also passes every record to `see`.
    pub(super) fn seen_by(self, see: &'r See<'r>) -> Self {
        Self { see: Some(see), ..self }
    }

    /// Reads a snapshot. `take` receives the pages in order, and empties them.
    pub(super) fn read(
        &self,
        snapshot: &Snapshot,
        take: impl FnMut(&mut Page) -> io::Result<()> + Send,
    ) -> io::Result<()> {
        let blocks = snapshot.open().map_err(io::Error::other)?;
        snapshot.remember(&self.read_blocks(blocks, snapshot.jobs, take)?);
        Ok(())
    }

    /// Reads the blocks of an open snapshot.
    pub(super) fn read_blocks(
        &self,
        blocks: Blocks,
        jobs: Jobs,
        mut take: impl FnMut(&mut Page) -> io::Result<()> + Send,
    ) -> io::Result<Outcome<()>> {
        // Counting costs less than moving blocks into the caches of other cores.
        let is_light = |part: &Part<'_>| part.keys.as_ref().is_some_and(Keys::are_only_counted);
        let jobs = match self.parts.iter().all(is_light) {
            true => Jobs(NonZeroUsize::MIN),
            false => jobs,
        };
        let rows = |part: &Part<'_>| RowsOf {
            kind: part.kind,
            options: RowOptions { peers: PeerSelection::All, projection: part.projection.clone() },
        };
        let rows: Vec<RowsOf> = self.parts.iter().map(rows).collect();
        read(blocks, jobs, &rows, self, |page| {
            page.make_room(self.parts.len());
            take(page).map(|()| ControlFlow::Continue(()))
        })
    }

    fn add(&self, part: &Part<'_>, seen: Seen<'_>, batch: &mut Batch) {
        match part.of {
            Of::Objects(table, request) => self.object(table, request, seen, batch),
            Of::Links(table, request) => self.links(table, &request.columns, seen, batch),
            Of::Ids => {}
        }
    }

    fn object(&self, table: &Table, request: &Request, seen: Seen<'_>, batch: &mut Batch) {
        let mut references = std::mem::take(&mut batch.references);
        batch.row(&request.columns, |at, cells| {
            let Some(column) = table.columns.get(at) else { return };
            if let Holds::Reference(reference) = column.holds
                && let Some(id) = referenced(reference, seen.row)
            {
                references.push((cells.len(), reference.to, self.hash(&id)));
            }
            cells.column_with(column, seen, request.lists_as_json);
        });
        batch.references = references;
    }

    fn links(&self, table: &LinkTable, columns: &[usize], seen: Seen<'_>, batch: &mut Batch) {
        let targets = |row: &Row| -> Vec<Vec<u8>> {
            let items = row.get(table.link.list).map(|list| list.items());
            let text = |item: Node<'_>| {
                item.get(table.link.field).and_then(|node| node.text()).unwrap_or(&[]).to_vec()
            };
            items.into_iter().flatten().map(text).collect()
        };
        let (stored, shown) = (targets(seen.row), targets(seen.shown));
        for (position, (stored, shown)) in stored.iter().zip(&shown).enumerate() {
            let mut references = std::mem::take(&mut batch.references);
            batch.row(columns, |column, cells| match column {
                0 => cells.text(seen.id),
                1 => cells.uint(position as u64),
                2 => cells.text(shown),
                _ => {
                    references.push((cells.len(), table.link.to, self.hash(stored)));
                    cells.text(shown);
                }
            });
            batch.references = references;
        }
    }

    fn hash(&self, id: &[u8]) -> u64 {
        self.hashes.hash_one(id)
    }
}

impl<'r> Part<'r> {
    fn of(request: &'r Request) -> Option<Self> {
        let columns = request.columns.as_slice();
        let mut projection = Projection::Only(Vec::new());
        let (kind, of, keys) = match request.relation.rows {
            Rows::Objects(table) => {
                for column in columns.iter().filter_map(|at| table.columns.get(*at)) {
                    match column.holds {
                        Holds::Id => projection.add(table.kind.id_fields.iter().copied()),
                        Holds::Shown(column) => projection.add(column.fields()),
                        Holds::Value(field) => projection.add([field]),
                        Holds::Reference(to) => {
                            projection.add(to.fields.iter().copied().chain(to.peer));
                        }
                        Holds::Json => projection = Projection::All,
                    }
                }
                let keys = Keys::of(table, columns).filter(|_| request.filter.is_none());
                (table.kind, Of::Objects(table, request), keys)
            }
            Rows::Links(table) => {
                projection
                    .add([table.link.list].into_iter().chain(table.from.id_fields.iter().copied()));
                (table.from, Of::Links(table, request), None)
            }
            _ => return None,
        };
        let narrowing = Some(&request.narrowing).filter(|narrowing| !narrowing.is_none());
        if narrowing.is_some() {
            projection.add(kind.id_fields.iter().copied());
        }
        let filter = request.filter.as_deref();
        if filter.is_some() {
            projection = Projection::All;
        }
        Some(Self { kind, of, narrowing, filter, keys, projection })
    }

    fn ids(kind: &'static ObjectKind) -> Self {
        let mut projection = Projection::Only(Vec::new());
        projection.add(kind.id_fields.iter().copied());
        Self { kind, of: Of::Ids, narrowing: None, filter: None, keys: None, projection }
    }
}

impl Page {
    fn make_room(&mut self, parts: usize) {
        self.batches.resize_with(parts, Batch::default);
        self.ids.resize_with(parts, Vec::new);
        self.is_done.resize(parts, false);
    }
}

impl Sink for Parts<'_> {
    type Page = Page;

    fn record(&self, frame: &Frame<'_>, page: &mut Page) -> bool {
        if page.is_done.len() != self.parts.len() {
            page.make_room(self.parts.len());
        }
        if let Some(see) = self.see {
            see(frame);
        }
        let mut is_needed = false;
        for &at in self.of_type.get(usize::from(frame.kind.0)).into_iter().flatten() {
            let (Some(part), Some(is_done), Some(batch)) =
                (self.parts.get(at), page.is_done.get_mut(at), page.batches.get_mut(at))
            else {
                continue;
            };
            let stored = || part.kind.stored_id(frame);
            let is_other = part.narrowing.is_some_and(|n| stored().is_some_and(|id| !n.has(id)));
            let is_key = |keys: &Keys| keys.add(frame, self.masking, batch);
            *is_done = is_other || part.keys.as_ref().is_some_and(is_key);
            is_needed |= !*is_done;
        }
        is_needed
    }

    fn whole(&self, of: usize, _: &RecordFields<'_>, page: &mut Page) -> Option<Vec<Problem>> {
        page.is_done.get(of).is_some_and(|is_done| *is_done).then(Vec::new)
    }

    fn row(&self, of: usize, row: &Row, page: &mut Page) {
        if page.batches.len() != self.parts.len() {
            page.make_room(self.parts.len());
        }
        let Some(part) = self.parts.get(of) else { return };
        let (Some(batch), Some(ids)) = (page.batches.get_mut(of), page.ids.get_mut(of)) else {
            return;
        };
        let id = row.id();
        let is_other = part.narrowing.is_some_and(|narrowing| !narrowing.has(&id))
            || part.filter.is_some_and(|filter| !filter.holds(row.object()));
        if is_other {
            return;
        }
        if matches!(part.of, Of::Ids) {
            ids.push(self.hash(&id));
            return;
        }
        match self.masking {
            None => self.add(part, Seen { row, shown: row, id: &id }, batch),
            Some(masking) => {
                let shown = masking.row(row);
                let id = match &shown {
                    Cow::Borrowed(_) => id,
                    Cow::Owned(shown) => Masking::id(row, shown),
                };
                self.add(part, Seen { row, shown: &shown, id: &id }, batch);
            }
        }
    }

    fn is_full(&self, page: &Page) -> bool {
        page.batches.iter().any(|batch| batch.size() > BATCH)
    }
}
