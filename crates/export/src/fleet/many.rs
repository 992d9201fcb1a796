//! The run of an export of many snapshots.

use super::compact::recover;
use super::error::FleetError;
use super::ledger::Ledger;
use super::manifest::{self, About, Head};
use super::partition::{PartitionBy, SCHEMA, folder_of};
use super::place::{Lock, Place, Ready};
use super::told::{Reading, Told};
use crate::columnar::{VERSION, write_empty};
use crate::formats::Format;
use crate::options::{ExportOptions, Selection};
use snapscope_analyze::Jobs;
use snapscope_analyze::series::Named;
use snapscope_archive::OpenOptions;
use snapscope_staged::create_in;
use snapscope_tables::Masking;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An export of many snapshots.
pub struct Fleet<'p> {
    pub(super) place: &'p dyn Place,
    pub(super) format: Format,
    pub(super) partition: Vec<PartitionBy>,
    pub(super) selections: Vec<Selection>,
    pub(super) masking: Option<Masking>,
    pub(super) ledger: Ledger<'p>,
    about: About,
    written: Mutex<Written>,
    _lock: Lock,
}

/// What this run has written.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) kinds: BTreeSet<&'static str>,
    /// The first of the names of its snapshots.
    pub(super) first: Option<String>,
}

impl<'p> Fleet<'p> {
    /// Checks the options and the place, and locks the place. Of the options, those about the
    /// target are ignored.
    ///
    /// # Errors
    /// If the options contradict each other or those of what is there, or the place cannot be written.
    pub fn open(
        place: &'p dyn Place,
        options: &ExportOptions,
        partition: &[PartitionBy],
    ) -> Result<Self, FleetError> {
        let selections = options.selections()?;
        if !options.format.is_columnar() {
            return Err(FleetError::Format(options.format.spec().name));
        }
        let lock = place.lock().map_err(FleetError::io(place))?;
        recover(place)?;
        let head = head(options, partition);
        let about = match manifest::load::<About>(place, &manifest::head_path())? {
            Some(about) => {
                differs(place, &about.head, &head)?;
                about
            }
            None => About { head, kinds: BTreeSet::new() },
        };
        Ok(Self {
            place,
            format: options.format,
            partition: partition.to_vec(),
            selections,
            masking: (!options.show_secrets).then(Masking::default),
            ledger: Ledger::new(place),
            about,
            written: Mutex::default(),
            _lock: lock,
        })
    }

    /// Exports snapshots, each on one thread as long as there are more of them than threads.
    /// Returns the result for each, in their order. Intact snapshots have their containers
    /// described only if `describe_all` is set.
    ///
    /// # Errors
    /// If something cannot be written. Snapshots that were written until then stay.
    pub fn run(
        mut self,
        sources: &[Named],
        jobs: Jobs,
        options: &OpenOptions,
        describe_all: bool,
    ) -> Result<Vec<Told>, FleetError> {
        let path = manifest::head_path();
        manifest::save(self.place, &path, &self.about)?;
        let ran = self.read_all(sources, jobs, options, describe_all);
        // This also happens after an error, so that written snapshots are not read again.
        let saved = self.ledger.save();
        let schemas = self.schemas();
        let told = ran?;
        saved?;
        if schemas? {
            manifest::save(self.place, &path, &self.about)?;
        }
        Ok(told)
    }

