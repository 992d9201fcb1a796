//! `history`: how an object, or all objects under a prefix, changed over many snapshots.

mod args;
mod inputs;
mod telling;
mod text;
mod told;
mod writes;

pub(crate) use args::HistoryArgs;

use crate::answer::{Answer, print};
use crate::commands::get::bytes;
use crate::exit::Exit;
use crate::kinds::{kind_named, kind_of, peers};
use crate::near::{did_you_mean, near};
use crate::place::{Likeness, likeness};
use crate::render::escape::one_line;
use crate::secret_ids::token_of;
use crate::series::{ask, incomplete, watch};
use crate::terminal::say;
use anyhow::{Result, bail};
use inputs::Inputs;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::history::{
    Chosen, Collect, IdQuery, Meant, Question, Seen, ask_again, choose,
};
use snapscope_analyze::series::{Cluster, Named, Series};
use snapscope_answers::history::{Told as Events, members};
use snapscope_objects::json::JsonText;
use snapscope_objects::kind::{KindId, ObjectKind, PeerSelection};
use snapscope_objects::kinds::by_object;
use snapscope_runs::Room;
use std::io::{self, Write};
use std::path::PathBuf;
use telling::Telling;
use told::{Histories, Told};

impl Answer for Histories<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        text::text(self, out)
    }

    fn json(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        let told = self.clusters().map(|(cluster, told)| Events {
            cluster,
            at_first: told.lives.at_first,
            events: &told.events,
        });
        members(self.question, told, self.series, json, out)
    }

    /// A line for each event.
    fn lines(&self, _: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        for (_, told) in self.clusters() {
            let mut events = told.events.entries()?;
            while let Some(event) = events.next()? {
                out.write_all(event.value)?;
            }
        }
        Ok(())
    }
}

pub(crate) fn run(args: &HistoryArgs) -> Result<Exit> {
    let kind = match by_object(&args.kind) {
        Some(kind) if kind_named(&args.kind).is_err() => kind,
        _ => {
            let id = args.under.as_ref().or(args.rest.first()).and_then(|id| id.to_str());
            kind_of(&args.kind, id.unwrap_or_default())?
        }
    };
    let (ids, snapshots) = match (&args.under, args.rest.as_slice()) {
        (Some(prefix), snapshots) => (IdQuery::Under(bytes(prefix)), snapshots),
        (None, [_]) => bail!("no snapshots given; usage: history TYPE ID SNAPSHOT..."),
        (None, [id, snapshots @ ..]) => {
            if likeness(id) == Likeness::Snapshot {
                let (kind, id) = (kind.one, one_line(&bytes(id)));
                bail!(
                    "{id:?} is a snapshot, not the ID of a {kind}; usage: history TYPE ID SNAPSHOT..., or \
                     with --prefix \"\" for every {kind}"
                )
            }
            (IdQuery::Named(bytes(id)), snapshots)
        }
        (None, []) => bail!("no ID and no snapshots given; usage: history TYPE ID SNAPSHOT..."),
    };
    let paths: Vec<PathBuf> = snapshots.iter().map(PathBuf::from).collect();
    let peers = selected(kind, args.peer.as_deref(), &ids)?;
    let question = Question { kind, peers, ids };
    let options = CompareOptions {
        show_secrets: args.show_secrets,
        // The life of a config entry includes that of its intentions.
        whole_entries: true,
        ..CompareOptions::default()
    };
    let comparer = Comparer::new(options);
    let room = Room::default();
    let Inputs { named, log, mut writes, losses, at_log } =
        Inputs::find(args, paths, &question, &comparer, &room)?;
    let new = || Collect::new(&question, &room);
    let (answers, exit) = ask(&args.read, &named, new, |_, found| found.seen())?;
    let exit = exit.max(losses.exit());
    let mut series = answers.transposed()?;
    let others = writes.as_ref().map(|writes| writes.fits.clone()).unwrap_or_default();
    let meant = match choose(&question, &series, &others)? {
        Chosen::Known(meant) => meant,
        Chosen::AskAgain { ids, at } => {
            let again = Question { ids: IdQuery::Ids(ids.clone()), ..question.clone() };
            again_of(args, &again, (&named, &at), &room, &mut series)?;
            if let Some(log) = &log {
                writes = Some(log.writes(&again, &comparer, &room, &args.read.options(), None)?.0);
            }
            Meant::Ids(ids)
        }
        Chosen::Several(ids, more) => bail!(several(&question, &ids, more)),
    };
    let telling = Telling { args, question: &question, meant: &meant, comparer: &comparer };
    let told = |cluster: &Cluster<Seen>| {
        let writes = writes.as_ref().filter(|_| is_of_log(cluster, &series, &at_log));
        telling.told(cluster, writes, &room)
    };
    let told = series.clusters.iter().map(told).collect::<io::Result<_>>()?;
    let answer = Histories { question: &question, series: &series, told };
    let is_there = |told: &Told| told.lives.count > 0 || told.lives.at_first > 0;
    let exit = if answer.told.iter().any(is_there) {
        exit
    } else {
        let log = writes.as_ref().map(|writes| writes.place.as_str());
        nothing(&answer, args, &named, log)?;
        exit.max(Exit::Found)
    };
    let why = incomplete(&series).or_else(|| losses.incomplete());
    print(&answer, args.output, why.as_ref())?;
    Ok(exit)
}

