//! `restore`: a snapshot back into a live cluster.

mod undo;

use crate::answer::print;
use crate::api_flags::ApiFlags;
use crate::asking::{agreed, can_ask, spare_stdin};
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::progress::Progress;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::render::restore as show;
use crate::terminal::{self, say};
use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use snapscope_analyze::{Jobs, Outcome, fold};
use snapscope_archive::Source;
use snapscope_live::client::{Client, ClientError};
use snapscope_live::restore::{
    Arrived, Contents, Parcel, Plan, Survey, Surveyed, compare, types_of, wait_for_restore,
};
use snapscope_live::{Interrupted, block_on, detached, parse_duration, save, until_interrupted};
use snapscope_rewrite::spooled;
use snapscope_staged::{StageError, StagedFile};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Restore a snapshot into a cluster: verify, show a plan, ask, send
///
/// A drop-in for `consul snapshot restore` that checks first. The whole file is read, and a damaged
/// one is refused. A snapshot of the cluster is also taken and compared with the file. A restore
/// replaces everything in the cluster with the snapshot, tokens included.
///
/// FILE may also be a tar archive, a raft snapshot folder, a data directory (its newest finished
/// snapshot) or a state.bin with its meta.json beside it, which are packed first. Standard input is
/// copied to a temporary file; it needs -y or --dry-run.
///
/// If ACLs are enabled, the token needs acl = "write"; with operator = "read" snapscope can also
/// see when the servers are done.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope restore --dry-run backup.snap
  snapscope restore -y -token-file token backup.snap
  snapscope restore --dry-run -o json consul-data")]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    file: FileArg,
    /// Stop after the plan; the exit code is 1 if the servers could not restore the snapshot
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    /// Send it even if there are obstacles; the servers will most likely fail
    #[arg(long)]
    force: bool,
    /// Where to save the cluster's own snapshot, with which the restore can be undone [default:
    /// before-restore-ID.snap beside FILE]
    #[arg(long, value_name = "PATH", conflicts_with = "no_save_current")]
    save_current: Option<PathBuf>,
    /// Do not save the cluster's own snapshot
    #[arg(long)]
    no_save_current: bool,
    /// How long to wait for a leader whose index is past the restore
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "2m")]
    wait: Duration,
    /// Output format of the plan and the result
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["text", "json"]), default_value = "text")]
    output: Form,
    #[command(flatten)]
    api: ApiFlags,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &RestoreArgs) -> Result<Exit> {
    if args.save_current.as_deref() == Some(Path::new("-")) {
        bail!("--save-current needs a file: standard output has the plan");
    }
    let asks = !args.yes && !args.dry_run;
    spare_stdin(&args.file, &args.api, asks)?;
    let client = args.api.client()?;
    let source = ReadArgs::source(&args.file)?;
    // It is read several times: to verify it, to compare it, and to send it.
    let source = spooled(source)?;
    let look = || Survey::new(&client);
    let Asked { out, closing, problems, exit, .. } =
        args.read.ask_of(&source, |blocks| Ok(fold(blocks, args.read.jobs(), look)))?;
    if exit != Exit::Done {
        say!("snapscope: the snapshot is damaged and was not restored; the cluster is unchanged");
        return Ok(exit);
    }
    Parcel::possible(&source, &closing)?;
    if asks && (args.output == Form::Json || !can_ask()) {
        bail!("no terminal to ask for confirmation; pass -y to restore anyway");
    }
    block_on(restore(args, &client, &source, &Outcome { out, closing, problems }))?
}

/// The result of everything before sending.
enum Prepared {
    /// Nothing will be sent.
    Ended(Exit),
    /// The plan was accepted.
    Ready(Box<Ready>),
}

/// The data to send, and what is known before.
struct Ready {
    snapshot: Contents,
    current: Current,
    plan: Plan,
    parcel: Parcel,
}

