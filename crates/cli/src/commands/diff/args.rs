//! Flags of `diff`.

use crate::form::{Form, forms, limit};
use crate::reading::ReadArgs;
use clap::Args;
use std::path::PathBuf;

/// Show what changed between two snapshots, or write a patch for it
///
/// Objects are matched by their IDs (a key, NODE/SERVICE-ID, an accessor, KIND/NAME). An object is
/// added, removed, changed, or recreated (deleted and created again with the same content).
/// --with-touched also shows objects in which only bookkeeping (ModifyIndex) differs. Texts are
/// compared by line, bytes by length and hash, tags and links as sets. Secrets are masked, but a
/// change remains visible.
///
/// `-o patch` writes a patch, the folder --out, that turns A's state into B's: keys as bodies for
/// /v1/txn, config entries as files. `snapscope apply` applies it. The patch lists all other
/// differences as not covered. It contains values, secrets included.
///
/// A server's Raft log shows who changed what, and when. It is used if A and B are states in one
/// data directory (DATA_DIR@INDEX, DATA_DIR@TIME), or if you name it with --log.
///
/// The exit code is 0 without differences, 1 with differences, and 3 if a file is damaged;
/// everything comparable is compared even then.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope diff yesterday.snap today.snap
  snapscope diff --stat --ignore Output,Coord yesterday.snap today.snap
  snapscope diff --type kv --prefix app/ -o jsonl yesterday.snap today.snap
  snapscope diff -o patch --out undo today.snap yesterday.snap
  snapscope diff data@600 data@700")]
pub(crate) struct DiffArgs {
    /// The first snapshot: a file or folder, or - for standard input
    #[arg(value_name = "A")]
    pub(super) before: PathBuf,
    /// The second snapshot
    #[arg(value_name = "B")]
    pub(super) after: PathBuf,
    /// Show only the number of differing objects by type
    #[arg(long)]
    pub(super) stat: bool,
    /// Only objects of these types: those of `list`, or record types such as KVS
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(super) types: Vec<String>,
    /// Only keys that start with PREFIX; with --type, objects whose ID starts with it
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true)]
    pub(super) prefix: Option<String>,
    /// Only objects that match this expression before or after
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(super) filter: Option<String>,
    /// Fields to ignore, by path: Output, Meta.build
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Also show objects of which only bookkeeping differs
    #[arg(long)]
    pub(super) with_touched: bool,
    /// A server's data directory or Raft log that has the writes between the snapshots: shows who
    /// made each change, and when
    #[arg(long, value_name = "DATA_DIR", conflicts_with = "stat")]
    pub(super) log: Option<PathBuf>,
    /// Show secrets
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// Maximum number of objects of each type in a table, and of lines of each; 0 shows everything
    #[arg(short = 'n', long, value_name = "N", value_parser = limit, allow_negative_numbers = true, default_value = "5")]
    pub(super) limit: u64,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["table", "json", "jsonl", "patch"]), default_value = "table")]
    pub(super) output: Form,
    /// With -o patch: the folder to create
    #[arg(long, value_name = "DIR", required_if_eq("output", "patch"))]
    pub(super) out: Option<PathBuf>,
    /// With -o patch: replace an existing folder
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) read: ReadArgs,
}
