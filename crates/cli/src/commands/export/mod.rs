//! `export`: the content of snapshots in the formats of other tools.

mod args;
#[cfg(feature = "columnar")]
mod fleet;

pub(crate) use args::ExportArgs;

use crate::exit::Exit;
use crate::own_input::spare_inputs;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::terminal::note;
use anyhow::{Result, bail};
use snapscope_analyze::Outcome;
use snapscope_export::{Export, ExportOptions, ExportReport};
use snapscope_objects::kinds::by_name;
use snapscope_objects::printable::counted;
use snapscope_staged::remove_on_signals;
use std::path::{Path, PathBuf};

/// Maximum number of kinds named in the summary.
const NAMED: usize = 5;

/// A number of objects of a kind, in words.
fn count_of(kind: &'static str, count: u64) -> String {
    counted(count, by_name(kind).map_or(kind, |kind| kind.one), kind)
}

/// The selection of an export that found nothing, in the words of the command line.
fn asked(args: &ExportArgs) -> String {
    let types: Vec<&str> = args.types.iter().map(|kind| kind.name).collect();
    let types = if types.is_empty() { "objects".to_owned() } else { types.join(", ") };
    let mut text = format!("no {types}");
    let flags = [("--prefix", &args.prefix), ("--filter", &args.filter)];
    let mut flags = flags.into_iter().filter_map(|(flag, value)| Some((flag, value.as_ref()?)));
    if let Some((flag, value)) = flags.next() {
        text.push_str(&format!(" match {flag} {value:?}"));
    }
    if let Some((flag, value)) = flags.next() {
        text.push_str(&format!(" and {flag} {value:?}"));
    }
    format!("{text} in the snapshot")
}

/// A line that says what was written.
fn written(rows: &[(&'static str, u64)], has_secrets: bool) -> String {
    let mut rows: Vec<&(&str, u64)> = rows.iter().filter(|(_, count)| *count > 0).collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let all: u64 = rows.iter().map(|(_, count)| count).sum();
    let named: Vec<String> =
        rows.iter().take(NAMED).map(|(kind, count)| count_of(kind, *count)).collect();
    let more = if rows.len() > named.len() { ", ..." } else { "" };
    match all {
        0 => "wrote no objects".to_owned(),
        n if !has_secrets => {
            let objects = counted(n, "object", "objects");
            format!("wrote {objects} ({}{more}); secrets are masked", named.join(", "))
        }
        1 => format!("wrote 1 object ({}); with its secrets, if it has any", named.join(", ")),
        n => format!("wrote {n} objects ({}{more}); with all of their secrets", named.join(", ")),
    }
}

pub(crate) fn run(args: &ExportArgs) -> Result<Exit> {
    if args.show_secrets && !args.to.masks_secrets() {
        bail!("--show-secrets works with parquet and arrow; other formats always have secrets");
    }
    let options = ExportOptions {
        kinds: args.types.clone(),
        prefix: args.prefix.as_ref().map(|prefix| prefix.clone().into_bytes()),
        filter: args.filter.clone(),
        force: args.force,
        skip_unimportable: args.skip_unimportable,
        show_secrets: args.show_secrets,
        ..ExportOptions::new(args.to, &args.out)
    };
    let inputs: Vec<&Path> = args.files.iter().map(PathBuf::as_path).collect();
    spare_inputs("--out", &args.out, &inputs)?;
    remove_on_signals()?;
    #[cfg(feature = "columnar")]
    if let Some(sources) = fleet::sources(args)? {
        return fleet::run(args, &options, &sources);
    }
    let [file] = &args.files[..] else {
        bail!("export takes one snapshot in this build, without parquet and arrow")
    };
    let source = ReadArgs::source(&FileArg { file: file.clone() })?;
    let to_output = args.out.as_os_str() == "-";
    if to_output && crate::terminal::is_terminal() {
        bail!(
            "an export contains secrets and is not written to a terminal; redirect it, or pass a \
             path to --out"
        );
    }
    let Asked { out: (rows, notes), exit, .. } = args.read.ask_of(&source, |blocks| {
        let export = Export::prepare(&options)?;
        let ExportReport { rows, notes, closing, problems } =
            export.run(blocks, args.read.jobs())?;
        Ok(Outcome { out: (rows, notes), closing, problems })
    })?;
    let has_secrets = args.show_secrets || !args.to.masks_secrets();
    let out = if to_output { "standard output".to_owned() } else { args.out.display().to_string() };
    for note in &notes {
        let line = format!("snapscope: {out}: note: {note}");
        note!("{}", one_line(line.as_bytes()));
    }
    let mut line = format!("snapscope: {out}: {}", written(&rows, has_secrets));
    if rows.iter().all(|(_, count)| *count == 0) {
        line.push_str(&format!(": {}", asked(args)));
    }
    note!("{}", one_line(line.as_bytes()));
    Ok(exit)
}
