//! The logs and snapshots of a timeline, and the results of a first pass over them.

use super::terms::{Applied, LogTerms, Terms};
use crate::exit::Exit;
use crate::log_damage::Losses;
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::series::{named, watch};
use crate::server_log::ServerLog;
use anyhow::{Result, bail};
use snapscope_analyze::series::{Named, read};
use snapscope_analyze::{Fold, Outcome, Problems};
use snapscope_archive::{Closing, Source};
use snapscope_decode::Frame;
use snapscope_raftlog::{Chunks, members};
use snapscope_state::Identities;
use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// A log.
pub(super) struct Log {
    /// Its name as given.
    pub(super) name: String,
    pub(super) server: ServerLog,
    pub(super) terms: Terms,
}

/// A snapshot, of which only its position matters.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) name: String,
    pub(super) index: u64,
    pub(super) term: u64,
    pub(super) taken_ms: Option<i64>,
}

/// The inputs of a timeline.
pub(super) struct Inputs {
    pub(super) logs: Vec<Log>,
    /// By index.
    pub(super) points: Vec<Point>,
    /// For each log, the index up to which its entries are known to be committed.
    pub(super) committed: Vec<u64>,
    pub(super) identities: Identities,
    /// All snapshots that were read.
    pub(super) snapshots: Vec<Named>,
    /// What is missing in the snapshots.
    pub(super) losses: Losses,
}

/// The voting servers according to the newest configuration: its index, and their number.
#[derive(Debug, Clone, Copy, Default)]
struct Voters {
    at: u64,
    count: Option<usize>,
}

impl Voters {
    fn set(&mut self, at: u64, suffrages: impl Iterator<Item = u64>) {
        if at >= self.at {
            let count = suffrages.filter(|suffrage| *suffrage == 0).count();
            *self = Self { at, count: (count > 0).then_some(count) };
        }
    }
}

/// Tokens of a snapshot.
#[derive(Default)]
struct Tokens(Identities);

impl Fold for Tokens {
    type Out = Identities;

    fn frame(&mut self, frame: &Frame<'_>, _: &mut Problems) {
        self.0.see_record(frame);
    }

    fn merge(&mut self, other: Self) {
        self.0.absorb(other.0);
    }

    fn finish(self, _: &Closing) -> Identities {
        self.0
    }
}

impl Inputs {
    /// Finds all inputs, and reads them once.
    pub(super) fn find(names: &[PathBuf], args: &ReadArgs) -> Result<Self> {
        let (logs, plain): (Vec<PathBuf>, Vec<PathBuf>) =
            names.iter().cloned().partition(|name| is_log(name));
        let mut servers = Vec::new();
        for name in &logs {
            servers.push((name.display().to_string(), ServerLog::find(name)?));
        }
        let mut snapshots = if plain.is_empty() { Vec::new() } else { named(&plain)? };
        for own in servers.iter().flat_map(|(_, server)| &server.snapshots) {
            let source = Source::Directory(own.path.clone());
            snapshots.push(Named { source, in_folder: false });
        }
        let mut voters = Voters::default();
        let mut identities = Identities::new();
        let (points, mut losses) = points(&snapshots, args, &mut voters, &mut identities)?;
        let mut logs = Vec::new();
        for (name, server) in servers {
            let terms = terms(&server, &mut voters, &mut identities)?;
            losses.absorb(server.losses.clone());
            logs.push(Log { name, server, terms });
        }
        let committed = committed(&logs, &points, voters);
        Ok(Self { logs, points, committed, identities, snapshots, losses })
    }
}

/// Whether a name leads to a log: a folder with one, or a bbolt file.
fn is_log(name: &Path) -> bool {
    if name.is_dir() {
        return ServerLog::is_at(name);
    }
    name.extension().is_some_and(|ending| ending == "db") && name.is_file()
}

/// Reads the snapshots.
fn points(
    snapshots: &[Named],
    args: &ReadArgs,
    voters: &mut Voters,
    identities: &mut Identities,
) -> Result<(Vec<Point>, Losses)> {
    let all: Vec<&Named> = snapshots.iter().collect();
    let progress = watch(&all);
    let answers = read(&all, args.jobs(), &args.watched(&progress), Tokens::default, |_, out| out);
    drop(progress);
    let (mut points, mut losses) = (Vec::new(), Losses::default());
    let mut clusters = BTreeSet::new();
    for (named, answer) in snapshots.iter().zip(answers) {
        let Outcome { out: (cluster, tokens), closing, problems } = answer?;
        let name = named.source.name();
        if args.report_of(&name, &closing, &problems) == Exit::Damaged {
            losses.know(&format!("{}: damaged", one_line(name.as_bytes())));
        }
        let Some(meta) = closing.meta.as_ref() else {
            let name = one_line(name.as_bytes());
            losses.add(&format!("{name}: its index is unknown, because it has no meta.json"));
            continue;
        };
        clusters.extend(cluster.id);
        if meta.configuration_index > 0 {
            voters.set(meta.configuration_index, meta.servers.iter().map(|server| server.suffrage));
        }
        identities.absorb(tokens);
        let (index, term, taken_ms) = (meta.index, meta.term, meta.taken_ms());
        points.push(Point { name, index, term, taken_ms });
    }
    if clusters.len() > 1 {
        let clusters: Vec<String> = clusters.into_iter().collect();
        bail!(
            "the inputs are from different clusters, so their indexes cannot be compared: {}",
            clusters.join(", ")
        );
    }
    points.sort_by(|a, b| (a.index, &a.name).cmp(&(b.index, &b.name)));
    Ok((points, losses))
}

/// Reads a log once.
fn terms(server: &ServerLog, voters: &mut Voters, identities: &mut Identities) -> Result<Terms> {
    let mut terms = Terms::default();
    let mut chunks = Chunks::default();
    // The pass that shows the entries reports damage.
    server.walk(0, &mut |entry| {
        terms.push(entry.index, entry.term);
        if let Some(members) = members(&entry) {
            voters.set(entry.index, members.iter().map(|member| member.suffrage));
        }
        identities.see(&entry, &mut chunks);
        ControlFlow::Continue(())
    })?;
    Ok(terms)
}

fn committed(logs: &[Log], points: &[Point], voters: Voters) -> Vec<u64> {
    let of_server = |log: &Log| LogTerms {
        terms: log.terms.clone(),
        server: node_id(&log.server).unwrap_or_else(|| log.name.clone()),
    };
    let logs: Vec<LogTerms> = logs.iter().map(of_server).collect();
    // The term of a snapshot without a time is unknown.
    let applied: Vec<Applied> = points
        .iter()
        .filter(|point| point.taken_ms.is_some())
        .map(|point| Applied { index: point.index, term: point.term })
        .collect();
    super::terms::committed(&logs, &applied, voters.count)
}

/// The ID of a log's server, from its data directory.
fn node_id(server: &ServerLog) -> Option<String> {
    let path = fs::canonicalize(server.log.path()).ok()?;
    let id = fs::read_to_string(path.parent()?.parent()?.join("node-id")).ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}
