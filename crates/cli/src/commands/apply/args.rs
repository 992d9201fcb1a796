//! The arguments of `apply`.

use crate::api_flags::ApiFlags;
use crate::commands::extract::rename;
use crate::form::{Form, forms, limit};
use crate::kinds::kind_named;
use crate::reading::{FileArg, ReadArgs};
use crate::suggest::unknown;
use anyhow::{Result, bail};
use clap::Args;
use snapscope_analyze::api::written::{WRITTEN, place};
use snapscope_live::apply::{Desired, Folder, Policy};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds;
use std::path::PathBuf;

/// Apply a part of a snapshot to a live cluster
///
/// The rest of the cluster is not touched. A plan is shown first: objects that are created, objects
/// that are changed, field by field, objects that are equal, and objects that cannot be written,
/// with the reason. An object that changes after the plan was made is a conflict and is not
/// written. Before the first write, a folder is created with what the cluster had. `snapscope
/// apply` with that folder takes everything back; with --resume it continues after an interruption.
///
/// FILE may also be a patch of `snapscope diff -o patch` or `snapscope undo`, or the folder of an
/// earlier apply.
///
/// Types: kv (values and flags; locks stay as they are), config-entries, intentions, nodes
/// (external ones, with their services and checks), policies, roles, auth-methods, binding-rules,
/// tokens (with accessor and secret), queries.
///
/// The exit code is 1 if an object could not be written or was changed meanwhile, 2 if the command
/// failed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope apply backup.snap --prefix app/ --dry-run
  snapscope apply backup.snap --type config-entries,intentions -y --undo before
  snapscope apply before -y --undo redo")]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub(super) file: FileArg,
    /// Only the objects with these IDs, keys or names
    #[arg(value_name = "ID")]
    pub(super) ids: Vec<String>,
    /// The types of the objects, as `list` names them [default: kv, if there is a --prefix]
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = kind)]
    pub(super) types: Vec<&'static ObjectKind>,
    /// Only keys that start with PREFIX, byte for byte; may be repeated
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true)]
    pub(super) prefix: Vec<String>,
    /// Only objects that match this expression, in Consul's filter language; it must be valid for
    /// every type
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(super) filter: Option<String>,
    /// Rename keys that start with OLD so that they start with NEW; may be repeated, the first
    /// match counts
    #[arg(long, value_name = "OLD=NEW", value_parser = rename, allow_hyphen_values = true)]
    pub(super) rename_prefix: Vec<(String, String)>,
    /// Also create missing objects that these need, such as policies of a token (the default)
    #[arg(long, overrides_with = "no_deps")]
    pub(super) with_deps: bool,
    /// Apply only the objects themselves
    #[arg(long)]
    pub(super) no_deps: bool,
    /// Only create what the cluster does not have
    #[arg(long)]
    pub(super) if_missing: bool,
    /// Keep objects that the cluster changed after the snapshot's state was written
    #[arg(long)]
    pub(super) keep_newer: bool,
    /// Write even objects that changed after the plan was made, or since the apply that is undone
    #[arg(long)]
    pub(super) overwrite: bool,
    /// Delete keys under the --prefix that the snapshot does not have
    #[arg(long, requires = "prefix")]
    pub(super) delete_extra: bool,
    /// Stop after the plan
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(super) yes: bool,
    /// The folder to create, with what is needed to take the writes back [default:
    /// before-apply-TIME beside FILE]
    #[arg(long, value_name = "DIR")]
    pub(super) undo: Option<PathBuf>,
    /// Continue the apply whose folder is FILE
    #[arg(long, conflicts_with_all = ["undo", "types", "prefix", "filter", "ids", "if_missing", "keep_newer"])]
    pub(super) resume: bool,
    /// Apply a patch even if it was made from a damaged snapshot
    #[arg(long)]
    pub(super) incomplete: bool,
    /// Maximum number of writes per second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) rate: Option<u32>,
    /// Maximum number of objects that the plan shows for each type; 0 shows all
    #[arg(short = 'n', long, value_name = "N", default_value = "20", value_parser = limit)]
    pub(super) limit: u64,
    /// Show values of keys and secrets in the plan
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// Output format of the plan and the result
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["text", "json"]), default_value = "text")]
    pub(super) output: Form,
    #[command(flatten)]
    pub(super) api: ApiFlags,
    #[command(flatten)]
    pub(super) read: ReadArgs,
}

/// What is applied.
#[derive(Default)]
pub(super) struct Input {
    pub(super) wanted: Vec<Desired>,
    /// Prefixes whose keys are all read.
    pub(super) prefixes: Vec<String>,
    /// Prefixes below which extra keys are deleted.
    pub(super) extra: Vec<String>,
    /// The folder of an earlier run.
    pub(super) folder: Option<Folder>,
}

/// Finds a kind that can be applied.
fn kind(name: &str) -> Result<&'static ObjectKind> {
    let kind = match kind_named(name) {
        // The kind `keys` has no values.
        Ok(kind) => kinds::of(kind.traits.excerpt_of.unwrap_or(kind.id)),
        Err(e) => return Err(e),
    };
    if place(kind.id).is_some() {
        return Ok(kind);
    }
    let known: Vec<&str> = WRITTEN.iter().map(|id| kinds::of(*id).name).collect();
    let all = format!("types that can be applied: {}", known.join(", "));
    match kind.id {
        KindId::Instances | KindId::Services | KindId::Checks => {
            bail!("{name} come with their nodes: --type nodes applies external nodes")
        }
        KindId::Locks | KindId::Sessions => {
            bail!("{name} cannot be applied: a session ends with the agent that holds it; {all}")
        }
        _ => Err(unknown("type that can be applied", name, known.iter().copied(), &all)),
    }
}

impl ApplyArgs {
    /// Objects can be selected from snapshots only.
    pub(super) fn refuse_selection(&self, what: &str) -> Result<()> {
        let is_selective = !self.types.is_empty()
            || !self.prefix.is_empty()
            || self.filter.is_some()
            || !self.rename_prefix.is_empty()
            || !self.ids.is_empty();
        if is_selective {
            bail!("{} is {what}, which is applied as a whole", self.file.file.display());
        }
        Ok(())
    }

    pub(super) fn policy(&self) -> Policy {
        Policy {
            keep_newer: self.keep_newer,
            if_missing: self.if_missing,
            overwrite: self.overwrite,
        }
    }

    pub(super) fn has_prefix(&self, key: &[u8]) -> bool {
        self.prefix.is_empty()
            || self.prefix.iter().any(|prefix| key.starts_with(prefix.as_bytes()))
    }

    /// A key in the form in which it is written.
    pub(super) fn renamed(&self, key: &str) -> String {
        let found = self
            .rename_prefix
            .iter()
            .find_map(|(old, new)| Some((key.strip_prefix(old.as_str())?, new)));
        found.map_or_else(|| key.to_owned(), |(rest, new)| format!("{new}{rest}"))
    }
}