/// Whether a cluster is the log's: it contains one of these snapshots, or an equal one.
fn is_of_log(cluster: &Cluster<Seen>, series: &Series<Seen>, at_log: &[String]) -> bool {
    let is_it = |name: &String| {
        at_log.contains(name)
            || series.duplicates.iter().any(|d| d.of == *name && at_log.contains(&d.name))
    };
    cluster.snapshots.iter().any(|snapshot| is_it(&snapshot.name))
}

/// The peer of the objects: an ID may start with a peer's name.
fn selected(kind: &ObjectKind, peer: Option<&str>, ids: &IdQuery) -> Result<PeerSelection> {
    match ids {
        IdQuery::Named(name) | IdQuery::Under(name)
            if peer.is_none() && name.starts_with(b"peer:") =>
        {
            Ok(PeerSelection::All)
        }
        _ => peers(kind, peer),
    }
}

fn again_of(
    args: &HistoryArgs,
    question: &Question,
    (named, at): (&[Named], &[usize]),
    room: &Room,
    series: &mut Series<Seen>,
) -> io::Result<()> {
    let again: Vec<&Named> = at.iter().filter_map(|at| named.get(*at)).collect();
    let progress = watch(&again);
    let options = args.read.watched(&progress);
    ask_again(question, named, at, args.read.jobs(), &options, room, series)
}

fn several(question: &Question, ids: &[Vec<u8>], more: bool) -> String {
    let name = match &question.ids {
        IdQuery::Named(name) => one_line(name),
        _ => String::new(),
    };
    let kind: &ObjectKind = question.kind;
    let ids: Vec<String> = ids.iter().map(|id| one_line(id)).collect();
    let more = if more { " and more" } else { "" };
    format!("{name} is ambiguous; it matches several {}: {}{more}", kind.name, ids.join(", "))
}

/// Reports that no snapshot has such an object, and no write in the log.
fn nothing(
    answer: &Histories<'_>,
    args: &HistoryArgs,
    named: &[Named],
    log: Option<&str>,
) -> Result<()> {
    let Question { kind, ids, .. } = answer.question;
    if let IdQuery::Named(name) = ids
        && kind.id == KindId::Tokens
    {
        for named in named {
            if let Some(token) = token_of(name, &named.source, &args.read)? {
                let token = one_line(token.as_bytes());
                say!("snapscope: that is the SecretID of token {token}");
                return Ok(());
            }
        }
    }
    // The word for users: key; "kv" is the store.
    let one = if kind.id == KindId::Kv { "key" } else { kind.one };
    let what = match ids {
        IdQuery::Under(prefix) => format!("no {one} starts with \"{}\"", one_line(prefix)),
        IdQuery::Named(name) => format!("{one} \"{}\" not found", one_line(name)),
        IdQuery::Ids(_) => format!("{one} not found"),
    };
    let count: usize = answer.series.clusters.iter().map(|c| c.snapshots.len()).sum();
    let places = match count {
        1 => "the snapshot".to_owned(),
        n => format!("any of the {n} snapshots"),
    };
    let places = match incomplete(answer.series) {
        Some(_) => format!("what could be read of {places}"),
        None => places,
    };
    let places = match log {
        Some(log) => format!("{places}, nor in the log of {}", one_line(log.as_bytes())),
        None => places,
    };
    let mut meant = None;
    if let IdQuery::Named(name) = ids {
        // In most orders of names the newest snapshot is last.
        for named in named.iter().rev() {
            meant = near(
                name,
                answer.question.kind,
                &answer.question.peers,
                &named.source,
                &args.read,
            )?;
            if meant.is_some() {
                break;
            }
        }
    }
    say!("snapscope: {what} in {places}{}", did_you_mean(meant.as_deref()));
    Ok(())
}
