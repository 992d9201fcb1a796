//! The flags of `list`, and the kinds that its help describes.

use crate::form::{Form, ROWS, forms, limit};
use crate::index_times::LogArg;
use crate::reading::{FileArg, ReadArgs};
use crate::render::wrap::lines;
use crate::terminal;
use clap::Args;
use snapscope_objects::kinds::KINDS;

/// List objects of one type: kv, nodes, services, tokens, ...
///
/// Tables show the most useful columns; JSON and JSON lines have whole objects in the shape of
/// Consul's HTTP API. Filters are Consul's own: `Meta.zone == "a" and Node matches "^web"`. Secrets
/// and values of keys are masked unless you pass --show-secrets.
#[derive(Debug, Args)]
#[command(after_help = kinds_help())]
pub(crate) struct ListArgs {
    /// The type to list: one of those below in the plural or singular, or a record type such as KVS
    #[arg(value_name = "TYPE")]
    pub(super) kind: String,
    #[command(flatten)]
    pub(super) file: FileArg,
    /// Only objects that match this expression
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(super) filter: Option<String>,
    /// List objects imported from this peer, or `all`, instead of the cluster's own
    #[arg(long, value_name = "NAME")]
    pub(super) peer: Option<String>,
    /// With instances: only instances of this service
    #[arg(long, value_name = "NAME")]
    pub(super) service: Option<String>,
    /// With config-entries: only entries of this kind
    #[arg(long = "kind", value_name = "KIND")]
    pub(super) kind_of_entry: Option<String>,
    /// Columns to show, by name or by selector
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub(super) columns: Vec<String>,
    /// Show all columns
    #[arg(long)]
    pub(super) wide: bool,
    /// Sort by a column or selector; `-NAME` sorts largest first
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    pub(super) sort: Option<String>,
    /// Only keys that start with PREFIX
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true)]
    pub(super) prefix: Option<String>,
    /// Show only the first N objects, 0 for all; without --sort reading stops there, so checksums are not
    /// verified
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = limit)]
    pub(super) limit: Option<u64>,
    /// Print only the number of objects
    #[arg(long, conflicts_with_all = ["limit", "sort", "columns", "wide"])]
    pub(super) count: bool,
    #[command(flatten)]
    pub(super) log: LogArg,
    /// Show secrets, and the values of keys
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(ROWS), default_value = "table")]
    pub(super) output: Form,
    #[command(flatten)]
    pub(super) read: ReadArgs,
}

fn kinds_help() -> String {
    /// Indentation of the text about a kind, and maximum width of its lines.
    const INDENT: usize = 18;
    const WIDTH: usize = 96;
    let most = terminal::width().unwrap_or(WIDTH).clamp(60, WIDTH);
    let mut text = String::from("Types:\n");
    for kind in KINDS {
        let columns: Vec<&str> = kind.columns.iter().map(|c| c.name).collect();
        let about = format!("{}: {}", kind.about, columns.join(", "));
        let about = lines(&about, most - INDENT).join(&format!("\n{:INDENT$}", ""));
        text.push_str(&format!("  {:<width$}{about}", kind.name, width = INDENT - 2));
        text.push('\n');
    }
    text.push_str(
        "
Examples:
  snapscope list services backup.snap
  snapscope list nodes --filter 'Meta.zone == \"a\"' -o json backup.snap
  snapscope list checks --filter 'Node == \"web-1\" and Status != \"passing\"' backup.snap
  snapscope list tokens --filter '\"global-management\" in Policies.Name' backup.snap
  snapscope list tokens --filter 'ExpirationTime == \"\"' backup.snap
  snapscope list tokens --columns accessor,policies --sort created --limit 10 backup.snap",
    );
    text
}
