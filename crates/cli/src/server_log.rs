//! Shared parts of commands about logs: a server's Raft log and the snapshots beside it.

use crate::log_damage::Losses;
use crate::place::{Likeness, likeness, place_and_moment};
use crate::render::escape::one_line;
use crate::terminal::{note, say};
use crate::times::{self, Typed};
use anyhow::{Context as _, Result, anyhow, bail};
use snapscope_decode::GoTime;
use snapscope_raftlog::{Entry, Extent, LogFinding, RaftLog};
use std::fs;
use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// The error about times if a log has none.
pub(crate) const TIMELESS: &str =
    "the log doesn't say when its entries were written (servers before 1.10 or so don't)";

/// The places of logs that commands accept.
const LOGS: &str = "name a data directory, its raft folder, a raft.db or a wal folder";

/// Describes a name that is certainly not a log, and says what to name instead.
fn other_than_a_log(name: &Path) -> Option<String> {
    let text = name.to_string_lossy();
    if text == "-" || text.contains("://") && !name.exists() {
        return Some(
            "a Raft log is read from local files; copy the data directory first".to_owned(),
        );
    }
    if let Some((place, moment)) = place_and_moment(name) {
        return Some(format!(
            "a state in the log of {place}; name {place}, and --until {moment} for the entries up to it"
        ));
    }
    if !name.is_file() {
        return None;
    }
    if likeness(name.as_os_str()) == Likeness::Snapshot {
        return Some(format!(
            "a snapshot, which has no Raft log (an archive of a data directory has to be unpacked); {LOGS}"
        ));
    }
    let mut start = Vec::new();
    fs::File::open(name).and_then(|file| file.take(START).read_to_end(&mut start)).ok()?;
    match start.as_slice() {
        [] => Some(format!("the file is empty; {LOGS}")),
        // The pages of a raft.db have numbers in them, with zero bytes.
        text if !text.contains(&0) => Some(format!("not a raft.db (a bbolt file); {LOGS}")),
        _ => None,
    }
}

/// Number of bytes that distinguish a text from a raft.db.
const START: u64 = 4096;

/// A log, and the finished snapshots of the same server, oldest first.
#[derive(Debug)]
pub(crate) struct ServerLog {
    pub(crate) log: RaftLog,
    pub(crate) snapshots: Vec<ServerSnapshot>,
    /// The snapshots beside the log that cannot be used.
    pub(crate) losses: Losses,
}

/// A finished snapshot in a server's `raft/snapshots`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerSnapshot {
    pub(crate) index: u64,
    pub(crate) path: PathBuf,
}

impl ServerLog {
    /// Finds the log of a name.
    pub(crate) fn find(name: &Path) -> Result<Self> {
        if let Some(is) = other_than_a_log(name) {
            bail!("{}: {is}", name.display());
        }
        // The error names the file.
        let log = RaftLog::open(name)?;
        let Some(log) = log else { bail!("{}: no Raft log found; {LOGS}", name.display()) };
        let (mut snapshots, mut losses) = (Vec::new(), Losses::default());
        if let Some(raft) = log.path().parent() {
            let folder = raft.join("snapshots");
            match snapshots_in(&folder) {
                Ok(found) => snapshots = found,
                Err(e) => losses.add(&one_line(format!("{}: {e}", folder.display()).as_bytes())),
            }
        }
        Ok(Self { log, snapshots, losses })
    }

    /// Whether a name leads to a folder with a log.
    pub(crate) fn is_at(name: &Path) -> bool {
        name.is_dir() && RaftLog::open(name).is_ok_and(|log| log.is_some())
    }

