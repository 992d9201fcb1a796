//! `export`: the content of snapshots in the formats of other tools.

#[cfg(feature = "columnar")]
mod fleet;

use crate::exit::Exit;
use crate::kinds::kind_named;
use crate::own_input::spare_inputs;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::suggest::unknown;
use crate::terminal::note;
use anyhow::{Result, bail};
use clap::Args;
use snapscope_analyze::Outcome;
#[cfg(feature = "columnar")]
use snapscope_export::fleet::PartitionBy;
use snapscope_export::{Export, ExportOptions, ExportReport, FORMATS, Format};
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kinds::by_name;
use snapscope_objects::printable::counted;
use snapscope_staged::remove_on_signals;
use std::path::{Path, PathBuf};

/// Export keys, entries, ACLs or all as JSON, CSV, SQLite, Parquet
///
/// Formats: kv-json (a file, as `consul kv export` prints it), config-entries (a folder with a file
/// per entry, for `consul config write`), acl (a folder of request bodies for the ACL API, with the
/// rules beside them), jsonl (a file with one line per object), csv (a folder with a file per kind,
/// safe to open in a spreadsheet), sqlite (a database with a table per kind), parquet and arrow (a
/// folder with a file of typed columns per kind).
///
/// The export appears complete or not at all. It contains all secrets of the snapshot: tokens,
/// private keys, values of keys; parquet and arrow only with --show-secrets. Only its owner can read
/// it (0600, 0700).
///
/// From a damaged snapshot everything readable is exported. The exit code is then 3, and the export
/// is marked as incomplete; docs/commands.md describes the mark of each format.
///
/// Parquet and arrow take several snapshots, and add them to a folder or bucket: KIND/ID.parquet, or
/// with --partition cluster,date KIND/cluster=C/date=D/ID.parquet. Snapshots that are there are
/// skipped, copies of one count once, and _snapscope/ has a manifest. `compact` merges small files.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope export backup.snap --to kv-json --out keys.json --prefix apps/
  snapscope export backup.snap --to sqlite --out backup.db
  snapscope export backup.snap --to csv --out tables --type nodes --filter 'Meta.zone == a'
  snapscope export backups --to parquet --partition cluster,date --out fleet")]
pub(crate) struct ExportArgs {
    /// A snapshot; parquet and arrow take several: files, folders, patterns, s3://BUCKET/PREFIX/
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// kv-json, config-entries, acl, jsonl, csv, sqlite, parquet or arrow
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    to: Format,
    /// The file or folder to create; - writes kv-json and jsonl to standard output; for parquet and arrow also
    /// s3://BUCKET/PREFIX, az://CONTAINER/PREFIX, gs://BUCKET/PREFIX
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Only objects of these types, as `list` names them, or of record types such as KVS [default: everything that the format
    /// supports]
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = kind)]
    types: Vec<&'static ObjectKind>,
    /// Only keys that start with PREFIX, byte for byte
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true)]
    prefix: Option<String>,
    /// Only objects that match this expression, in Consul's filter language; it must be valid for
    /// every exported type
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Replace an existing file, or a folder of an earlier export
    #[arg(long)]
    force: bool,
    /// With --to kv-json: leave out keys at which `consul kv import` stops or that it writes
    /// elsewhere
    #[arg(long)]
    skip_unimportable: bool,
    /// With --to parquet or arrow: include secrets, and the values of keys
    #[arg(long)]
    show_secrets: bool,
    /// With --to parquet or arrow: put files into folders KEY=VALUE by these, cluster or date or both
    #[cfg(feature = "columnar")]
    #[arg(long, value_name = "KEY", value_delimiter = ',', value_parser = fleet::partition)]
    partition: Vec<PartitionBy>,
    #[command(flatten)]
    read: ReadArgs,
}

fn format(name: &str) -> Result<Format> {
    match Format::by_name(name) {
        Some(format) => Ok(format),
        None => {
            let known: Vec<&str> = FORMATS.iter().map(|spec| spec.name).collect();
            let all = format!("known formats: {}", known.join(", "));
            Err(unknown("format", name, known.iter().copied(), &all))
        }
    }
}

fn kind(name: &str) -> Result<&'static ObjectKind> {
    kind_named(name)
}

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