async fn restore(
    args: &RestoreArgs,
    client: &Client,
    source: &Source,
    outcome: &Outcome<Surveyed>,
) -> Result<Exit> {
    // When a signal drops it, it removes its files.
    let prepared = until_interrupted(prepare(args, client, source, outcome)).await?;
    let prepared = prepared
        .map_err(|Interrupted| anyhow!("interrupted; nothing was sent; the cluster is unchanged"));
    let ready = match prepared?? {
        Prepared::Ended(exit) => return Ok(exit),
        Prepared::Ready(ready) => *ready,
    };
    let Ready { snapshot, current, plan, parcel } = ready;
    let Current { cluster, file: staged, keeps } = current;
    let saved = if keeps {
        let path = staged.target().to_owned();
        staged.settle().map_err(|e| cannot_save(args, e))?;
        Some(path)
    } else {
        None
    };
    let index = snapshot.index.max(cluster.index);
    let sent = until_interrupted(async {
        send(client, parcel).await?;
        anyhow::Ok(wait_for_restore(client, index, args.wait).await?)
    });
    let arrived = match sent.await? {
        Ok(Ok(arrived)) => arrived,
        Ok(Err(e)) => return Err(failed(e, saved.as_deref())),
        Err(Interrupted) => {
            return Err(failed(anyhow!("interrupted; {UNKNOWN}"), saved.as_deref()));
        }
    };
    let view = show::View {
        saved: saved.as_ref().map(|path| path.display().to_string()),
        file: source.name(),
        client,
        snapshot: &snapshot,
        cluster: &cluster,
        plan: &plan,
        arrived: Some(&arrived),
    };
    if args.output == Form::Text {
        let undo = saved.map(|path| undo::lines(&args.api, client, &path, snapshot.has_token));
        let result = show::result(&snapshot, &arrived, &undo.unwrap_or_default());
        terminal::out().write_all(&result)?;
    } else {
        print(&view, Form::Json, None)?;
    }
    if let Arrived::LeaderOnly { why, .. } = &arrived {
        let note = format!("snapscope: note: the cluster's index is not visible: {why}");
        say!("{}", one_line(note.as_bytes()));
    }
    Ok(Exit::Done)
}

/// Shows the plan, and asks for confirmation.
async fn prepare(
    args: &RestoreArgs,
    client: &Client,
    source: &Source,
    outcome: &Outcome<Surveyed>,
) -> Result<Prepared> {
    let snapshot = Contents::of(outcome);
    let current = match now(args, client, source).await {
        Ok(current) => current,
        Err(e) => {
            // Facts about the file are known even without a cluster.
            say!("snapscope: {}", show::alone(&source.name(), &snapshot));
            return Err(e);
        }
    };
    // Without operator:read, the versions in the catalog have to suffice.
    let servers = client.servers().await.unwrap_or_default();
    let agent = if servers.is_empty() { client.agent_self().await.ok() } else { None };
    let changes = {
        let both = (Source::File(current.file.path().to_owned()), source.clone());
        let types = types_of(&snapshot, &current.cluster);
        let options = args.read.options();
        detached(move || compare(&both.0, &both.1, &types, &options)).await?
    };
    let changes =
        changes.context("cannot compare the snapshot with the cluster; nothing was sent")?;
    let plan = Plan::new(&snapshot, &current.cluster, &servers, agent.as_ref(), &changes);
    let blocked = !plan.obstacles.is_empty() && !args.force;
    // After a plan only a requested file remains.
    let saved =
        (current.keeps && args.dry_run).then(|| current.file.target().display().to_string());
    let view = show::View {
        saved,
        file: source.name(),
        client,
        snapshot: &snapshot,
        cluster: &current.cluster,
        plan: &plan,
        arrived: None,
    };
    let ends = args.dry_run || blocked;
    if args.output == Form::Text || ends {
        print(&view, args.output, None)?;
    }
    if args.dry_run {
        if current.keeps {
            current.file.settle().map_err(|e| cannot_save(args, e))?;
        }
        return Ok(Prepared::Ended(if blocked { Exit::Found } else { Exit::Done }));
    }
    if blocked {
        bail!(
            "the servers cannot restore this snapshot; nothing was sent (use --force to send it \
               anyway)"
        );
    }
    // If the snapshot cannot be packed, that shows before anyone confirms.
    let parcel = Parcel::prepare(source, &outcome.closing, &args.read.options())?;
    if !args.yes && !agreed(&format!("Replace all data of {}?", client.address())).await? {
        bail!("nothing was sent; the cluster is unchanged");
    }
    Ok(Prepared::Ready(Box::new(Ready { snapshot, current, plan, parcel })))
}

/// The cluster's own snapshot.
struct Current {
    cluster: Contents,
    /// The file; removed unless it is settled.
    file: StagedFile,
    /// Whether it is kept once sending begins.
    keeps: bool,
}

