//! Merges many small files into few large ones.
//!
//! A journal is written before files replace others. After a crash, the next run completes the step
//! or reverts it. In a folder each step is a single rename, so readers see each row exactly once at
//! all times.

use super::error::FleetError;
use super::manifest::{self, About, Compacted, Day};
use super::merge::merge;
use super::partition::{COMPACTED, checked, folder_of};
use super::place::{OWN, Place, Ready, Replacement};
use crate::formats::Format;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use snapscope_analyze::Jobs;
use snapscope_objects::kinds::by_name;
use snapscope_staged::{StagedFolder, create_in};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Smaller files are merged.
const SMALL: u64 = 64 << 20;
/// Maximum total size of the files that are merged into one.
const LARGE: u64 = 512 << 20;

/// The result of compacting.
#[derive(Debug, Default)]
pub struct CompactReport {
    /// Number of files that were merged.
    pub merged: u64,
    /// Their bytes.
    pub merged_bytes: u64,
    /// Number of files that they were merged into.
    pub made: u64,
    /// Their bytes.
    pub made_bytes: u64,
    /// Rows in them.
    pub rows: u64,
    /// Files that could not be merged, and why.
    pub problems: Vec<String>,
}

/// Files of one kind, cluster, day and folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    cluster: Option<String>,
    kind: String,
    folder: String,
}

/// A file that may be merged.
#[derive(Debug, Clone)]
struct Small {
    path: String,
    rows: u64,
    bytes: u64,
}

/// A step: a file replaces others.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    new: Compacted,
    old: Vec<String>,
}

/// Steps in progress.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    date: String,
    steps: Vec<Step>,
}

/// A prepared step.
struct Prepared {
    step: Step,
    from: std::path::PathBuf,
    merged_bytes: u64,
}

fn journal_path() -> String {
    format!("{OWN}/compacting.json")
}

/// Merges small files of each kind, cluster and day.
///
/// # Errors
/// If nothing was exported there, another process writes there, or something cannot be written.
pub fn compact(place: &dyn Place, jobs: Jobs) -> Result<CompactReport, FleetError> {
    let about: Option<About> = manifest::load(place, &manifest::head_path())?;
    let Some(about) = about else { return Err(FleetError::Nothing(place.name())) };
    about.head.check(place)?;
    let broken = || FleetError::Manifest {
        path: format!("{}/{}", place.name(), manifest::head_path()),
        why: format!("unknown format {:?}", about.head.format),
    };
    let format = Format::by_name(&about.head.format).filter(|format| format.is_columnar());
    let format = format.ok_or_else(broken)?;
    let _lock = place.lock().map_err(FleetError::io(place))?;
    recover(place)?;
    let mut report = CompactReport::default();
    for date in Day::all(place)? {
        let mut failed = BTreeSet::new();
        // A merged file may still be small.
        while compact_day(place, jobs, format, &date, &mut failed, &mut report)? {}
    }
    Ok(report)
}

/// Merges small files of a day. Returns whether there were any.
fn compact_day(
    place: &dyn Place,
    jobs: Jobs,
    format: Format,
    date: &str,
    failed: &mut BTreeSet<String>,
    report: &mut CompactReport,
) -> Result<bool, FleetError> {
    let mut day = Day::load(place, date)?;
    let units = units(&day)?;
    let mut any = false;
    let clusters: BTreeSet<Option<String>> =
        units.keys().map(|unit| unit.cluster.clone()).collect();
    for cluster in clusters {
        let due: Vec<(&Unit, Vec<Small>)> = units
            .iter()
            .filter(|(unit, _)| unit.cluster == cluster)
            .flat_map(|(unit, small)| groups(small).into_iter().map(move |group| (unit, group)))
            .filter(|(_, group)| !group.iter().any(|small| failed.contains(&small.path)))
            .collect();
        if due.is_empty() {
            continue;
        }
        let staged = place.staging().map_err(FleetError::io(place))?;
        let mut prepared = Vec::new();
        for result in prepare(place, jobs, format, &staged, &due) {
            match result {
                Ok(step) => prepared.push(step),
                Err((path, error)) => {
                    failed.insert(path.clone());
                    report
                        .problems
                        .push(format!("{}/{path}: not compacted: {error}", place.name()));
                }
            }
        }
        if prepared.is_empty() {
            continue;
        }
        any = true;
        for Prepared { step, merged_bytes, .. } in &prepared {
            report.merged += step.old.len() as u64;
            report.merged_bytes += merged_bytes;
            report.made += 1;
            report.made_bytes += step.new.bytes;
            report.rows += step.new.rows;
        }
        take(place, &mut day, prepared)?;
    }
    Ok(any)
}

/// The small files of a day.
fn units(day: &Day) -> Result<BTreeMap<Unit, Vec<Small>>, FleetError> {
    let mut units: BTreeMap<Unit, Vec<Small>> = BTreeMap::new();
    let mut add = |kind: &str, cluster: &Option<String>, small: Small| {
        if small.bytes < SMALL {
            let folder = folder_of(checked(&small.path)?).to_owned();
            let unit = Unit { cluster: cluster.clone(), kind: kind.to_owned(), folder };
            units.entry(unit).or_default().push(small);
        }
        Ok::<(), FleetError>(())
    };
    for compacted in &day.compacted {
        let Compacted { kind, cluster, file, rows, bytes } = compacted;
        add(kind, cluster, Small { path: file.clone(), rows: *rows, bytes: *bytes })?;
    }
    for entry in &day.snapshots {
        for (kind, rows) in &entry.kinds {
            if let Some(bytes) = rows.bytes {
                let small = Small { path: rows.file.clone(), rows: rows.rows, bytes };
                add(kind, &entry.cluster, small)?;
            }
        }
    }
    Ok(units)
}

