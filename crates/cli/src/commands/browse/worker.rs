//! Reads what the screen requests on a separate thread, so that the screen stays responsive.

use super::listing::{Listed, Listing};
use super::object::{Look, Object};
use super::questions::{OfSnapshot, findings, who_can};
use super::spool::{Part, Spool};
use super::stored::read_exactly;
use super::table::{
    AtHand, Cell, Folder, Heading, Line, Objects, Page, Place, Rows, Table, Target, find,
};
use crate::commands::acl::BasisArgs;
use crate::reading::ReadArgs;
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use anyhow::{Result, bail};
use snapscope_analyze::acl::AclModel;
use snapscope_analyze::audit::{Audit, AuditOptions};
use snapscope_analyze::rows::kept;
use snapscope_analyze::{Fold, Outcome, Problems, fold};
use snapscope_archive::{Blocks, Closing};
use snapscope_decode::Kind;
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::{KindId, ObjectKind, PeerSelection};
use snapscope_objects::kinds::{self, KINDS};
use snapscope_objects::printable::counted;
use snapscope_objects::row::{Row, RowOptions};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};

/// What a view needs.
#[derive(Clone)]
pub(super) enum Ask {
    /// The items directly below a prefix.
    Level {
        below: super::keys::Below,
        by_size: bool,
    },
    List(Objects),
    Object {
        kind: &'static ObjectKind,
        place: Place,
        look: Look,
        shown: bool,
    },
    WhoCan(String),
    Audit,
    /// A line that has a text.
    Find {
        rows: Arc<dyn Rows>,
        text: String,
        from: usize,
        backwards: bool,
    },
}

/// The result of a request.
pub(super) enum Told {
    /// The snapshot was read: what is known about it, and its content.
    Loaded {
        contents: Table,
        closing: Arc<Closing>,
        problems: Problems,
    },
    Table(Table),
    Page(Page),
    Found(Option<usize>),
    /// The request was cancelled.
    Nothing,
    Failed(String),
}

/// An answer, and the problems found on the way.
pub(super) struct Answer {
    /// The number of the question.
    pub(super) to: u64,
    pub(super) told: Told,
    /// Malformed records, and the kind of objects in them.
    pub(super) malformed: Option<(&'static str, u64)>,
}

/// The state of the thread.
pub(super) struct Worker {
    pub(super) read: ReadArgs,
    pub(super) basis: BasisArgs,
    /// The number of the question whose answer is still needed.
    pub(super) current: Arc<AtomicU64>,
}

impl Worker {
    /// Reads the snapshot, then answers questions until the screen closes.
    pub(super) fn run(
        self,
        blocks: Blocks,
        asked: &Receiver<(u64, Ask)>,
        answers: &Sender<Answer>,
    ) {
        let answer = |to, told| Answer { to, told, malformed: None };
        let (spool, closing) = match Spool::read(blocks) {
            Ok(Outcome { out, closing, problems }) => {
                let closing = Arc::new(closing);
                let contents = contents(&out);
                let told = Told::Loaded { contents, closing: Arc::clone(&closing), problems };
                if answers.send(answer(0, told)).is_err() {
                    return;
                }
                (out, closing)
            }
            Err(e) => {
                // If this fails, nobody is waiting any more.
                let _ = answers.send(answer(0, Told::Failed(format!("{e:#}"))));
                return;
            }
        };
        let mut reading = Reading { worker: self, spool, closing, malformed: None };
        for (to, ask) in asked {
            let goes_on = || reading.worker.current.load(Ordering::Relaxed) == to;
            if !goes_on() {
                continue;
            }
            let told = reading.answer(to, ask).unwrap_or_else(|e| Told::Failed(format!("{e:#}")));
            let malformed = reading.malformed.take();
            if answers.send(Answer { to, told, malformed }).is_err() {
                return;
            }
        }
    }
}

struct Reading {
    worker: Worker,
    spool: Spool,
    closing: Arc<Closing>,
    malformed: Option<(&'static str, u64)>,
}

impl Reading {
    fn answer(&mut self, to: u64, ask: Ask) -> Result<Told> {
        let current = Arc::clone(&self.worker.current);
        let goes_on = move || current.load(Ordering::Relaxed) == to;
        Ok(match ask {
            Ask::Level { below, by_size } => {
                let level = self.spool.keys.level(&below, &goes_on)?;
                let level = if by_size { level.by_size() } else { level };
                // The title names the folders above.
                let folder = below.prefix.strip_suffix(b"/").unwrap_or(&below.prefix);
                let start = folder.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
                let title = match below.prefix.get(start..) {
                    Some(name @ [_, ..]) => one_line(name),
                    _ => "keys".to_owned(),
                };
                let kind = kinds::of(KindId::Kv);
                let below_it = Some(below.clone());
                let objects = Objects { kind, below: below_it, filter: None, with_imported: false };
                Told::Table(Table {
                    title,
                    columns: Folder::columns(),
                    note: Some(counted(below.keys.len() as u64, "key", "keys")),
                    rows: Arc::new(Folder { level, kind }),
                    objects: Some(objects),
                    imported: 0,
                })
            }
            Ask::List(objects) => self.list(&objects, &goes_on)?,
            Ask::Object { kind, place, look, shown } => {
                Told::Page(self.object(kind, &place)?.page(look, shown)?)
            }
            Ask::WhoCan(text) => {
                super::questions::words(&text)?;
                let model = self.whole(AclModel::default)?;
                Told::Table(who_can(&text, &model, &self.worker.basis)?)
            }
            Ask::Audit => {
                let basis = self.worker.basis.options();
                let options = AuditOptions {
                    at: basis.at,
                    datacenter: basis.datacenter,
                    version: basis.version,
                    ..AuditOptions::default()
                };
                Told::Table(findings(&self.whole(|| Audit::new(options.clone()))?))
            }
            Ask::Find { rows, text, from, backwards } => {
                Told::Found(find(&*rows, &text, from, backwards, &goes_on)?)
            }
        })
    }

