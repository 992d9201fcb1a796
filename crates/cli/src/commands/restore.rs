//! `restore`: a snapshot back into a live cluster.

use crate::answer::print;
use crate::api_flags::ApiFlags;
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::progress::Progress;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::render::restore as show;
use crate::terminal::{self, say};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use snapscope_analyze::{Jobs, Outcome, fold};
use snapscope_archive::Source;
use snapscope_live::client::{Client, ClientError};
use snapscope_live::restore::{
    Arrived, Contents, Look, Looked, Parcel, Plan, compare, types_of, wait_for_restore,
};
use snapscope_live::{block_on, blocking, parse_duration, save};
use snapscope_staged::StagedFile;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Restore a snapshot into a live cluster: verify, show the plan, ask, send, wait
///
/// A drop-in for `consul snapshot restore` that checks first. The whole file is read, and a damaged
/// one is refused. The cluster's own snapshot is read, too, and compared with the file. A restore
/// replaces everything in the cluster with the snapshot, tokens included.
///
/// FILE may also be a tar archive, a raft snapshot folder, a data directory (its newest finished
/// snapshot) or a state.bin with its meta.json beside it, which are packed first.
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
    #[arg(short, long, value_parser = forms(&["text", "json"]), default_value = "text")]
    output: Form,
    #[command(flatten)]
    api: ApiFlags,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &RestoreArgs) -> Result<Exit> {
    let client = args.api.client()?;
    let source = ReadArgs::source(&args.file)?;
    if matches!(source, Source::Stdin) {
        bail!(
            "restore reads the snapshot twice, to verify and to send it; save standard input to \
               a file first"
        );
    }
    let look = || Look::new(&client);
    let Asked { out, closing, problems, exit, .. } =
        args.read.ask_of(&source, |blocks| Ok(fold(blocks, args.read.jobs(), look)))?;
    if exit != Exit::Done {
        say!("snapscope: the snapshot is damaged and was not restored; the cluster is unchanged");
        return Ok(exit);
    }
    let asks = !args.yes && !args.dry_run;
    if asks && (args.output == Form::Json || !can_ask()) {
        bail!("no terminal to ask for confirmation; pass -y to restore anyway");
    }
    block_on(restore(args, &client, &source, &Outcome { out, closing, problems }))?
}

async fn restore(
    args: &RestoreArgs,
    client: &Client,
    source: &Source,
    outcome: &Outcome<Looked>,
) -> Result<Exit> {
    let snapshot = Contents::of(outcome);
    let Current { cluster, file: current, passing } = now(args, client, source)
        .await
        .context("cannot take the cluster's own snapshot; nothing was sent")?;
    // Without operator:read the catalog has to do.
    let servers = client.servers().await.unwrap_or_default();
    let agent = if servers.is_empty() { client.agent_self().await.ok() } else { None };
    let changes = {
        let both = (Source::File(current.clone()), source.clone());
        let types = types_of(&snapshot, &cluster);
        let options = args.read.options();
        blocking(move || compare(&both.0, &both.1, &types, &options)).await?
    };
    let changes =
        changes.context("cannot compare the snapshot with the cluster; nothing was sent")?;
    let plan = Plan::new(&snapshot, &cluster, &servers, agent.as_ref(), &changes);
    let saved = passing.is_none().then(|| current.display().to_string());
    let mut view = show::View {
        saved: saved.clone(),
        file: source.name(),
        client,
        snapshot: &snapshot,
        cluster: &cluster,
        plan: &plan,
        arrived: None,
    };
    if args.output == Form::Text {
        print(&view, Form::Text, None)?;
    }
    let blocked = plan.obstacles().next().is_some() && !args.force;
    if args.dry_run || blocked {
        if args.output == Form::Json {
            print(&view, Form::Json, None)?;
        }
        if args.dry_run {
            return Ok(if blocked { Exit::Found } else { Exit::Done });
        }
        bail!(
            "the servers cannot restore this snapshot; nothing was sent (use --force to send it \
               anyway)"
        );
    }
    // What can't be packed shows before anybody agrees to anything.
    let parcel = Parcel::prepare(source, &outcome.closing, &args.read.options())?;
    if !args.yes && !agreed(client)? {
        bail!("nothing was sent; the cluster is unchanged");
    }
    send(client, parcel).await?;
    let index = snapshot.index.max(cluster.index);
    let arrived = wait_for_restore(client, index, args.wait).await?;
    if args.output == Form::Text {
        let result = show::result(&snapshot, &arrived, saved.as_deref());
        terminal::out().write_all(&result)?;
    }
    view.arrived = Some(arrived);
    if args.output == Form::Json {
        print(&view, Form::Json, None)?;
    }
    if let Some(Arrived::LeaderOnly { why, .. }) = &view.arrived {
        let note = format!("snapscope: note: the cluster's index is not visible: {why}");
        say!("{}", one_line(note.as_bytes()));
    }
    Ok(Exit::Done)
}

