//! `apply`: brings part of a snapshot back into a live cluster.

mod args;
mod links;
mod patch;
mod render;
mod select;

pub(crate) use args::ApplyArgs;

use crate::asking::{agreed, can_ask, spare_stdin};
use crate::exit::Exit;
use crate::form::Form;
use anyhow::{Context as _, Result, anyhow, bail};
use args::Input;
use jiff::Timestamp;
use render::View;
use snapscope_live::apply::{
    Cluster, Folder, Options, Plan, Report, Start, Verdict, Written, carry_out,
};
use snapscope_live::client::Client;
use snapscope_live::{Interrupted, block_on, until_interrupted};
use snapscope_objects::printable::counted;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &ApplyArgs) -> Result<Exit> {
    let asks = !args.yes && !args.dry_run;
    spare_stdin(&args.file, &args.api, asks)?;
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

/// The objects to apply. A damaged snapshot yields none.
fn input(args: &ApplyArgs) -> Result<Result<Input, Exit>> {
    let path = &args.file.file;
    if let Some(folder) = Folder::open(path)? {
        args.refuse_selection("the folder of an earlier apply")?;
        let wanted = if args.resume { folder.rest() } else { folder.reverse() };
        return Ok(Ok(Input { wanted, folder: Some(folder), ..Input::default() }));
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
        return Ok(Ok(Input { wanted, ..Input::default() }));
    }
    select::input(args)
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
    let from = args.file.file.display().to_string();
    let view = View { args, client, from: &from, plan: &plan, cluster: &cluster, result: None };
    let total = plan.total();
    // A resumed run records which steps are already done.
    let ends = args.dry_run || (total.writes() == 0 && !args.resume);
    if args.output == Form::Text || ends {
        crate::answer::print(&view, args.output, None)?;
    }
    if ends {
        return Ok(exit(&plan, None));
    }
    let writes = counted(total.writes() as u64, "object", "objects");
    let question = format!("Write {writes} to {}?", client.address());
    if !args.yes && total.writes() > 0 && !agreed(&question).await? {
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

/// A folder belongs to one cluster.
fn same_cluster(start: &Start, cluster: &Cluster) -> Result<()> {
    for (what, then, now) in [
        ("datacenter", &start.cluster.datacenter, &cluster.name.datacenter),
        ("cluster", &start.cluster.id, &cluster.name.id),
    ] {
        if let (Some(then), Some(now)) = (then, now)
            && then != now
        {
            bail!(
                "the folder was written for {what} {then:?} ({}), but this is {now:?}; nothing was written",
                start.address
            );
        }
    }
    Ok(())
}

/// The default name of the folder: a new one beside FILE.
fn undo_path(args: &ApplyArgs) -> PathBuf {
    if let Some(path) = &args.undo {
        return path.clone();
    }
    let file = &args.file.file;
    let beside = file.exists().then(|| file.parent()).flatten().unwrap_or(Path::new(""));
    let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let first = beside.join(format!("before-apply-{time}"));
    // Two runs may start in the same second.
    let more = (2..100).map(|n| beside.join(format!("before-apply-{time}-{n}")));
    std::iter::once(first.clone()).chain(more).find(|path| !path.exists()).unwrap_or(first)
}

/// The exit code: 0 if the cluster has everything, 1 if something is left, 2 if the run ended
/// early.
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