    fn open(&self, part: &Part) -> Result<Blocks> {
        Ok(self.worker.read.open_quietly(&part.source())?)
    }

    /// Puts a question to the whole snapshot.
    fn whole<F: Fold>(&self, new: impl Fn() -> F + Sync) -> Result<F::Out> {
        let blocks = self.open(&self.spool.whole())?;
        let new = || OfSnapshot::new(new(), Arc::clone(&self.closing));
        Ok(fold(blocks, self.worker.read.jobs(), new).out)
    }

    fn list(&mut self, objects: &Objects, goes_on: &(dyn Fn() -> bool + Sync)) -> Result<Told> {
        let kind = objects.kind;
        let filter = match &objects.filter {
            Some(text) => Some(Filter::compile(text, &kind.shape())?),
            None => None,
        };
        let part = match &objects.below {
            Some(below) => self.spool.part([self.spool.keys.bytes(&below.keys)]),
            None => self.spool.of(kind.from),
        };
        let with_imported = objects.with_imported;
        let listed = Listed { kind, filter: filter.as_ref(), part: &part, with_imported, goes_on };
        let blocks = self.open(&part)?;
        let Some((listing, problems)) = Listing::read(blocks, self.worker.read.jobs(), &listed)?
        else {
            return Ok(Told::Nothing);
        };
        if problems.count > 0 {
            self.malformed = Some((kind.name, problems.count));
        }
        let title = match &objects.filter {
            Some(text) => format!("{} where {}", kind.name, one_line(text.as_bytes())),
            None => kind.name.to_owned(),
        };
        let imported = listing.imported;
        Ok(Told::Table(Table {
            title,
            columns: listing.columns(),
            note: Some(note(kind, listing.len() as u64, imported, with_imported)),
            rows: Arc::new(listing),
            objects: Some(objects.clone()),
            imported,
        }))
    }

