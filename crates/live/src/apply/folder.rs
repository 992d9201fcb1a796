//! The folder that makes it possible to undo an apply, and to resume it after an interruption.
//!
//! | file | content |
//! | --- | --- |
//! | `apply.json` | what was applied, when and to which cluster |
//! | `steps.jsonl` | each write of the plan: the object, and what the cluster had |
//! | `absent.jsonl` | type and ID of what the cluster did not have |
//! | `before.snap` | a snapshot of what it had |
//! | `journal.jsonl` | what was done, as it was done |
//!
//! Everything except the journal is complete and on disk before the first write. The journal may be
//! incomplete: comparing the cluster with the steps shows what is missing from it.

use super::{Action, Desired, Expected, Live, Plan, Written};
use serde_json::{Map, Value, json};
use snapscope_analyze::ClusterName;
use snapscope_analyze::api::written::{Object, id};
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_rewrite::{Level, SnapshotWriter, WriteOptions, made_meta, state_header};
use snapscope_staged::{StageError, StagedFolder, create_in};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{
    self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _,
};
use std::path::{Path, PathBuf};

const ABOUT: &str = "apply.json";
const STEPS: &str = "steps.jsonl";
const ABSENT: &str = "absent.jsonl";
const BEFORE: &str = "before.snap";
const JOURNAL: &str = "journal.jsonl";
/// The version of the layout.
const FORMAT: u64 = 1;

/// A folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It could not be created.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The system refuses.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// A file in it was changed.
    #[error("{}: line {line} is damaged; the folder cannot be used", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Another version of snapscope wrote it.
    #[error("{}: written by another version of snapscope", .0.display())]
    Format(PathBuf),
    /// Another process uses it.
    #[error("{}: another snapscope is applying it at the moment", .0.display())]
    Busy(PathBuf),
}

impl FolderError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, error }
    }
}

/// What is applied, and to which cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The name of the file or folder that is applied.
    pub from: String,
    /// The cluster's address.
    pub address: String,
    /// The cluster, as far as it is known.
    pub cluster: ClusterName,
    /// When, as text.
    pub time: String,
}

/// A write of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The kind of the object.
    pub kind: KindId,
    /// The action.
    pub action: Action,
    /// The object to write, or the cluster's object if it is to be deleted.
    pub object: Object,
    /// What the cluster had.
    pub before: Option<Live>,
}

/// How a step ended, according to the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ended {
    Done(Option<String>),
    Conflict,
}

/// A folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    start: Start,
    steps: Vec<Kept>,
    ended: Vec<Option<Ended>>,
    journal: File,
}

impl Folder {
    /// Creates the folder for a plan and numbers the plan's steps.
    ///
    /// # Errors
    /// If the name is taken, or the system refuses.
    pub fn create(path: &Path, start: Start, plan: &mut Plan) -> Result<Self, FolderError> {
        let folder = StagedFolder::begin(path, false, |_: &str| false)?;
        let steps = steps_of(plan);
        let at = folder.path().to_owned();
        write_files(&at, &start, &steps).map_err(FolderError::io(path))?;
        folder.settle()?;
        Self::open_journal(path, start, steps)
    }

    /// Opens a folder of an earlier run; `None` if it is not one.
    ///
    /// # Errors
    /// If it is damaged or in use, or the system refuses.
    pub fn open(path: &Path) -> Result<Option<Self>, FolderError> {
        let about = path.join(ABOUT);
        let text = match fs::read(&about) {
            Ok(text) => text,
            Err(e)
                if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(e) => return Err(FolderError::io(&about)(e)),
        };
        let damaged = || FolderError::Damaged { path: about.clone(), line: 1 };
        let value: Value = serde_json::from_slice(&text).map_err(|_| damaged())?;
        if value.get("format").and_then(Value::as_u64) != Some(FORMAT) {
            return Err(FolderError::Format(about));
        }
        let of = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let start = Start {
            from: of("from").ok_or_else(damaged)?,
            address: of("address").ok_or_else(damaged)?,
            cluster: ClusterName { datacenter: of("datacenter"), id: of("cluster_id") },
            time: of("time").ok_or_else(damaged)?,
        };
        let steps = read_steps(&path.join(STEPS))?;
        Self::open_journal(path, start, steps).map(Some)
    }

