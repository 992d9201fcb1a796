//! `parquet` and `arrow`: a file with typed columns for each kind.
//!
//! Each file begins with columns that say which snapshot of which cluster its rows are from. The cluster is known only
//! once everything is read, so rows are encoded into a temporary file first. Then the columns are copied as they are,
//! next to the common ones. Secrets are masked unless they are requested.

mod answer;
mod files;
mod parts;

pub use answer::AnswerFile;
pub use snapscope_tables::columnar::columnar_schema;

pub(crate) use parts::{ROW_GROUP, failed, properties, version};
pub(crate) use snapscope_tables::columnar::VERSION;

use crate::formats::Format;
use crate::options::Selection;
use arrow_schema::SchemaRef;
use files::{write_arrow, write_parquet};
use parts::{Complete, Part};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelIterator as _, IntoParallelRefIterator as _,
    ParallelIterator as _,
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use snapscope_analyze::{ClusterName, Fold as _, Identity, Jobs, Outcome, Problems};
use snapscope_archive::{Blocks, Closing};
use snapscope_decode::{Frame, Kind};
use snapscope_objects::kind::KindId;
use snapscope_staged::create_in;
use snapscope_tables::columnar::{Common, columns, schema, table_of};
use snapscope_tables::{Condition, Masking, Narrowing, Request, read_together};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The schema of the files of a kind.
pub(crate) fn file_schema(kind: KindId) -> Option<SchemaRef> {
    Some(schema(&columns(table_of(kind)?)))
}

/// What the common columns say: which snapshot of which cluster.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    pub(crate) cluster: Option<String>,
    pub(crate) datacenter: Option<String>,
    /// The ID of the snapshot.
    pub(crate) snapshot: Option<String>,
    /// When it was taken, in milliseconds since 1970.
    pub(crate) taken_ms: Option<i64>,
    pub(crate) raft_index: Option<u64>,
}

/// The rows of selected objects, read and encoded.
pub(crate) struct Tables {
    parts: Vec<Complete>,
    common: Vec<Common>,
    pool: ThreadPool,
    pub(crate) about: About,
    pub(crate) closing: Closing,
    pub(crate) problems: Problems,
}

/// Reads selected objects.
pub(crate) fn read(
    blocks: Blocks,
    jobs: Jobs,
    selections: &[Selection],
    masking: Option<&Masking>,
) -> io::Result<Tables> {
    let selected = |selection: &Selection| {
        let part = Part::new(table_of(selection.kind.id)?);
        let request = request(&part, selection);
        Some((part, request))
    };
    let (mut parts, requests): (Vec<Part>, Vec<Request>) =
        selections.iter().filter_map(selected).unzip();
    let identity = Mutex::new((Identity::default(), Problems::default()));
    let see = |frame: &Frame<'_>| {
        if matches!(frame.kind, Kind::REGISTER | Kind::CONNECT_CA_CONFIG) {
            let (identity, problems) =
                &mut *identity.lock().unwrap_or_else(PoisonError::into_inner);
            identity.frame(frame, problems);
        }
    };
    let outcome =
        read_together(blocks, jobs.and_spare(), masking, &requests, &see, |of, batch| {
            parts.get_mut(of).map_or(Ok(()), |part| part.add(batch))
        })?;
    let pool = ThreadPoolBuilder::new().num_threads(jobs.0.get()).build();
    let pool = pool.map_err(io::Error::other)?;
    let parts =
        pool.install(|| parts.into_par_iter().map(Part::complete).collect::<Result<_, _>>())?;
    let Outcome { closing, problems, .. } = outcome;
    let (identity, _) = identity.into_inner().unwrap_or_else(PoisonError::into_inner);
    let cluster = identity.finish(&closing);
    let common = Common::of(cluster.clone(), &closing);
    let about = About::new(cluster, &closing);
    Ok(Tables { parts, common, pool, about, closing, problems })
}

impl Tables {
    /// The number of rows of a selection.
    pub(crate) fn rows(&self, at: usize) -> u64 {
        self.parts.get(at).map_or(0, |part| part.count)
    }

    /// Writes the file of a selection.
    pub(crate) fn write(&self, at: usize, format: Format, out: File) -> io::Result<()> {
        match self.parts.get(at) {
            Some(part) => self.pool.install(|| write(out, format, part, &self.common)),
            None => Ok(()),
        }
    }
}

/// Writes a file of a kind without rows.
pub(crate) fn write_empty(kind: KindId, format: Format, out: File) -> io::Result<()> {
    match table_of(kind) {
        // The common columns are those of rows.
        Some(table) => write(out, format, &Part::new(table).complete()?, &[]),
        None => Ok(()),
    }
}

fn write(out: File, format: Format, part: &Complete, common: &[Common]) -> io::Result<()> {
    match format {
        Format::Arrow => write_arrow(out, part, common),
        _ => write_parquet(out, part, common),
    }
}

/// Writes the files of selected objects into a folder. Returns the number of rows of each.
pub(crate) fn write_folder(
    blocks: Blocks,
    jobs: Jobs,
    selections: &[Selection],
    masking: Option<&Masking>,
    format: Format,
    folder: &Path,
) -> io::Result<Outcome<Vec<u64>>> {
    let tables = read(blocks, jobs, selections, masking)?;
    let write = |(at, selection): (usize, &Selection)| {
        let name = format!("{}.{}", selection.kind.name, format.spec().name);
        tables.write(at, format, create_in(folder, &name)?)
    };
    tables.pool.install(|| selections.par_iter().enumerate().try_for_each(write))?;
    let rows = (0..selections.len()).map(|at| tables.rows(at)).collect();
    Ok(Outcome { out: rows, closing: tables.closing, problems: tables.problems })
}

fn request(part: &Part, selection: &Selection) -> Request {
    let prefix = selection.prefix.clone().map(Condition::Prefix);
    Request {
        narrowing: Narrowing(prefix.into_iter().collect()),
        filter: selection.filter.clone().map(Arc::new),
        ..part.request()
    }
}

impl About {
    fn new(name: ClusterName, closing: &Closing) -> Self {
        let meta = closing.meta.as_ref();
        let last = closing.header.as_ref().and_then(|header| header.last_index);
        Self {
            cluster: name.id,
            datacenter: name.datacenter,
            snapshot: meta.map(|meta| meta.id.clone()),
            taken_ms: meta.and_then(snapscope_archive::Meta::taken_ms),
            raft_index: meta.map(|meta| meta.index).or(last),
        }
    }
}
