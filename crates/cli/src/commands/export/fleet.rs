//! `export` of many snapshots into one folder or bucket.

use super::args::ExportArgs;
use crate::destination::{is_bucket, place};
use crate::exit::Exit;
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::series::{named, say_skipped, watch};
use crate::terminal::{note, say};
use anyhow::{Result, anyhow, bail};
use snapscope_analyze::series::Named;
use snapscope_archive::Source;
use snapscope_export::ExportOptions;
use snapscope_export::fleet::{Fate, Fleet, PartitionBy, Told};
use snapscope_objects::printable::counted;
use std::path::Path;

/// The snapshots of an export with a file for each of them; `None` if it is of one snapshot.
pub(super) fn sources(args: &ExportArgs) -> Result<Option<Vec<Named>>> {
    let is_fleet = args.files.len() > 1 || !args.partition.is_empty() || is_bucket(&args.out);
    if !is_fleet && !args.files.first().is_some_and(|file| names_several(file)) {
        return Ok(None);
    }
    let mut all = Vec::new();
    for file in &args.files {
        match stored(file)? {
            Some(sources) => all.extend(sources),
            None => all.append(&mut named(std::slice::from_ref(file))?),
        }
    }
    let is_stdin = |named: &&Named| matches!(named.source, Source::Stdin);
    if all.iter().filter(is_stdin).count() > 1 {
        bail!("standard input can be read only once");
    }
    Ok(Some(all))
}

/// Whether a name is a folder of several snapshots, a pattern, or a prefix in a bucket.
fn names_several(file: &Path) -> bool {
    if is_bucket(file) {
        return file.to_string_lossy().ends_with('/');
    }
    if file.as_os_str() == "-" || Source::find(file).is_ok() {
        return false;
    }
    let is_pattern = file.to_str().is_some_and(|text| text.contains(['*', '?', '[']));
    file.is_dir() || (is_pattern && !file.exists())
}

/// The snapshots in a bucket that a URL names.
#[cfg(feature = "live")]
fn stored(file: &Path) -> Result<Option<Vec<Named>>> {
    let Some(found) = crate::remote::snapshots(file)? else { return Ok(None) };
    Ok(Some(found.into_iter().map(|(source, _)| Named { source, in_folder: false }).collect()))
}

/// Reports that this build cannot reach buckets, if the name is in one.
#[cfg(not(feature = "live"))]
fn stored(file: &Path) -> Result<Option<Vec<Named>>> {
    crate::reading::remote(file).map(|_| None)
}

pub(super) fn run(args: &ExportArgs, options: &ExportOptions, sources: &[Named]) -> Result<Exit> {
    if !args.to.is_columnar() {
        let format = args.to.spec().name;
        bail!("--to {format} takes one snapshot; parquet and arrow take several");
    }
    if args.force {
        bail!(
            "--force does not apply to an export of many snapshots, which adds to what is there; remove {} to \
             start over",
            args.out.display()
        );
    }
    if let Some(twice) = repeated(&args.partition) {
        bail!("--partition names {} twice", twice.name());
    }
    let place = place(&args.out)?;
    let fleet = Fleet::open(&*place, options, &args.partition)?;
    let all: Vec<&Named> = sources.iter().collect();
    let progress = watch(&all);
    let is_verbose = args.read.is_verbose();
    let told = fleet.run(sources, args.read.jobs(), &args.read.watched(&progress), is_verbose);
    drop(progress);
    let told = told?;
    let exit = report(&args.read, sources, &told)?;
    let line = format!("snapscope: {}: {}", place.name(), summary(&told, args.show_secrets));
    note!("{}", one_line(line.as_bytes()));
    Ok(exit)
}

fn repeated(partition: &[PartitionBy]) -> Option<PartitionBy> {
    let mut seen = Vec::new();
    partition.iter().copied().find(|by| {
        let is_repeated = seen.contains(by);
        seen.push(*by);
        is_repeated
    })
}

/// Reports what is wrong with snapshots.
fn report(read: &ReadArgs, sources: &[Named], told: &[Told]) -> Result<Exit> {
    let mut exit = Exit::Done;
    let mut passed_over = Vec::new();
    for (named, told) in sources.iter().zip(told) {
        let name = named.source.name();
        if let Some(closing) = &told.closing {
            exit = exit.max(read.report_of(&name, closing, &told.problems));
        }
        let remark = |text: &str| {
            note!("snapscope: {}", one_line(format!("{name}: {text}").as_bytes()));
        };
        match &told.fate {
            Fate::Written(_) => {}
            Fate::There(problems) => {
                if let Some(problem) = problems.first() {
                    let text = format!("{name}: damaged when it was exported: {problem}");
                    say!("snapscope: {}", one_line(text.as_bytes()));
                    exit = exit.max(Exit::Damaged);
                }
            }
            Fate::Lost(files) => {
                let more = match files.len() {
                    0 | 1 => String::new(),
                    n => format!(" and {} more", n - 1),
                };
                let first = files.first().map_or("", String::as_str);
                let text = format!(
                    "{name}: its rows are lost: {first}{more} is gone, and had rows of other snapshots, too; export all \
                     snapshots to an empty folder"
                );
                say!("snapscope: {}", one_line(text.as_bytes()));
                exit = exit.max(Exit::Damaged);
            }
            Fate::Copy(of) => {
                let of = sources.get(*of).map_or_else(String::new, |named| named.source.name());
                remark(&format!("note: same as {of}, skipped"));
            }
            Fate::PassedOver => passed_over.push(name),
            Fate::Unreadable => {
                say!("snapscope: {}", one_line(format!("{name}: nothing exported").as_bytes()));
                exit = exit.max(Exit::Damaged);
            }
            Fate::Refused(error) => {
                say!("snapscope: {}", one_line(error.to_string().as_bytes()));
                exit = exit.max(Exit::Failed);
            }
        }
    }
    if !passed_over.is_empty() {
        if passed_over.len() == told.len() {
            return Err(anyhow!("none of the files is a snapshot: {}", passed_over.join(", ")));
        }
        say_skipped(&passed_over);
    }
    Ok(exit)
}

/// What was written, in a line.
fn summary(told: &[Told], has_secrets: bool) -> String {
    let count = |of: fn(&Fate) -> bool| told.iter().filter(|told| of(&told.fate)).count() as u64;
    let written = count(|fate| matches!(fate, Fate::Written(_)));
    let rows = told.iter().map(|told| match told.fate {
        Fate::Written(rows) => rows,
        _ => 0,
    });
    let snapshots = counted(written, "snapshot", "snapshots");
    let mut text = format!("wrote {snapshots}, {}", counted(rows.sum(), "row", "rows"));
    for (n, what) in [
        (count(|fate| matches!(fate, Fate::There(_))), "already there"),
        (count(|fate| matches!(fate, Fate::Lost(_))), "with lost files"),
        (count(|fate| matches!(fate, Fate::Copy(_))), "given twice"),
        (count(|fate| matches!(fate, Fate::Unreadable | Fate::Refused(_))), "unreadable"),
    ] {
        if n > 0 {
            text.push_str(&format!(", {n} {what}"));
        }
    }
    if written > 0 {
        text.push_str(if has_secrets { "; with all secrets" } else { "; secrets are masked" });
    }
    text
}