    /// Reads an object again.
    fn object(&self, kind: &'static ObjectKind, place: &Place) -> Result<Object> {
        let peers = if kind.traits.by_peer { PeerSelection::All } else { PeerSelection::Local };
        let options = RowOptions { peers, ..RowOptions::default() };
        let (part, bytes) = match place {
            Place::Record { bytes, .. } => (self.spool.part([bytes.clone()]), Some(bytes)),
            Place::Named(_) => (self.spool.of(kind.from), None),
        };
        let is_it = |row: &Row| match place {
            Place::Record { .. } => true,
            Place::Named(id) => row.id() == *id,
        };
        let mut left = match place {
            Place::Record { nth, .. } => *nth,
            Place::Named(_) => 0,
        };
        let mut found = None;
        let jobs = self.worker.read.jobs();
        let keep = |row: &Row| is_it(row).then(|| row.clone());
        kept(
            self.open(&part)?,
            jobs,
            kind,
            &options,
            |_| true,
            keep,
            |row| {
                if left > 0 {
                    left -= 1;
                    return Ok(ControlFlow::Continue(()));
                }
                found = Some(row);
                Ok(ControlFlow::Break(()))
            },
        )?;
        let Some(row) = found else { bail!("this {} cannot be read", kind.one) };
        let record = match bytes {
            Some(range) => {
                let mut record = Vec::new();
                read_exactly(self.spool.file(), range.clone(), &mut record)?;
                Some(record)
            }
            None => None,
        };
        Ok(Object { row, record })
    }
}

/// The number of listed objects, and of those from peers.
fn note(kind: &ObjectKind, count: u64, imported: u64, with_imported: bool) -> String {
    let count = counted(count, kind.one, kind.name);
    match (imported, with_imported) {
        (0, _) => count,
        (imported, true) => format!("{count}, {imported} of them imported from peers"),
        (imported, false) => format!("{count}; p shows {imported} more from peers"),
    }
}

/// The record types of a snapshot, each with the kinds of objects in its records.
fn contents(spool: &Spool) -> Table {
    let types: Vec<Kind> = spool.counts.types.iter().map(|(kind, _)| *kind).collect();
    let mut lines = Vec::new();
    for (record, tally) in &spool.counts.types {
        // A kind with several record types is listed below the first of them.
        let is_here = |kind: &&&ObjectKind| {
            kind.traits.excerpt_of.is_none()
                && kind.from.iter().find(|from| types.contains(from)) == Some(record)
        };
        let mut kinds: Vec<&'static ObjectKind> = KINDS.iter().filter(is_here).copied().collect();
        if kinds.is_empty() {
            // The last kind is that of unknown records.
            let known = kinds::all().filter(|kind| kind.id != KindId::Records);
            kinds.extend(known.filter(|kind| kind.from.contains(record)));
        }
        let target = match kinds.as_slice() {
            _ if *record == Kind::KVS => Target::Keys(spool.keys.all()),
            [only] => Target::List(only),
            [] => Target::Nothing(format!(
                "unknown record type; `snapscope decode --type '{record}'` prints its records"
            )),
            several => {
                let names: Vec<&str> = several.iter().map(|kind| kind.name).collect();
                Target::Nothing(format!("open one of the lines below it: {}", names.join(", ")))
            }
        };
        let cells = vec![
            Cell::text(record.to_string().as_bytes()),
            Cell::number(tally.count),
            Cell::number(byte_size(tally.size)),
        ];
        lines.push(Line { cells, target, question: None, is_sentence: false });
        if kinds.len() < 2 {
            continue;
        }
        let of_kind = |kind: &&'static ObjectKind| Line {
            cells: vec![Cell::text(format!("  {}", kind.name).as_bytes())],
            target: Target::List(kind),
            question: None,
            is_sentence: false,
        };
        lines.extend(kinds.iter().map(of_kind));
    }
    let records: u64 = spool.counts.types.iter().map(|(_, tally)| tally.count).sum();
    let (records, size) = (counted(records, "record", "records"), byte_size(spool.counts.total));
    Table {
        title: "contents".to_owned(),
        columns: Heading::all([("type", 0), ("records", 1), ("size", 2)]),
        rows: Arc::new(AtHand(lines)),
        objects: None,
        note: Some(format!("{records}, {size}")),
        imported: 0,
    }
}
