//! `history`: what became of an object, or of all under a prefix, over many snapshots.

mod json;
mod text;

use crate::commands::get::bytes;
use crate::commands::list::{kind_named, kind_of, peers};
use crate::exit::Exit;
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::render::incomplete::with_line;
use crate::series::{ask, incomplete_line, watch};
use crate::terminal::{self, say};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::history::{
    Chosen, Collect, Event, Life, Lives, Question, Seen, States, Wanted, ask_again, lives,
};
use snapscope_analyze::series::{Cluster, Named, Series, find};
use snapscope_objects::kinds::{ObjectKind, by_object};
use snapscope_objects::row::PeerSelection;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;

/// Show what became of an object over many snapshots
///
/// When it was first seen, each change with its raft index and the two snapshots between which it
/// came, what was changed, deletions (of a key its tombstone tells the index) and re-creations.
/// Snapshots are files, folders with snapshots in them, and patterns (`'backups/*.snap'`). They are
/// told apart by cluster, put in the order of their raft index, and duplicates are left out.
///
/// A snapshot tells when something was changed, not by whom; of several changes between two
/// snapshots only the last one is seen. Secrets are masked unless --show-secrets is given.
///
/// Exits with 1 if no snapshot has such an object.
#[derive(Debug, Args)]
#[command(
    override_usage = "snapscope history [OPTIONS] <TYPE> <ID> <SNAPSHOT>...
       snapscope history [OPTIONS] --under <PREFIX> <TYPE> <SNAPSHOT>...",
    after_help = "Examples:
  snapscope history kv apps/staging/env '*.snap'
  snapscope history policy global-management backup.snap -o json
  snapscope history --under apps/ kv backup.snap"
)]
pub(crate) struct HistoryArgs {
    /// What it is: a type that `list` knows, in the singular or plural
    #[arg(value_name = "TYPE")]
    kind: String,
    /// Its ID or name, or the beginning of one; then the snapshots: files, folders, patterns
    #[arg(value_name = "ID SNAPSHOT", required = true)]
    rest: Vec<OsString>,
    /// All objects whose ID begins so, instead of one: what was changed there
    #[arg(long, value_name = "PREFIX")]
    under: Option<OsString>,
    /// Objects imported from this peer, or `all`, instead of the cluster's own
    #[arg(long, value_name = "NAME")]
    peer: Option<String>,
    /// Show secrets
    #[arg(long)]
    show_secrets: bool,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One JSON value
    Json,
    /// A line of JSON for each event
    Jsonl,
}

/// All that was found out.
struct Answer<'a> {
    question: &'a Question,
    series: &'a Series<Seen>,
    /// What became of the objects in each of the clusters.
    lives: Vec<Lives>,
    incomplete: Option<String>,
}

impl Answer<'_> {
    /// The clusters with what became of the objects in them.
    fn clusters(&self) -> impl Iterator<Item = (&Cluster<Seen>, &Lives)> {
        self.series.clusters.iter().zip(&self.lives)
    }

    /// What the objects are called, beside their ids; of those that are others seen otherwise (a
    /// service is its instances) the name of the kind.
    fn object(&self) -> &'static str {
        let kind = self.question.kind;
        kind.object.unwrap_or(kind.name)
    }
}

/// The events of all objects in the order they came.
fn in_order(lives: &Lives) -> Vec<(&Life, &Event)> {
    let events = lives.lives.iter().flat_map(|life| life.events.iter().map(move |e| (life, e)));
    let mut events: Vec<_> = events.collect();
    // Stable: what can't be told apart stays by id.
    events.sort_by_key(|(_, event)| (event.until, event.index.unwrap_or(u64::MAX)));
    events
}

