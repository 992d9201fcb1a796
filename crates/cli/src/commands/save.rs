//! `save`: a snapshot of a live cluster into a file.

use crate::answer::{Answer, print};
use crate::api_flags::ApiFlags;
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::progress::Progress;
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use crate::render::json::{List, Members as _, Object};
use crate::terminal::say;
use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use snapscope_analyze::{Inspect, Inspection, Jobs, Origin, OriginFacts};
use snapscope_answers::inspect::stats;
use snapscope_live::client::{Client, SnapshotHeaders};
use snapscope_live::save::{self, Comparison, NameParts, Received, SaveError};
use snapscope_live::{block_on, until_interrupted};
use snapscope_objects::json::JsonText;
use snapscope_staged::{StageError, StagedFile};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Save a snapshot of a cluster, verified while it arrives
///
/// A drop-in for `consul snapshot save`. The file appears only once it is complete, verified
/// (archive, hashes, every record) and on disk, readable only by its owner. A truncated, empty or
/// damaged download leaves nothing.
///
/// If ACLs are enabled, the token needs acl = "write".
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope save backup.snap
  snapscope save --out-dir backups --stale -o json
  snapscope save -token-file token -append-filename version,dc backup.snap")]
pub(crate) struct SaveArgs {
    /// The file to create [default: consul-DATACENTER-INDEX.snap]
    #[arg(value_name = "FILE", conflicts_with = "out_dir")]
    file: Option<PathBuf>,
    /// The folder for a file with the default name [default: the current one]
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    /// Add these to the name before its extension, in this order: version, dc, node, status (leader
    /// or follower) of the agent; needs agent:read
    #[arg(long, value_name = "PART,...", value_delimiter = ',')]
    append_filename: Vec<NamePart>,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
    /// Output format of the summary
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["text", "json"]), default_value = "text")]
    output: Form,
    #[command(flatten)]
    api: ApiFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NamePart {
    Version,
    Dc,
    Node,
    Status,
}

/// Name of the file until its real name is known.
const NAMELESS: &str = "consul.snap";

/// The message about a request that failed.
const NOTHING: &str = "nothing was saved";

type Facts = (Inspection, OriginFacts);

pub(crate) fn run(args: &SaveArgs) -> Result<Exit> {
    let client = args.api.client()?;
    let done = block_on(until_interrupted(save(args, &client)))??;
    match done.map_err(|_| anyhow!("interrupted; nothing was saved"))? {
        Ok(saved) => {
            print(&saved, args.output, None)?;
            Ok(Exit::Done)
        }
        Err(e) => {
            if !matches!(e.downcast_ref(), Some(SaveError::Damaged { .. })) {
                return Err(e);
            }
            let message = one_line(format!("{e:#}").as_bytes());
            say!("snapscope: {message}");
            Ok(Exit::Damaged)
        }
    }
}

/// A snapshot in a file.
struct Saved {
    path: PathBuf,
    received: Received<Facts>,
    /// Whether the file already existed, with the same state.
    was_there: bool,
}

async fn save(args: &SaveArgs, client: &Client) -> Result<Saved> {
    let parts = name_parts(args, client).await.context(NOTHING)?;
    let named = args.file.as_deref().map(|file| save::append_to(file, &parts));
    if named.as_deref() == Some(Path::new("-")) {
        bail!(
            "cannot save to standard output, because a snapshot is valid only after all of it is \
             verified; save it to a file first"
        );
    }
    if let Some(folder) = &args.out_dir
        && !folder.is_dir()
    {
        let folder = one_line(folder.display().to_string().as_bytes());
        bail!("the folder {folder} does not exist; create it first");
    }
    let target = match &named {
        Some(path) => path.clone(),
        None => args.out_dir.clone().unwrap_or_default().join(NAMELESS),
    };
    // An existing file is reported before a server creates a snapshot for nothing.
    let mut staged = StagedFile::begin(&target, args.force || named.is_none())?;
    let download = client.download_snapshot().await.context(NOTHING)?;
    let counts = save::Progress::default();
    let length = download.headers().length;
    let shown = Progress::watch("saving", length, counts.received.clone());
    let new = || (Inspect::new(), Origin::default());
    let received = save::receive(download, Some(&staged), Jobs::default(), new, &counts).await;
    drop(shown);
    let received = received?;
    if named.is_none() {
        let index = received.outcome.closing.meta.as_ref().map_or(0, |meta| meta.index);
        let name = save::file_name(received.outcome.out.1.datacenter.as_deref(), index);
        let name = save::append_to(Path::new(&name), &parts);
        match staged.rename(&name.to_string_lossy(), args.force) {
            Ok(()) => {}
            // Nothing changed in the cluster since the file was saved.
            Err(StageError::Exists(path)) => return as_it_is(path, &staged, received),
            Err(e) => return Err(e.into()),
        }
    }
    let path = staged.target().to_owned();
    staged.settle()?;
    Ok(Saved { path, received, was_there: false })
}

