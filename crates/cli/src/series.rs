//! Shared parts of commands that take many snapshots.

use crate::exit::Exit;
use crate::log_damage::of_state;
use crate::progress::Progress;
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::rolled::source_at;
use crate::server_log::only_a_log;
use crate::terminal::{note, say};
use crate::times::of_unix_ms;
use anyhow::{Result, anyhow, bail};
use snapscope_analyze::Fold;
use snapscope_analyze::series::{
    Cluster, FindError, Named, Series, Snapshot, Unreadable, find, read,
};
use snapscope_answers::Incomplete;
use snapscope_archive::Source;
use snapscope_objects::printable::counted;
use std::path::{Path, PathBuf};

pub(crate) use snapscope_answers::series::{cluster_members, left_out_members, snapshots_member};

/// What is missing in a series: the damage of its snapshots, or what was lost when one of them was
/// computed from a log.
pub(crate) fn incomplete<T>(series: &Series<T>) -> Option<Incomplete> {
    snapscope_answers::series::incomplete(series).or_else(|| {
        let mut snapshots = series.clusters.iter().flat_map(|cluster| &cluster.snapshots);
        snapshots.find_map(|snapshot| of_state(&snapshot.name))
    })
}

/// The possible forms of the arguments.
pub(crate) const SNAPSHOTS: &str = "Snapshots: files, folders, patterns";

/// Maximum number of skipped files that are named.
const NAMED: usize = 3;

/// Resolves names to snapshots. `DATA_DIR@INDEX` and `DATA_DIR@TIME` are states of a log, and
/// follow the others.
pub(crate) fn named(names: &[PathBuf]) -> Result<Vec<Named>> {
    let (mut plain, mut states) = (Vec::new(), Vec::new());
    for name in names {
        match source_at(name)? {
            Some(source) => states.push(Named { source, in_folder: false }),
            None => plain.push(name.clone()),
        }
    }
    let mut all = find(&plain).map_err(with_hint)?;
    all.append(&mut states);
    Ok(all)
}

/// Describes what is wrong with names. For a folder that has only a log, describes how to use it.
pub(crate) fn with_hint(error: FindError) -> anyhow::Error {
    let said = match &error {
        FindError::NothingInFolder { folder } => only_a_log(Path::new(folder)),
        _ => None,
    };
    said.map_or_else(|| error.into(), |said| anyhow!(said))
}

/// Runs a question on all of `named` and sorts the answers. Reports problems on standard error, and
/// returns the exit code.
pub(crate) fn ask<F: Fold, T: Send>(
    args: &ReadArgs,
    named: &[Named],
    new: impl Fn() -> F + Sync,
    keep: impl Fn(usize, F::Out) -> T + Sync,
) -> Result<(Series<T>, Exit)> {
    let all: Vec<&Named> = named.iter().collect();
    let progress = watch(&all);
    let answers = read(&all, args.jobs(), &args.watched(&progress), new, keep);
    drop(progress);
    let mut series = Series::new(named, answers);
    let nothing = series.clusters.is_empty();
    // Without any answer, the system's error is returned.
    if nothing
        && let Some(at) =
            series.unreadable.iter().position(|u| matches!(u, Unreadable::Refused { .. }))
        && let Unreadable::Refused { error, .. } = series.unreadable.swap_remove(at)
    {
        return Err(error.into());
    }
    if nothing && series.unreadable.is_empty() {
        bail!("none of the files is a snapshot: {}", series.passed_over.join(", "));
    }
    let exit = report(args, &series);
    Ok((series, exit))
}

/// Shows the progress of reading.
pub(crate) fn watch(named: &[&Named]) -> Progress {
    Progress::start(named.iter().map(|named| Source::size(&named.source)).sum())
}

/// Reports problems of the snapshots of a series, and names the skipped ones.
fn report<T>(args: &ReadArgs, series: &Series<T>) -> Exit {
    let mut exit = Exit::Done;
    for snapshot in series.clusters.iter().flat_map(|cluster| &cluster.snapshots) {
        exit = exit.max(args.report_of(&snapshot.name, &snapshot.closing, &snapshot.problems));
    }
    for unreadable in &series.unreadable {
        match unreadable {
            Unreadable::Refused { error, .. } => {
                say(&error.to_string());
                exit = exit.max(Exit::Failed);
            }
            Unreadable::Damaged { name, closing, .. } => {
                exit = exit.max(args.report_of(name, closing, &Default::default()));
                exit = exit.max(Exit::Damaged);
            }
        }
    }
    for duplicate in &series.duplicates {
        remark(&format!("{}: note: same as {}, skipped", duplicate.name, duplicate.of));
    }
    say_skipped(&series.passed_over);
    for cluster in &series.clusters {
        if let Some((before, after)) = turned_back(cluster) {
            remark(&format!(
                "note: {} was taken after {}, but has a lower raft index: the servers were \
                 recreated in between; snapshots are sorted by index",
                before.name, after.name
            ));
        }
    }
    exit
}

fn say(message: &str) {
    // If standard error is closed too, nothing can be reported.
    say!("snapscope: {}", one_line(message.as_bytes()));
}

/// Names the first skipped files, if there are any.
pub(crate) fn say_skipped(files: &[String]) {
    let Some(first) = files.get(..NAMED.min(files.len())).filter(|first| !first.is_empty()) else {
        return;
    };
    let more = match files.len() - first.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    remark(&format!("note: skipped, not snapshots: {}{more}", first.join(", ")));
}

fn remark(message: &str) {
    note!("snapscope: {}", one_line(message.as_bytes()));
}

/// Two snapshots whose order by index differs from their order by time.
fn turned_back<T>(cluster: &Cluster<T>) -> Option<(&Snapshot<T>, &Snapshot<T>)> {
    let mut pairs = cluster.snapshots.iter().zip(cluster.snapshots.iter().skip(1));
    pairs.find(|(a, b)| a.index < b.index && a.taken_ms.zip(b.taken_ms).is_some_and(|(a, b)| a > b))
}

/// The heading of a cluster in text, with the number of its snapshots.
pub(crate) fn heading<T>(cluster: &Cluster<T>) -> String {
    let name = one_line(cluster.name.to_string().as_bytes());
    let snapshots = &cluster.snapshots;
    let count = counted(snapshots.len() as u64, "snapshot", "snapshots");
    let times: Vec<i64> = snapshots.iter().filter_map(|snapshot| snapshot.taken_ms).collect();
    let span = match (times.iter().min(), times.iter().max()) {
        (Some(first), Some(last)) if first != last => {
            format!(", {} to {}", time(Some(*first)), time(Some(*last)))
        }
        (Some(first), _) => format!(", {}", time(Some(*first))),
        _ => ", times unknown".to_owned(),
    };
    format!("{name}\n{count}{span}\n")
}

/// A time as text, `-` if unknown.
pub(crate) fn time(ms: Option<i64>) -> String {
    ms.and_then(of_unix_ms).unwrap_or_else(|| "-".to_owned())
}