pub(crate) fn run(args: &HistoryArgs) -> Result<Exit> {
    let kind = match by_object(&args.kind) {
        Some(kind) if kind_named(&args.kind).is_err() => kind,
        _ => {
            let id = args.under.as_ref().or(args.rest.first()).and_then(|id| id.to_str());
            kind_of(&args.kind, id.unwrap_or_default())?
        }
    };
    let (wanted, snapshots) = match (&args.under, args.rest.as_slice()) {
        (Some(prefix), snapshots) => (Wanted::Under(bytes(prefix)), snapshots),
        (None, [_]) => bail!("no snapshots are named: history TYPE ID SNAPSHOT..."),
        (None, [id, snapshots @ ..]) => (Wanted::Named(bytes(id)), snapshots),
        (None, []) => bail!("neither an ID nor snapshots are named: history TYPE ID SNAPSHOT..."),
    };
    let paths: Vec<PathBuf> = snapshots.iter().map(PathBuf::from).collect();
    let question = Question { kind, peers: selected(args.peer.as_deref(), &wanted), wanted };
    let named = find(&paths)?;
    let mut states = States::new();
    let (mut series, exit) =
        ask(&args.read, &named, || Collect::new(&question), |_, found| states.keep(found))?;
    match states.choose(&question, &series) {
        Chosen::Known => {}
        Chosen::AskAgain { wanted, at } => {
            let again = Question { wanted, ..question.clone() };
            again_of(args, &again, &named, &at, &states, &mut series);
        }
        Chosen::Several(ids, more) => bail!(several(&question, &ids, more)),
    }
    let objects = states.finish();
    let options = CompareOptions {
        show_secrets: args.show_secrets,
        // An entry's life is all that became of it.
        whole_entries: true,
        ..CompareOptions::default()
    };
    let comparer = Comparer::new(options);
    let told = |cluster| lives(&question, cluster, &objects, &comparer);
    let answer = Answer {
        question: &question,
        series: &series,
        lives: series.clusters.iter().map(told).collect(),
        incomplete: incomplete_line(&series),
    };
    let is_there = |lives: &Lives| !lives.lives.is_empty() || lives.at_first > 0;
    let exit = if answer.lives.iter().any(is_there) {
        exit
    } else {
        nothing(&answer);
        exit.max(Exit::Found)
    };
    let text = match args.output {
        Format::Table => text::text(&answer),
        Format::Json => json::json(&answer),
        Format::Jsonl => with_line(json::lines(&answer), answer.incomplete.as_deref()),
    };
    terminal::out().write_all(&text)?;
    Ok(exit)
}

/// Whose objects are meant: an id may say itself that it is of a peer's.
fn selected(peer: Option<&str>, wanted: &Wanted) -> PeerSelection {
    match wanted {
        Wanted::Named(name) | Wanted::Under(name)
            if peer.is_none() && name.starts_with(b"peer:") =>
        {
            PeerSelection::All
        }
        _ => peers(peer),
    }
}

fn again_of(
    args: &HistoryArgs,
    question: &Question,
    named: &[Named],
    at: &[usize],
    states: &States,
    series: &mut Series<Seen>,
) {
    let again: Vec<&Named> = at.iter().filter_map(|at| named.get(*at)).collect();
    let progress = watch(&again);
    let options = args.read.watched(&progress);
    ask_again(question, named, at, args.read.jobs(), &options, states, series);
}

fn several(question: &Question, ids: &[Vec<u8>], more: bool) -> String {
    let name = match &question.wanted {
        Wanted::Named(name) => one_line(name),
        _ => String::new(),
    };
    let kind: &ObjectKind = question.kind;
    let ids: Vec<String> = ids.iter().map(|id| one_line(id)).collect();
    let more = if more { " and more" } else { "" };
    format!("{name} fits several {}: {}{more}", kind.name, ids.join(", "))
}

/// Says that no snapshot has such an object.
fn nothing(answer: &Answer<'_>) {
    let Question { kind, wanted, .. } = answer.question;
    let what = match wanted {
        Wanted::Under(prefix) => format!("{} that begins with {}", kind.one, one_line(prefix)),
        Wanted::Named(name) => format!("{} {}", kind.one, one_line(name)),
        Wanted::Ids(_) => kind.one.to_owned(),
    };
    let count: usize = answer.series.clusters.iter().map(|c| c.snapshots.len()).sum();
    let places = match count {
        1 => "the snapshot".to_owned(),
        n => format!("any of the {n} snapshots"),
    };
    say!("snapscope: there is no {what} in {places}");
}
