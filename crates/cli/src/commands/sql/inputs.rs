//! The snapshots of `sql`.

use super::args::SqlArgs;
use crate::place::{Likeness, likeness};
use crate::reading::remote;
use crate::render::escape::one_line;
use crate::series::named;
use crate::terminal::note;
use anyhow::{Result, bail};
use snapscope_analyze::Jobs;
use snapscope_archive::Source;
use snapscope_rewrite::spooled;
use snapscope_tables::{Masking, Snapshot};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// The snapshots that the arguments name. A snapshot is read whenever a query needs it, so a pipe
/// is copied first.
pub(super) fn snapshots(files: &[PathBuf], args: &SqlArgs) -> Result<Vec<Arc<Snapshot>>> {
    let mut sources = Vec::new();
    for file in files {
        match remote(file)? {
            Some(source) => sources.push(source),
            None => local(file, &mut sources)?,
        }
    }
    if sources.is_empty() {
        bail!("no snapshot given; usage: snapscope sql FILE... [QUERY]");
    }
    drop_repeated(&mut sources);
    let masking = (!args.show_secrets).then(|| Arc::new(Masking::default()));
    let snapshot = |source: Source| -> Result<Arc<Snapshot>> {
        let jobs: Jobs = args.read.jobs();
        let source = spooled(source)?;
        Ok(Arc::new(Snapshot::new(source, args.read.options(), jobs, masking.clone())))
    };
    sources.into_iter().map(snapshot).collect()
}

/// Keeps the first of sources that are the same file, as `sql *.snap a.snap` would count its rows
/// twice.
fn drop_repeated(sources: &mut Vec<Source>) {
    let mut seen = BTreeSet::new();
    sources.retain(|source| {
        let place = match source {
            Source::File(path) | Source::Directory(path) => fs::canonicalize(path).ok(),
            _ => None,
        };
        let name = source.name();
        let is_new = seen.insert(place.unwrap_or_else(|| name.clone().into()));
        if !is_new {
            note!("snapscope: note: {} is named twice, and read once", one_line(name.as_bytes()));
        }
        is_new
    });
}

fn local(file: &PathBuf, sources: &mut Vec<Source>) -> Result<()> {
    let found = named(std::slice::from_ref(file))?;
    let is_one = |source: &Source| match source {
        Source::File(path) => likeness(path.as_os_str()) == Likeness::Snapshot,
        _ => true,
    };
    let before = sources.len();
    // A folder may also contain other files.
    let found = found.into_iter().filter(|named| !named.in_folder || is_one(&named.source));
    sources.extend(found.map(|named| named.source));
    if sources.len() == before {
        bail!("{}: this folder holds no snapshots", file.display());
    }
    Ok(())
}
