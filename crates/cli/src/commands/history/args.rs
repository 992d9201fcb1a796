//! The command line of `history`.

use crate::form::{Form, forms};
use crate::reading::ReadArgs;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

/// Show how an object changed across snapshots
///
/// Shows when the object was first seen, and each change with its raft index, the two snapshots
/// between which it happened, and the changed fields, including deletion (the index of a deleted
/// key comes from its tombstone) and re-creation. Snapshots are files, folders with snapshots in
/// them, and patterns (`'backups/*.snap'`). They are grouped by cluster and sorted by raft index;
/// duplicates are skipped.
///
/// Snapshots record when an object was changed, not by whom, and only the last of several changes
/// between two snapshots. A server's Raft log has each change, with its time and the token that was
/// used. Name a data directory as a snapshot, or add its log with --log. Secrets are masked unless
/// you pass --show-secrets.
///
/// The exit code is 1 if no snapshot and no write of the log has such an object.
#[derive(Debug, Args)]
#[command(
    override_usage = "snapscope history [OPTIONS] <TYPE> <ID> <SNAPSHOT>...
       snapscope history [OPTIONS] --prefix <PREFIX> <TYPE> <SNAPSHOT>...",
    after_help = "Examples:
  snapscope history kv apps/staging/env '*.snap'
  snapscope history policy global-management backup.snap -o json
  snapscope history --prefix apps/ kv backup.snap
  snapscope history kv app/web/1 data"
)]
pub(crate) struct HistoryArgs {
    /// The type: one that `list` knows, in the singular or plural, or a record type such as KVS
    #[arg(value_name = "TYPE")]
    pub(super) kind: String,
    /// Its ID or name, or a prefix of one; for a token also its SecretID; then the snapshots: files,
    /// folders, patterns
    #[arg(value_name = "ID SNAPSHOT", required = true)]
    pub(super) rest: Vec<OsString>,
    /// Show changes of all objects whose ID starts with PREFIX, instead of one object
    #[arg(long = "prefix", alias = "under", value_name = "PREFIX", allow_hyphen_values = true)]
    pub(super) under: Option<OsString>,
    /// Look among objects imported from this peer, or `all`, instead of the cluster's own
    #[arg(long, value_name = "NAME")]
    pub(super) peer: Option<String>,
    /// The Raft log of a server of the same cluster: its data directory, raft folder, raft.db or wal folder
    #[arg(long, value_name = "DATA_DIR")]
    pub(super) log: Option<PathBuf>,
    /// Show secrets
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["table", "json", "jsonl"]), default_value = "table")]
    pub(super) output: Form,
    #[command(flatten)]
    pub(super) read: ReadArgs,
}
