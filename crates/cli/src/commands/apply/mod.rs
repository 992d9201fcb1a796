//! `apply`: a part of a snapshot back into a living cluster.

mod links;
mod patch;
mod render;
mod select;

use crate::api_flags::ApiFlags;
use crate::exit::Exit;
use crate::form::{Form, forms, limit};
use crate::reading::{FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::terminal;
use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use jiff::Timestamp;
use render::View;
use snapscope_live::apply::{
    Cluster, Folder, Options, Plan, Policy, Report, Start, Verdict, Wanted, Written, carry_out,
};
use snapscope_live::client::Client;
use snapscope_live::{Interrupted, block_on, detached, until_interrupted};
use snapscope_objects::kind::ObjectKind;
use std::cell::RefCell;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

/// Apply a part of a snapshot to a living cluster, without touching the rest
///
/// Shows a plan against the cluster first: what it creates, what it changes field by field, what is equal,
/// and what cannot be written and why. What changes between the plan and its write is a conflict and
/// not written. Before the first write a folder is created with what the cluster had; `snapscope
/// apply` with that folder takes everything back, and with --resume it goes on after a break.
///
/// FILE may also be a patch of `snapscope diff -o patch` or `snapscope undo`, or the folder of an
/// earlier apply.
///
/// Types: kv (values and flags; locks stay as they are), config-entries, intentions, nodes (external ones,
/// with their services and checks), policies, roles, auth-methods, binding-rules, tokens (with accessor
/// and secret), queries.
///
/// The exit code is 1 if something could not be written or was changed meanwhile, 2 if the command
/// failed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope apply backup.snap --prefix app/ --dry-run
  snapscope apply backup.snap --type config-entries,intentions -y --undo before
  snapscope apply before -y --undo redo")]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    file: FileArg,
    /// Only the objects with these IDs, keys or names
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// The types of the objects, as `list` names them [default: kv, if there is a --prefix]
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = select::kind)]
    types: Vec<&'static ObjectKind>,
    /// Only keys that start with PREFIX, byte for byte; may be repeated
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true)]
    prefix: Vec<String>,
    /// Only objects that match this expression, in Consul's filter language; it has to be valid for
    /// every type
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Rename keys that start with OLD so that they start with NEW; may be repeated, the first match
    /// counts
    #[arg(long, value_name = "OLD=NEW", value_parser = select::rename, allow_hyphen_values = true)]
    rename_prefix: Vec<(String, String)>,
    /// Also create what the objects need and the cluster does not have, such as policies of a token
    /// (the default)
    #[arg(long, overrides_with = "no_deps")]
    with_deps: bool,
    /// Apply only the objects themselves
    #[arg(long)]
    no_deps: bool,
    /// Only create what the cluster does not have
    #[arg(long)]
    if_missing: bool,
    /// Keep objects that the cluster changed after the snapshot's state was written
    #[arg(long)]
    keep_newer: bool,
    /// Write even what changes between the plan and its write, or since the apply that is undone
    #[arg(long)]
    overwrite: bool,
    /// Delete keys under the --prefix that the snapshot does not have
    #[arg(long, requires = "prefix")]
    delete_extra: bool,
    /// Stop after the plan
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    /// The folder to create, with what is needed to take the writes back [default:
    /// before-apply-TIME beside FILE]
    #[arg(long, value_name = "DIR")]
    undo: Option<PathBuf>,
    /// Go on with the apply whose folder FILE is
    #[arg(long, conflicts_with_all = ["undo", "types", "prefix", "filter", "ids", "if_missing", "keep_newer"])]
    resume: bool,
    /// Apply a patch although it was made from a damaged snapshot
    #[arg(long)]
    incomplete: bool,
    /// Maximum number of writes in a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Maximum number of objects that the plan shows for each type; 0 shows all
    #[arg(short = 'n', long, value_name = "N", default_value = "20", value_parser = limit)]
    limit: u64,
    /// Show values of keys and secrets in the plan
    #[arg(long)]
    show_secrets: bool,
    /// Output format of the plan and the result
    #[arg(short, long, value_parser = forms(&["text", "json"]), default_value = "text")]
    output: Form,
    #[command(flatten)]
    api: ApiFlags,
    #[command(flatten)]
    read: ReadArgs,
}

