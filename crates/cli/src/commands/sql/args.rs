//! The flags of `sql`.

use super::dot;
use crate::form::{Form, TYPED_ROWS, forms};
use crate::place::{Likeness, likeness};
use crate::reading::ReadArgs;
use clap::Args;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Query snapshots with SQL
///
/// Every type that `list` knows is a table, and so are record types, audit findings (findings) and
/// the rights of tokens (grants). Tables and columns have the names of `export --to sqlite`. Only
/// the columns that a query uses are read. Nothing can be written.
///
/// Without QUERY, a terminal shows a prompt (.tables and .schema describe the tables); otherwise
/// queries are read from standard input. With several snapshots, each table starts with a column
/// `snapshot`. Secrets and values of keys are masked, in conditions too, unless you pass --show-secrets.
///
/// If a file is damaged, the answer contains everything readable, and the exit code is 3.
#[derive(Debug, Args)]
#[command(
    override_usage = "snapscope sql [OPTIONS] <FILE>... [QUERY]",
    after_help = "Examples:
  snapscope sql backup.snap \"select count(*), sum(size) from kv where key like 'app/%'\"
  snapscope sql backup.snap \"select token, segment from grants where access = 'write'\"
  snapscope sql backup.snap \"select policies, count(*) from tokens group by 1\" -o csv
  snapscope sql backup.snap 'select key, size from kv' -o parquet --out keys.parquet"
)]
pub(crate) struct SqlArgs {
    /// Snapshots: files, folders, patterns; then the query
    #[arg(value_name = "FILE", required = true)]
    arguments: Vec<OsString>,
    /// Show secrets, and the values of keys
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(TYPED_ROWS), default_value = "table")]
    pub(super) output: Form,
    /// With -o parquet: the file to create, instead of standard output
    #[cfg(feature = "columnar")]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Replace an existing file
    #[cfg(feature = "columnar")]
    #[arg(long, requires = "out")]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) read: ReadArgs,
}

impl SqlArgs {
    /// The snapshots, and the query if there is one: the last argument that is a query.
    pub(super) fn files_and_query(&self) -> (Vec<PathBuf>, Option<String>) {
        let mut arguments = self.arguments.clone();
        let query = arguments.iter().rposition(|argument| is_query(argument));
        let query = query.map(|at| arguments.remove(at).to_string_lossy().into_owned());
        (arguments.into_iter().map(PathBuf::from).collect(), query)
    }
}

/// Whether an argument is a query rather than the name of a snapshot.
fn is_query(argument: &OsStr) -> bool {
    let text = argument.to_string_lossy();
    let has_words = text.trim().contains(char::is_whitespace) || text.contains(';');
    (has_words || dot::is_one(&text)) && likeness(argument) < Likeness::Exists
}