    /// The files of the log and of the snapshots beside it, in order of their names.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let path = self.log.path();
        let mut files = Vec::new();
        if path.is_dir() {
            for file in fs::read_dir(path).with_context(|| path.display().to_string())? {
                let file = file?.path();
                let is_part = file.extension().is_some_and(|e| e == "wal" || e == "db");
                files.extend(is_part.then_some(file));
            }
        } else {
            files.push(path.to_owned());
        }
        for snapshot in &self.snapshots {
            files.extend(["meta.json", "state.bin"].map(|name| snapshot.path.join(name)));
        }
        files.sort();
        Ok(files)
    }

    /// The range of entries in the log.
    pub(crate) fn extent(&self) -> Result<Extent> {
        let extent = self.log.extent().with_context(|| self.log.path().display().to_string())?;
        extent.with_context(|| format!("{}: the Raft log is empty", self.log.path().display()))
    }

    /// The error for an entry that the log does not have.
    pub(crate) fn no_entry(&self, index: u64) -> anyhow::Error {
        match self.extent() {
            Ok(Extent { first, last, .. }) if (first..=last).contains(&index) => {
                anyhow!("entry {index} is missing in the log, which is damaged")
            }
            Ok(Extent { first, last, .. }) => {
                anyhow!("the log has no entry {index}; it has {first} to {last}")
            }
            Err(error) => error,
        }
    }

    /// When its last entry was written, if that is recorded.
    fn last_time(&self) -> Result<Option<GoTime>> {
        let mut last = None;
        let mut take = |entry: Entry<'_>| {
            last = entry.appended_at.or(last);
            ControlFlow::Continue(())
        };
        self.walk(self.extent()?.last, &mut take)?;
        if last.is_none() {
            // Only the last one may be without a time.
            self.walk(0, &mut |entry| {
                last = entry.appended_at.or(last);
                ControlFlow::Continue(())
            })?;
        }
        Ok(last)
    }

    /// Calls `each` with all entries from an index on; returns other findings about the log.
    pub(crate) fn walk(
        &self,
        from: u64,
        each: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Result<Vec<LogFinding>> {
        let mut findings = Vec::new();
        self.log
            .walk(from, &mut |finding| findings.push(finding), each)
            .with_context(|| self.log.path().display().to_string())?;
        Ok(findings)
    }
}

/// Describes a folder that has a log but no snapshot, where a snapshot is expected.
pub(crate) fn only_a_log(folder: &Path) -> Option<String> {
    let server = folder.is_dir().then(|| ServerLog::find(folder).ok()).flatten()?;
    let Extent { first, last, .. } =
        server.extent().ok().filter(|_| server.snapshots.is_empty())?;
    let name = folder.display();
    Some(if first == 1 {
        format!(
            "{name}: a data directory without snapshots; its Raft log has all entries up to {last}, so use \
             {name}@{last} for the state after them"
        )
    } else {
        format!(
            "{name}: a data directory without snapshots; its Raft log has the entries {first} to {last}, and \
             `snapscope at --index {last} OLDER.snap --log {name} --out OUT.snap` applies them to an older snapshot"
        )
    })
}

/// A point in time. A time without a zone is local, and a time of day is on the last day of the
/// logs; a note says which time that is.
pub(crate) fn time_of(text: &str, typed: Typed, servers: &[&ServerLog]) -> Result<GoTime> {
    let (at, whose) = match typed {
        Typed::At(time) => return Ok(time),
        Typed::Local(time) => (times::of_local(time), "local time"),
        Typed::OfDay(time) => {
            let mut last: Option<GoTime> = None;
            for server in servers {
                let place = |time: &GoTime| (time.seconds, time.nanos);
                last = last.into_iter().chain(server.last_time()?).max_by_key(place);
            }
            let Some(last) = last else { bail!(timeless(servers)) };
            (times::on_day_of(time, last), "local time on the log's last day")
        }
    };
    let Some(at) = at else { bail!("the time {text:?} does not exist on that day") };
    note!("snapscope: note: {text} means {} ({}): {whose}", times::local(at), times::exact(at));
    Ok(at)
}

/// Reports that a time was given for logs that record none.
pub(crate) fn timeless(servers: &[&ServerLog]) -> String {
    let paths: Vec<String> =
        servers.iter().map(|server| server.log.path().display().to_string()).collect();
    format!("{}: {TIMELESS}; use an index", paths.join(", "))
}

/// Reports that entries that were shown have been removed from the log.
pub(crate) fn say_replaced(from: u64) {
    say!(
        "snapscope: note: a new leader has removed the entries from index {from} on; what follows replaces them"
    );
}

/// The finished snapshots in a folder, if it exists.
fn snapshots_in(folder: &Path) -> io::Result<Vec<ServerSnapshot>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(e) => return Err(e),
    };
    let snapshot = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_owned();
        let mut parts = name.split('-').map(|part| part.parse::<u64>().ok());
        let (_, index, _) = (parts.next()??, parts.next()??, parts.next()??);
        let is_finished = ["state.bin", "meta.json"].iter().all(|part| path.join(part).is_file());
        (parts.next().is_none() && is_finished).then_some(ServerSnapshot { index, path })
    };
    let mut found = Vec::new();
    for entry in entries {
        found.extend(snapshot(entry?.path()));
    }
    found.sort();
    Ok(found)
}