/// Saves the cluster's current snapshot to a file.
async fn now(args: &RestoreArgs, client: &Client, source: &Source) -> Result<Current> {
    // A plan changes nothing, so there is nothing to undo.
    let keeps = !args.no_save_current && (!args.dry_run || args.save_current.is_some());
    let target = match &args.save_current {
        _ if !keeps => std::env::temp_dir().join(NAMELESS),
        Some(path) => path.clone(),
        None => beside(source).join(NAMELESS),
    };
    let named = args.save_current.is_some();
    let mut file = StagedFile::begin(&target, !named).map_err(|e| cannot_save(args, e))?;
    let taken = async {
        let download = client.with_stale(false).download_snapshot().await?;
        let counts = save::Progress::default();
        let shown = Progress::watch("saving", download.headers().length, counts.received.clone());
        let asked = client.clone();
        let new = move || Survey::new(&asked);
        let received = save::receive(download, Some(&file), Jobs::default(), new, &counts).await;
        drop(shown);
        anyhow::Ok(Contents::of(&received?.outcome))
    };
    let cluster =
        taken.await.context("cannot take the cluster's own snapshot; nothing was sent")?;
    if keeps && !named {
        let name = format!("before-restore-{}.snap", cluster.id);
        file.rename(&name, false).map_err(|e| cannot_save(args, e))?;
    }
    Ok(Current { cluster, file, keeps })
}

/// `--force` has a different meaning here than in the original error.
fn cannot_save(args: &RestoreArgs, error: StageError) -> anyhow::Error {
    match (error, &args.save_current) {
        (StageError::Exists(path), named) => anyhow!(
            "{} already exists and is not overwritten; nothing was sent: {}",
            path.display(),
            match named {
                Some(_) => "pass another name to --save-current, or remove the file",
                None => "pass a name with --save-current PATH, or remove the file",
            }
        ),
        (error, Some(_)) => anyhow::Error::new(error)
            .context("cannot save the cluster's own snapshot; nothing was sent"),
        (error, None) => anyhow::Error::new(error).context(
            "cannot save the cluster's own snapshot beside FILE; nothing was sent; use \
             --save-current PATH to save it elsewhere, or --no-save-current to skip it",
        ),
    }
}

/// The name of a file until its ID is known.
const NAMELESS: &str = "before-restore.snap";

/// The folder of a snapshot; for one in a bucket the current folder.
fn beside(source: &Source) -> PathBuf {
    let path = match source {
        Source::File(path) => path.parent(),
        // Nothing of ours belongs beside the server's own snapshots.
        Source::Directory(_) | Source::Stdin | Source::Memory(_) | Source::Stream(_) => None,
    };
    path.unwrap_or(Path::new("")).to_owned()
}

/// Part of the error if a restore fails after sending started: its result is unknown.
const UNKNOWN: &str = "it is unknown whether the servers applied the snapshot: check their logs and \
                       compare with `snapscope restore --dry-run`";

async fn send(client: &Client, parcel: Parcel) -> Result<()> {
    let size = parcel.size();
    let sent = Arc::new(AtomicU64::new(0));
    let shown = Progress::watch("sending", Some(size), Arc::clone(&sent));
    let done = client.upload_snapshot(parcel.into_reader(), size, sent).await;
    drop(shown);
    done.map_err(|e| {
        let what = if was_not_sent(&e) {
            "nothing was sent; the cluster is unchanged".to_owned()
        } else {
            format!("the restore failed, and {UNKNOWN}")
        };
        anyhow::Error::new(e).context(what)
    })
}

/// Whether it is certain that the servers received nothing.
const fn was_not_sent(error: &ClientError) -> bool {
    matches!(error, ClientError::Connect { .. } | ClientError::Options(_))
}

/// Reports where the cluster's previous state is saved; if nothing was sent, it is not needed.
fn failed(error: anyhow::Error, saved: Option<&Path>) -> anyhow::Error {
    let Some(path) = saved else { return error };
    if error.chain().any(|cause| cause.downcast_ref().is_some_and(was_not_sent)) {
        return match std::fs::remove_file(path) {
            Ok(()) => error,
            Err(_) => error.context(format!("{} is not needed", path.display())),
        };
    }
    error.context(format!("the cluster's previous state is saved in {}", path.display()))
}
