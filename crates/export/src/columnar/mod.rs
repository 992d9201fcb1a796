//! `parquet` and `arrow`: a file with typed columns for each kind.
//!
//! Each file begins with columns that say which snapshot of which cluster its rows are from. The cluster is known only
//! once everything is read, so rows are encoded into a temporary file first. Then the columns are copied as they are,
//! next to the common ones. Secrets are masked unless they are requested.

mod files;
mod parts;

pub use snapscope_tables::columnar::columnar_schema;

use crate::formats::Format;
use crate::options::Selection;
use files::{write_arrow, write_parquet};
use parts::Part;
use snapscope_analyze::{Fold as _, Identity, Jobs, Outcome, Problems};
use snapscope_archive::Blocks;
use snapscope_decode::{Frame, Kind};
use snapscope_staged::create_in;
use snapscope_tables::columnar::{Common, table_of};
use snapscope_tables::{Condition, Masking, Narrowing, Request, read_together};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Writes the files of selected objects into a folder. Returns the number of rows of each.
pub(crate) fn write(
    blocks: Blocks,
    jobs: Jobs,
    selections: &[Selection],
    masking: Option<&Masking>,
    format: Format,
    folder: &Path,
) -> io::Result<Outcome<Vec<u64>>> {
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
    let outcome = read_together(blocks, jobs, masking, &requests, &see, |of, batch| {
        parts.get_mut(of).map_or(Ok(()), |part| part.add(batch))
    })?;
    let Outcome { closing, problems, .. } = outcome;
    let (identity, _) = identity.into_inner().unwrap_or_else(PoisonError::into_inner);
    let common = Common::of(identity.finish(&closing), &closing);
    for (part, selection) in parts.iter_mut().zip(selections) {
        let ending = if format == Format::Arrow { "arrow" } else { "parquet" };
        let file = create_in(folder, &format!("{}.{ending}", selection.kind.name))?;
        match format {
            Format::Arrow => write_arrow(file, part, &common)?,
            _ => write_parquet(file, part, &common)?,
        }
    }
    let rows = parts.iter().map(|part| part.rows).collect();
    Ok(Outcome { out: rows, closing, problems })
}

fn request(part: &Part, selection: &Selection) -> Request {
    let prefix = selection.prefix.clone().map(Condition::Prefix);
    Request {
        narrowing: Narrowing(prefix.into_iter().collect()),
        filter: selection.filter.clone().map(Arc::new),
        ..part.request()
    }
}
