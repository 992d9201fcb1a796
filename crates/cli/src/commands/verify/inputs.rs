//! Resolves names on the command line to snapshots.

use super::sidecar::{Beside, beside};
use crate::series::named;
use anyhow::Result;
use snapscope_analyze::series::Named;
use snapscope_archive::Source;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// A snapshot to verify.
pub(super) struct Input {
    pub(super) source: Source,
    /// Whether it was found in a folder. If it turns out not to be a snapshot, it is then skipped.
    pub(super) in_folder: bool,
    /// The agent's sidecar.
    pub(super) beside: Option<Beside>,
    /// Position of the name on the command line that it belongs to.
    pub(super) group: usize,
}

pub(super) struct Inputs {
    pub(super) all: Vec<Input>,
    /// The names on the command line.
    pub(super) names: Vec<PathBuf>,
}

fn of_name(name: &Path) -> Result<Vec<Input>> {
    if let Some(inputs) = remote(name)? {
        return Ok(inputs);
    }
    let found = named(&[name.to_owned()])?;
    let paths: HashSet<PathBuf> = found.iter().filter_map(file).map(Path::to_owned).collect();
    let snapshots = found.into_iter().filter(|named| {
        !file(named).is_some_and(|path| {
            // NAME.snap.json belongs to NAME.snap.
            path.extension().is_some_and(|ending| ending == "json")
                && named.in_folder
                && paths.contains(&path.with_extension(""))
        })
    });
    Ok(snapshots
        .map(|named| Input {
            beside: file(&named).and_then(beside),
            in_folder: named.in_folder,
            source: named.source,
            group: 0,
        })
        .collect())
}

fn file(named: &Named) -> Option<&Path> {
    match &named.source {
        Source::File(path) => Some(path),
        _ => None,
    }
}

/// Finds all snapshots that the names refer to.
pub(super) fn find(names: &[PathBuf]) -> Result<Inputs> {
    let mut all = Vec::new();
    for (group, name) in names.iter().enumerate() {
        let inputs = of_name(name)?;
        all.extend(inputs.into_iter().map(|input| Input { group, ..input }));
    }
    Ok(Inputs { all, names: names.to_vec() })
}

#[cfg(feature = "live")]
fn remote(name: &Path) -> Result<Option<Vec<Input>>> {
    let Some(found) = crate::remote::snapshots(name)? else { return Ok(None) };
    let inputs = found.into_iter().map(|(source, sidecar)| {
        let beside = sidecar.map(|sidecar| Beside::of_stream(sidecar.sha256, &source));
        let (source, beside) = match beside {
            Some((source, beside)) => (source, Some(beside)),
            None => (source, None),
        };
        Input { source, in_folder: false, beside, group: 0 }
    });
    Ok(Some(inputs.collect()))
}

/// Reports that this build cannot reach buckets, if the name is in one.
#[cfg(not(feature = "live"))]
fn remote(name: &Path) -> Result<Option<Vec<Input>>> {
    crate::reading::remote(name).map(|_| None)
}
