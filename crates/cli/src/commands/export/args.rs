//! The arguments of `export`.

use crate::kinds::kind_named;
use crate::reading::ReadArgs;
use crate::suggest::unknown;
use anyhow::Result;
use clap::Args;
#[cfg(feature = "columnar")]
use snapscope_export::fleet::PartitionBy;
use snapscope_export::{FORMATS, Format};
use snapscope_objects::kind::ObjectKind;
use std::path::PathBuf;

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
    pub(super) files: Vec<PathBuf>,
    /// kv-json, config-entries, acl, jsonl, csv, sqlite, parquet or arrow
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    pub(super) to: Format,
    /// The file or folder to create; - writes kv-json and jsonl to standard output; for parquet and arrow also
    /// s3://BUCKET/PREFIX, az://CONTAINER/PREFIX, gs://BUCKET/PREFIX
    #[arg(long, value_name = "PATH")]
    pub(super) out: PathBuf,
    /// Only objects of these types, as `list` names them, or of record types such as KVS [default: everything that the format
    /// supports]
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = kind)]
    pub(super) types: Vec<&'static ObjectKind>,
    /// Only keys that start with PREFIX, byte for byte
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true)]
    pub(super) prefix: Option<String>,
    /// Only objects that match this expression, in Consul's filter language; it must be valid for
    /// every exported type
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(super) filter: Option<String>,
    /// Replace an existing file, or a folder of an earlier export
    #[arg(long)]
    pub(super) force: bool,
    /// With --to kv-json: leave out keys at which `consul kv import` stops or that it writes
    /// elsewhere
    #[arg(long)]
    pub(super) skip_unimportable: bool,
    /// With --to parquet or arrow: include secrets, and the values of keys
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// With --to parquet or arrow: put files into folders KEY=VALUE by these, cluster or date or both
    #[cfg(feature = "columnar")]
    #[arg(long, value_name = "KEY", value_delimiter = ',', value_parser = partition)]
    pub(super) partition: Vec<PartitionBy>,
    #[command(flatten)]
    pub(super) read: ReadArgs,
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

/// Takes a key of partitions.
#[cfg(feature = "columnar")]
fn partition(name: &str) -> std::result::Result<PartitionBy, String> {
    PartitionBy::by_name(name).ok_or_else(|| {
        let known: Vec<&str> = PartitionBy::names().collect();
        format!("expected {}", known.join(", "))
    })
}