/// Groups of files, each of which is merged into one file.
fn groups(small: &[Small]) -> Vec<Vec<Small>> {
    let mut small = small.to_vec();
    small.sort_by(|a, b| a.path.cmp(&b.path));
    let mut groups: Vec<Vec<Small>> = Vec::new();
    let mut size = u64::MAX;
    for file in small {
        size = size.saturating_add(file.bytes);
        match groups.last_mut().filter(|_| size <= LARGE) {
            Some(group) => group.push(file),
            None => {
                size = file.bytes;
                groups.push(vec![file]);
            }
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// Merges files, one group on each thread.
fn prepare(
    place: &dyn Place,
    jobs: Jobs,
    format: Format,
    staged: &StagedFolder,
    due: &[(&Unit, Vec<Small>)],
) -> Vec<Result<Prepared, (String, io::Error)>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((unit, group)) = due.get(at) else { return };
            let one = prepare_one(place, format, staged, unit, group);
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, one);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs.0.get().min(due.len()).max(1) {
            scope.spawn(work);
        }
        work();
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn prepare_one(
    place: &dyn Place,
    format: Format,
    staged: &StagedFolder,
    unit: &Unit,
    group: &[Small],
) -> Result<Prepared, (String, io::Error)> {
    let mut reading = String::new();
    let old: Vec<String> = group.iter().map(|small| small.path.clone()).collect();
    let hash = Sha256::digest(old.join("\n").as_bytes());
    let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let file = format!("{}/{COMPACTED}{hash}.{}", unit.folder, format.spec_name());
    let mut merged = || {
        let kind = by_name(&unit.kind).ok_or_else(|| io::Error::other("unknown type"))?;
        let name = format!("{}-{hash}", kind.name);
        let out = create_in(staged.path(), &name)?;
        let sources = old.iter().map(|path| {
            reading.clone_from(path);
            place.open(path)
        });
        let rows = merge(kind.id, format, sources, out)?;
        let expected: u64 = group.iter().map(|small| small.rows).sum();
        if rows != expected {
            let why = format!("the files have {rows} rows, the manifest has {expected}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let from = staged.path().join(name);
        let bytes = std::fs::metadata(&from)?.len();
        let (kind, cluster) = (unit.kind.clone(), unit.cluster.clone());
        let new = Compacted { kind, cluster, file: file.clone(), rows, bytes };
        let merged_bytes = group.iter().map(|small| small.bytes).sum();
        Ok(Prepared { step: Step { new, old: old.clone() }, from, merged_bytes })
    };
    merged().map_err(|error| {
        let path = if reading.is_empty() { file.clone() } else { reading };
        (path, error)
    })
}

/// Replaces files by the prepared ones.
fn take(place: &dyn Place, day: &mut Day, prepared: Vec<Prepared>) -> Result<(), FleetError> {
    let failed = FleetError::io(place);
    let (mut steps, mut replacements) = (Vec::new(), Vec::new());
    for Prepared { step, from, .. } in prepared {
        let path = step.new.file.clone();
        let folder = folder_of(&path).to_owned();
        let new = Ready { from, path };
        replacements.push(Replacement { folder, new, old: step.old.clone() });
        steps.push(step);
    }
    let journal = Journal { date: day.date.clone(), steps };
    manifest::save(place, &journal_path(), &journal)?;
    place.replace(&replacements).map_err(&failed)?;
    for step in &journal.steps {
        day.replace(&step.new, &step.old);
    }
    day.save(place)?;
    for step in &journal.steps {
        place.remove(&step.old).map_err(&failed)?;
    }
    place.remove(&[journal_path()]).map_err(&failed)
}

/// Completes or reverts a step of a killed run.
pub(super) fn recover(place: &dyn Place) -> Result<(), FleetError> {
    let Some(journal) = manifest::load::<Journal>(place, &journal_path())? else { return Ok(()) };
    let failed = FleetError::io(place);
    let mut day = Day::load(place, &journal.date)?;
    let (mut ended, mut taken_back) = (Vec::new(), Vec::new());
    for step in &journal.steps {
        checked(&step.new.file)?;
        step.old.iter().try_for_each(|path| checked(path).map(drop))?;
        let is_noted = day.compacted.iter().any(|known| known.file == step.new.file);
        let all_there = || -> io::Result<bool> {
            for path in &step.old {
                if !place.exists(path)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        if !is_noted && all_there().map_err(&failed)? {
            taken_back.push(step.new.file.clone());
            continue;
        }
        if !is_noted {
            day.replace(&step.new, &step.old);
        }
        ended.extend(step.old.iter().cloned());
    }
    day.save(place)?;
    place.remove(&taken_back).map_err(&failed)?;
    place.remove(&ended).map_err(&failed)?;
    place.remove(&[journal_path()]).map_err(&failed)
}