/// The cluster's own snapshot.
struct Current {
    cluster: Contents,
    file: PathBuf,
    /// The file goes away with this, if it is not to be kept.
    passing: Option<StagedFile>,
}

/// What the cluster holds now, in a file.
async fn now(args: &RestoreArgs, client: &Client, source: &Source) -> Result<Current> {
    // A plan changes nothing that would have to be undone.
    let keeps = !args.no_save_current && (!args.dry_run || args.save_current.is_some());
    let target = match &args.save_current {
        _ if !keeps => std::env::temp_dir().join(NAMELESS),
        Some(path) => path.clone(),
        None => beside(source).join(NAMELESS),
    };
    let named = args.save_current.is_some();
    let mut staged = StagedFile::begin(&target, !named).context(advice_for(args))?;
    let download = client.with_stale(false).download_snapshot().await?;
    let counts = save::Progress::default();
    let shown = Progress::watch("saving", download.headers().length, counts.received.clone());
    let asked = client.clone();
    let new = move || Look::new(&asked);
    let received = save::receive(download, Some(&staged), Jobs::default(), new, &counts).await;
    drop(shown);
    let cluster = Contents::of(&received?.outcome);
    if !keeps {
        return Ok(Current { cluster, file: staged.path().to_owned(), passing: Some(staged) });
    }
    if !named {
        staged.rename(&format!("before-restore-{}.snap", cluster.id), false)?;
    }
    let file = staged.target().to_owned();
    staged.settle().context(advice_for(args))?;
    Ok(Current { cluster, file, passing: None })
}

fn advice_for(args: &RestoreArgs) -> &'static str {
    match args.save_current {
        Some(_) => "cannot save the cluster's own snapshot there",
        None => {
            "cannot save the cluster's own snapshot beside FILE; use --save-current PATH to save \
             it elsewhere, or --no-save-current to skip it"
        }
    }
}

/// The name of a file until its ID is known.
const NAMELESS: &str = "before-restore.snap";

/// The folder a snapshot is in; for one in a bucket the current one.
fn beside(source: &Source) -> PathBuf {
    let path = match source {
        Source::File(path) => path.parent(),
        // Beside the server's own snapshots nothing of ours belongs.
        Source::Directory(_) | Source::Stdin | Source::Memory(_) | Source::Stream(_) => None,
    };
    path.unwrap_or(Path::new("")).to_owned()
}

async fn send(client: &Client, parcel: Parcel) -> Result<()> {
    let size = parcel.size();
    let sent = Arc::new(AtomicU64::new(0));
    let shown = Progress::watch("sending", Some(size), Arc::clone(&sent));
    let done = client.upload_snapshot(parcel.into_reader(), size, sent).await;
    drop(shown);
    done.map_err(|e| {
        let certain = matches!(e, ClientError::Connect { .. } | ClientError::Options(_));
        let what = if certain {
            "nothing was sent; the cluster is unchanged"
        } else {
            "the restore failed, and it is unknown whether the servers applied the snapshot: check \
             their logs and compare with `snapscope restore --dry-run`"
        };
        anyhow::Error::new(e).context(what)
    })
}

fn can_ask() -> bool {
    io::stdin().is_terminal() && terminal::errors_are_seen()
}

fn agreed(client: &Client) -> Result<bool> {
    let question = format!("Replace all data of {}? Type yes: ", client.address());
    terminal::say_to(format_args!("{}", one_line(question.as_bytes())));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