    fn read_all(
        &self,
        sources: &[Named],
        jobs: Jobs,
        options: &OpenOptions,
        describe_all: bool,
    ) -> Result<Vec<Told>, FleetError> {
        let workers = jobs.0.get().min(sources.len()).max(1);
        let each = NonZeroUsize::new(jobs.0.get() / workers).unwrap_or(NonZeroUsize::MIN);
        let options = OpenOptions { threads: each.get(), hash_state: true, ..options.clone() };
        let reading = Reading { sources, jobs: Jobs(each), options, describe_all };
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = || {
            let mut told = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= sources.len() || failed.load(Ordering::Relaxed) {
                    return Ok(told);
                }
                match self.export(&reading, at) {
                    Ok(more) => told.extend(more),
                    Err(error) => {
                        failed.store(true, Ordering::Relaxed);
                        return Err(error);
                    }
                }
            }
        };
        let told = std::thread::scope(|scope| {
            let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
            let mut told = work();
            for other in others {
                let theirs = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                told = told.and_then(|mut told| {
                    told.extend(theirs?);
                    Ok(told)
                });
            }
            told
        });
        let mut told: Vec<(usize, Told)> = told?;
        told.sort_by_key(|(at, _)| *at);
        Ok(told.into_iter().map(|(_, told)| told).collect())
    }

    pub(super) fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a file without rows for each kind without objects in any snapshot, so that queries
    /// find its columns. Returns whether more kinds have files than before.
    fn schemas(&mut self) -> Result<bool, FleetError> {
        let written = std::mem::take(&mut *self.written());
        let Some(first) = &written.first else { return Ok(false) };
        let before = self.about.kinds.len();
        self.about.kinds.extend(written.kinds.iter().map(|kind| (*kind).to_owned()));
        let failed = FleetError::io(self.place);
        let staged = self.place.staging().map_err(&failed)?;
        let mut ready = Vec::new();
        for selection in &self.selections {
            let kind = selection.kind;
            if !self.about.kinds.insert(kind.name.to_owned()) {
                continue;
            }
            let name = format!("{}.{}", kind.name, self.ending());
            let file = create_in(staged.path(), &name).map_err(&failed)?;
            write_empty(kind.id, self.format, file).map_err(&failed)?;
            let folder = match folder_of(first) {
                "" => String::new(),
                folder => format!("{folder}/"),
            };
            let path = format!("{}/{folder}{SCHEMA}.{}", kind.name, self.ending());
            ready.push(Ready { from: staged.path().join(name), path });
        }
        self.place.put(&ready).map_err(&failed)?;
        Ok(self.about.kinds.len() > before)
    }

    pub(super) fn ending(&self) -> &'static str {
        self.format.spec_name()
    }
}

fn head(options: &ExportOptions, partition: &[PartitionBy]) -> Head {
    let mut kinds = options.kinds.clone();
    kinds.sort_by_key(|kind| kind.id);
    kinds.dedup();
    Head {
        version: Head::version(),
        format: options.format.spec().name.to_owned(),
        schema_version: VERSION.to_owned(),
        partition: partition.iter().map(|by| by.name().to_owned()).collect(),
        types: (!kinds.is_empty()).then(|| kinds.iter().map(|kind| kind.name.to_owned()).collect()),
        prefix: options.prefix.as_ref().map(|prefix| String::from_utf8_lossy(prefix).into_owned()),
        filter: options.filter.clone(),
        secrets: options.show_secrets,
    }
}

/// Refuses to add snapshots with other options than those of the existing ones.
fn differs(place: &dyn Place, there: &Head, asked: &Head) -> Result<(), FleetError> {
    let text =
        |text: &Option<String>| text.as_ref().map_or("none".to_owned(), |t| format!("{t:?}"));
    let list = |list: &[String]| match list {
        [] => "none".to_owned(),
        list => list.join(","),
    };
    let types = |of: &Head| of.types.as_deref().map_or("all".to_owned(), list);
    let facts = [
        ("manifest version", there.version.to_string(), asked.version.to_string()),
        ("--to", there.format.clone(), asked.format.clone()),
        ("schema version", there.schema_version.clone(), asked.schema_version.clone()),
        ("--partition", list(&there.partition), list(&asked.partition)),
        ("--type", types(there), types(asked)),
        ("--prefix", text(&there.prefix), text(&asked.prefix)),
        ("--filter", text(&there.filter), text(&asked.filter)),
        ("--show-secrets", there.secrets.to_string(), asked.secrets.to_string()),
    ];
    match facts.into_iter().find(|(_, there, asked)| there != asked) {
        None => Ok(()),
        Some((what, there, asked)) => {
            Err(FleetError::Other { place: place.name(), what, there, asked })
        }
    }
}