/// The existing file, if it is intact and has the received state.
fn as_it_is(path: PathBuf, staged: &StagedFile, received: Received<Facts>) -> Result<Saved> {
    let new = || (Inspect::new(), Origin::default());
    let shown = one_line(path.display().to_string().as_bytes());
    let closing = &received.outcome.closing;
    let standing = save::compare(&path, (staged.path(), closing), new)
        .with_context(|| format!("{shown} already exists, and cannot be compared"))?;
    let there = match standing {
        Comparison::Same(there) => there,
        Comparison::Damaged(why) => bail!(
            "{shown} already exists and is damaged: {why}; use --force to replace it, or move it \
             away first"
        ),
        Comparison::Other(why) => bail!(
            "{shown} already exists and is a snapshot of another cluster or state: {why}; save this \
             one under a name of its own (FILE) or into another folder (--out-dir), or use --force \
             to overwrite it"
        ),
    };
    let received = Received {
        headers: received.headers,
        bytes: there.bytes,
        sha256: Some(there.sha256),
        outcome: there.outcome,
    };
    Ok(Saved { path, received, was_there: true })
}

async fn name_parts(args: &SaveArgs, client: &Client) -> Result<NameParts> {
    if args.append_filename.is_empty() {
        return Ok(NameParts::default());
    }
    let agent = client.agent_self().await?;
    let status = if agent.is_leader() { "leader" } else { "follower" };
    let wanted = |part, value: &str| args.append_filename.contains(&part).then(|| value.to_owned());
    Ok(NameParts {
        version: wanted(NamePart::Version, &agent.config.version),
        dc: wanted(NamePart::Dc, &agent.config.datacenter),
        node: wanted(NamePart::Node, &agent.config.node_name),
        status: wanted(NamePart::Status, status),
    })
}

/// Describes how fresh the snapshot is.
fn freshness(headers: &SnapshotHeaders) -> String {
    let contact = headers.last_contact.map_or(0, |contact| contact.as_millis());
    match headers.known_leader {
        Some(false) => "a server that knows no leader; recent writes may be missing".to_owned(),
        _ if contact > 0 => format!("a server that last heard from the leader {contact} ms before"),
        Some(true) => "a server in touch with the leader".to_owned(),
        None => "a server that does not report a leader".to_owned(),
    }
}

fn text(Saved { path, received, was_there }: &Saved) -> String {
    let (inspection, origin) = &received.outcome.out;
    let closing = &received.outcome.closing;
    let index = closing.meta.as_ref().map_or(0, |meta| meta.index);
    let mut versions: Vec<&str> = origin.servers.values().map(String::as_str).collect();
    versions.sort_unstable();
    versions.dedup();
    let cluster = match (&origin.datacenter, versions.is_empty()) {
        (Some(dc), false) => format!("{dc}, Consul {}", versions.join(", ")),
        (Some(dc), true) => dc.clone(),
        (None, _) => "unknown: no node is registered".to_owned(),
    };
    let rows = [
        ("File", path.display().to_string()),
        (
            "Size",
            format!("{}, {} of state", byte_size(received.bytes), byte_size(inspection.total)),
        ),
        ("SHA-256", received.sha256.clone().unwrap_or_default()),
        ("Records", closing.records.to_string()),
        ("Datacenter", cluster),
        ("From", freshness(&received.headers)),
    ];
    let mut text = if *was_there {
        format!("Verified snapshot to index {index} already exists\n")
    } else {
        format!("Saved and verified snapshot to index {index}\n")
    };
    for (name, value) in rows {
        text.push_str(&format!(" {name:<11}{}\n", one_line(value.as_bytes())));
    }
    text
}

impl Answer for Saved {
    const INDENT: Option<&'static str> = Some("   ");

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(text(self).as_bytes())
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        let Self { path, received, .. } = self;
        let (inspection, origin) = &received.outcome.out;
        let closing = &received.outcome.closing;
        let meta = closing.meta.as_ref();
        let headers = &received.headers;
        let contact =
            headers.last_contact.map(|c| u64::try_from(c.as_millis()).unwrap_or(u64::MAX));
        let servers = origin.servers.iter().map(|(node, version)| {
            Object(move |json: &mut JsonText| {
                json.member("Node", node).member("Version", version);
            })
        });
        json.member("File", path.display().to_string()).member("Size", received.bytes);
        json.member("SHA256", received.sha256.as_ref()).member("ID", meta.map(|m| &m.id));
        json.member("Index", meta.map(|m| m.index)).member("Term", meta.map(|m| m.term));
        json.member("KnownLeader", headers.known_leader).member("LastContactMs", contact);
        json.member("Datacenter", origin.datacenter.as_ref()).member("Servers", List(servers));
        json.member("Records", closing.records).member("StateSize", inspection.total);
        json.member("Stats", stats(inspection));
        Ok(())
    }
}