    fn open_journal(path: &Path, start: Start, steps: Vec<Kept>) -> Result<Self, FolderError> {
        let name = path.join(JOURNAL);
        let open = OpenOptions::new().read(true).append(true).open(&name);
        let mut journal = open.map_err(FolderError::io(&name))?;
        match journal.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::Busy(path.to_owned())),
            Err(TryLockError::Error(e)) => return Err(FolderError::io(&name)(e)),
        }
        let ended = read_journal(&mut journal, steps.len()).map_err(FolderError::io(&name))?;
        Ok(Self { path: path.to_owned(), start, steps, ended, journal })
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was applied, and to which cluster.
    #[must_use]
    pub const fn start(&self) -> &Start {
        &self.start
    }

    /// The unfinished writes of an earlier run. Each is written only if the cluster still has the
    /// state that the plan saw.
    #[must_use]
    pub fn rest(&self) -> Vec<Desired> {
        let steps = self.steps.iter().zip(&self.ended).enumerate();
        let rest = steps.filter(|(_, (_, ended))| ended.is_none());
        rest.map(|(at, (kept, _))| Desired {
            delete: kept.action == Action::Delete,
            expected: Expected::Unchanged(kept.before.clone()),
            step: Some(at),
            ..Desired::new(kept.kind, kept.object.clone(), 0)
        })
        .collect()
    }

    /// The writes that undo the apply. Each is written only if the cluster still has the applied
    /// state.
    #[must_use]
    pub fn reverse(&self) -> Vec<Desired> {
        let steps = self.steps.iter().zip(&self.ended);
        let written = steps.filter(|(_, ended)| **ended != Some(Ended::Conflict));
        written
            .map(|(kept, ended)| {
                let mut object = kept.object.clone();
                if let Some(Ended::Done(Some(id))) = ended {
                    object.insert("ID".to_owned(), id.as_str().into());
                }
                let expected = match kept.action {
                    Action::Delete => Expected::State(None),
                    _ => Expected::State(Some(object.clone())),
                };
                let (object, delete) = match &kept.before {
                    Some(live) => (live.object.clone(), false),
                    None => (object, true),
                };
                Desired { delete, expected, ..Desired::new(kept.kind, object, 0) }
            })
            .collect()
    }

    /// Records how steps ended.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn note(&mut self, steps: &[usize], how: &Written) -> io::Result<()> {
        let line = match how {
            Written::Done(None) => json!({"done": steps}),
            Written::Done(Some(id)) => json!({"done": steps, "id": id}),
            Written::Conflict(why) => json!({"conflict": steps, "why": why}),
            // It may succeed in the next run.
            Written::Refused(why) => json!({"refused": steps, "why": why}),
        };
        self.journal.write_all(format!("{line}\n").as_bytes())
    }

    /// Flushes the journal to disk.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn flush(&self) -> io::Result<()> {
        self.journal.sync_data()
    }
}

fn steps_of(plan: &mut Plan) -> Vec<Kept> {
    let mut steps = Vec::new();
    for planned in &mut plan.objects {
        let Some(action) = planned.action() else { continue };
        planned.wanted.step = Some(steps.len());
        steps.push(Kept {
            kind: planned.wanted.kind,
            action,
            object: planned.wanted.object.clone(),
            before: planned.live.clone(),
        });
    }
    steps
}