/// What is applied.
struct Input {
    wanted: Vec<Wanted>,
    /// Prefixes that are read as a whole.
    prefixes: Vec<String>,
    /// Prefixes below which other keys are deleted.
    extra: Vec<String>,
    /// The folder of an earlier run.
    folder: Option<Folder>,
    notes: Vec<String>,
}

pub(crate) fn run(args: &ApplyArgs) -> Result<Exit> {
    let is_stdin = args.file.file.as_os_str() == "-";
    if is_stdin && args.api.token_is_on_stdin() {
        bail!("standard input cannot have both the snapshot and the token");
    }
    let asks = !args.yes && !args.dry_run;
    if asks && is_stdin {
        bail!("the snapshot is on standard input, so it cannot answer the question; pass -y");
    }
    if asks && (args.output == Form::Json || !can_ask()) {
        bail!(
            "no terminal to ask for confirmation; pass -y to apply anyway, or --dry-run to see the plan"
        );
    }
    let client = args.api.client()?;
    let input = match input(args)? {
        Ok(input) => input,
        Err(exit) => return Ok(exit),
    };
    block_on(apply(args, &client, input))?
}

/// The objects to apply. If the snapshot is damaged, nothing is.
fn input(args: &ApplyArgs) -> Result<Result<Input, Exit>> {
    let path = &args.file.file;
    if let Some(folder) = Folder::open(path)? {
        args.refuse_selection("the folder of an earlier apply")?;
        let wanted = if args.resume { folder.rest() } else { folder.reverse() };
        let (prefixes, extra, notes) = Default::default();
        return Ok(Ok(Input { wanted, prefixes, extra, folder: Some(folder), notes }));
    }
    if args.resume {
        bail!(
            "{}: not the folder of an earlier apply, so there is nothing to resume",
            path.display()
        );
    }
    if patch::is_one(path) {
        args.refuse_selection("a patch")?;
        let wanted = patch::read(path, args.incomplete)?;
        let (prefixes, extra, notes) = Default::default();
        return Ok(Ok(Input { wanted, prefixes, extra, folder: None, notes }));
    }
    select::input(args)
}