fn write_files(folder: &Path, start: &Start, steps: &[Kept]) -> io::Result<()> {
    let about = json!({
        "format": FORMAT,
        "from": start.from,
        "address": start.address,
        "datacenter": start.cluster.datacenter,
        "cluster_id": start.cluster.id,
        "time": start.time,
        "steps": steps.len(),
    });
    create_in(folder, ABOUT)?.write_all(format!("{about}\n").as_bytes())?;
    let mut lines = BufWriter::new(create_in(folder, STEPS)?);
    let mut absent = BufWriter::new(create_in(folder, ABSENT)?);
    for kept in steps {
        let kind = kinds::of(kept.kind);
        let before = kept.before.as_ref();
        let before = before.map(|live| json!({"index": live.index, "object": live.object}));
        let line = json!({
            "type": kind.name,
            "action": kept.action.word(),
            "object": kept.object,
            "before": before,
        });
        writeln!(lines, "{line}")?;
        if before.is_none() {
            let line = json!({"type": kind.object_name(), "id": id(kept.kind, &kept.object)});
            writeln!(absent, "{line}")?;
        }
    }
    lines.flush()?;
    absent.flush()?;
    write_snapshot(create_in(folder, BEFORE)?, steps)?;
    create_in(folder, JOURNAL).map(drop)
}

/// A snapshot of what the cluster had.
fn write_snapshot(file: File, steps: &[Kept]) -> io::Result<()> {
    let newest = steps.iter().filter_map(|kept| Some(kept.before.as_ref()?.index)).max();
    let index = newest.unwrap_or(0);
    let options = WriteOptions { level: Level::default(), ..WriteOptions::default() };
    let mut writer = SnapshotWriter::begin(file, &made_meta(index), &options)?;
    writer.append(&state_header(index))?;
    let mut records: Vec<(u8, Vec<u8>)> = Vec::new();
    for kept in steps {
        let Some(live) = &kept.before else { continue };
        let of_object = snapscope_objects::stored::records(kept.kind, &live.object);
        records.extend(of_object.into_iter().map(|(kind, bytes)| (kind.0, bytes)));
    }
    // Ordered by type, as in servers' snapshots.
    records.sort_by_key(|(kind, _)| *kind);
    for (_, record) in records {
        writer.append(&record)?;
    }
    let (file, _) = writer.finish()?;
    file.sync_all()
}

fn read_steps(path: &Path) -> Result<Vec<Kept>, FolderError> {
    let file = BufReader::new(File::open(path).map_err(FolderError::io(path))?);
    let mut steps = Vec::new();
    for (at, line) in file.lines().enumerate() {
        let line = line.map_err(FolderError::io(path))?;
        let kept = step_of(&line);
        steps.push(
            kept.ok_or_else(|| FolderError::Damaged { path: path.to_owned(), line: at + 1 })?,
        );
    }
    Ok(steps)
}

fn step_of(line: &str) -> Option<Kept> {
    let Value::Object(mut members) = serde_json::from_str(line).ok()? else { return None };
    let object = |value: Option<Value>| match value {
        Some(Value::Object(object)) => Some(object),
        _ => None,
    };
    let before = match members.remove("before")? {
        Value::Null => None,
        Value::Object(mut before) => {
            let index = before.get("index")?.as_u64()?;
            Some(Live { index, object: object(before.remove("object"))? })
        }
        _ => return None,
    };
    Some(Kept {
        kind: kinds::by_name(members.get("type")?.as_str()?)?.id,
        action: Action::by_word(members.get("action")?.as_str()?)?,
        object: object(members.remove("object"))?,
        before,
    })
}

/// Reads the journal. Its last line may be cut off; that step then counts as not done.
fn read_journal(journal: &mut File, steps: usize) -> io::Result<Vec<Option<Ended>>> {
    let mut text = Vec::new();
    journal.seek(SeekFrom::Start(0))?;
    journal.read_to_end(&mut text)?;
    let mut ended = vec![None; steps];
    for line in text.split(|b| *b == b'\n') {
        let Ok(line) = serde_json::from_slice::<Map<String, Value>>(line) else { continue };
        let id = line.get("id").and_then(Value::as_str).map(str::to_owned);
        for (name, how) in [("done", Ended::Done(id)), ("conflict", Ended::Conflict)] {
            let numbers = line.get(name).and_then(Value::as_array).into_iter().flatten();
            for at in numbers.filter_map(|n| usize::try_from(n.as_u64()?).ok()) {
                if let Some(ended) = ended.get_mut(at) {
                    *ended = Some(how.clone());
                }
            }
        }
    }
    if !text.is_empty() && !text.ends_with(b"\n") {
        journal.write_all(b"\n")?;
    }
    Ok(ended)
}