impl ApplyArgs {
    /// Objects can be selected from snapshots only.
    fn refuse_selection(&self, what: &str) -> Result<()> {
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

    fn policy(&self) -> Policy {
        Policy {
            keep_newer: self.keep_newer,
            if_missing: self.if_missing,
            overwrite: self.overwrite,
        }
    }
}

async fn apply(args: &ApplyArgs, client: &Client, mut input: Input) -> Result<Exit> {
    let wanted = std::mem::take(&mut input.wanted);
    let made = Plan::make(client, wanted, &input.prefixes, &input.extra, args.policy());
    let made = until_interrupted(made).await?;
    let made = made.map_err(|Interrupted| anyhow!("interrupted; nothing was written"))?;
    let (mut plan, cluster) = made.context("cannot read the cluster; nothing was written")?;
    if let Some(folder) = &input.folder {
        same_cluster(folder.start(), &cluster)?;
    }
    plan.warnings.append(&mut input.notes);
    let from = args.file.file.display().to_string();
    let view = View { args, client, from: &from, plan: &plan, cluster: &cluster, result: None };
    let total = plan.total();
    // A resumed run notes what it finds done.
    let ends = args.dry_run || (total.writes() == 0 && !args.resume);
    if args.output == Form::Text || ends {
        crate::answer::print(&view, args.output, None)?;
    }
    if ends {
        return Ok(exit(&plan, None));
    }
    if !args.yes && total.writes() > 0 && !agreed(client, total.writes()).await? {
        bail!("nothing was written; the cluster is unchanged");
    }
    let mut folder = match input.folder {
        Some(folder) if args.resume => folder,
        _ => {
            let start = Start {
                from: from.clone(),
                address: client.address().to_owned(),
                cluster: cluster.name.clone(),
                time: crate::times::of_timestamp(Timestamp::now()),
            };
            let path = undo_path(args);
            Folder::create(&path, start, &mut plan).with_context(
                || "cannot create the folder to take the writes back; nothing was written",
            )?
        }
    };
    let report = write(args, client, (&plan, &cluster), &mut folder).await?;
    let result = Some((&report, folder.path()));
    let view = View { args, client, from: &from, plan: &plan, cluster: &cluster, result };
    crate::answer::print(&view, args.output, None)?;
    Ok(exit(&plan, Some(&report)))
}

async fn write(
    args: &ApplyArgs,
    client: &Client,
    planned: (&Plan, &Cluster),
    folder: &mut Folder,
) -> Result<Report> {
    let options = Options { overwrite: args.overwrite, rate: args.rate, ..Options::default() };
    let report = RefCell::new(Report::default());
    let written = until_interrupted(carry_out(client, planned, folder, &options, &report)).await?;
    let mut report = report.into_inner();
    if written == Err(Interrupted) {
        report.stopped = Some("interrupted".to_owned());
    }
    Ok(report)
}

/// A folder is about one cluster.
fn same_cluster(start: &Start, cluster: &Cluster) -> Result<()> {
    for (what, then, now) in [
        ("datacenter", &start.cluster.datacenter, &cluster.name.datacenter),
        ("cluster", &start.cluster.id, &cluster.name.id),
    ] {
        if let (Some(then), Some(now)) = (then, now)
            && then != now
        {
            bail!(
                "the folder is about {what} {then:?} ({}), and this is {now:?}; nothing was written",
                start.address
            );
        }
    }
    Ok(())
}

/// The folder's name, if none was given: new, and beside FILE.
fn undo_path(args: &ApplyArgs) -> PathBuf {
    if let Some(path) = &args.undo {
        return path.clone();
    }
    let file = &args.file.file;
    let beside = file.exists().then(|| file.parent()).flatten().unwrap_or(Path::new(""));
    let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let first = beside.join(format!("before-apply-{time}"));
    // Two in one second are possible.
    let more = (2..100).map(|n| beside.join(format!("before-apply-{time}-{n}")));
    std::iter::once(first.clone()).chain(more).find(|path| !path.exists()).unwrap_or(first)
}

/// What the exit code says: 0 if the cluster has everything, 1 if something is left, 2 if the run ended
/// before its end.
fn exit(plan: &Plan, report: Option<&Report>) -> Exit {
    let is_left = plan
        .objects
        .iter()
        .any(|planned| matches!(planned.verdict, Verdict::Conflict(_) | Verdict::Cannot(_)));
    let Some(report) = report else { return if is_left { Exit::Found } else { Exit::Done } };
    if report.stopped.is_some() {
        return Exit::Failed;
    }
    let is_bad = |result: &Option<Written>| {
        matches!(result, Some(Written::Conflict(_) | Written::Refused(_)))
    };
    if is_left || report.results.iter().any(is_bad) { Exit::Found } else { Exit::Done }
}

fn can_ask() -> bool {
    io::stdin().is_terminal() && terminal::errors_are_seen()
}

async fn agreed(client: &Client, writes: usize) -> Result<bool> {
    let writes = snapscope_objects::printable::counted(writes as u64, "object", "objects");
    let question = format!("Write {writes} to {}? Type yes: ", client.address());
    terminal::say_to(format_args!("{}", one_line(question.as_bytes())));
    let answer = detached(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|_| answer)
    });
    Ok(answer.await??.trim() == "yes")
}
