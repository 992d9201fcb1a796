//! The state of a server at an index of its log, written as a snapshot.

mod base;
mod copy;
mod find;
mod named;
mod reach;
mod start;
mod watch;
mod writing;

pub(crate) use base::{Stretch, index_in_log, index_of, runs, stretches};
pub(crate) use find::Moment;
pub(crate) use named::{source_at, stream_of};
pub(crate) use watch::{Nobody, Purpose, Watch};

use crate::log_damage::{Losses, damage_of, note_once, say_once};
use crate::passes::ensure_same;
use crate::render::escape::one_line;
use crate::server_log::ServerLog;
use crate::times;
use anyhow::{Result, bail};
use base::{Base, bases_before, own_bases};
use find::{At, entries, find};
use reach::{reach, with_nearest};
use serde_json::{Map, Value};
use snapscope_archive::{Closing, OpenOptions, Source, open};
use snapscope_decode::Kind;
use snapscope_objects::printable::counted;
use snapscope_rewrite::{SnapshotWriter, made_meta, peers};
use snapscope_state::{Loaded, Machine};
use start::{Servers, Start};
use std::collections::BTreeMap;
use std::io::{Seek, Write};
use std::ops::ControlFlow;
use writing::append_all;

/// A state that can be written.
pub(crate) struct Rolled {
    loaded: Loaded,
    /// What it started from.
    pub(crate) base: Base,
    /// A copy of the snapshot, if it is compressed and will be read again.
    copy: Option<Source>,
    /// The new `meta.json`.
    pub(crate) meta: Map<String, Value>,
    /// What is known about the snapshot that it started from.
    closing: Option<Closing>,
    /// Its index, and the term and time of the entry there.
    pub(crate) at: At,
    /// Number of applied entries.
    pub(crate) entries: u64,
    /// What it lacks because of damage.
    pub(crate) losses: Losses,
}

impl Rolled {
    /// Rolls forward to a moment: from the given snapshot, from the newest of the server's own
    /// before it, or from the empty state if the log starts with its first entry.
    pub(crate) fn prepare(
        server: &ServerLog,
        base: Option<Source>,
        moment: Moment,
        read: &OpenOptions,
        purpose: Purpose,
    ) -> Result<Self> {
        let reach = || match &base {
            Some(source) => reach(server, vec![Base::given(source)], read),
            None => reach(server, own_bases(server), read),
        };
        let (target, losses) = find(server, moment).map_err(|e| with_nearest(e, moment, &reach))?;
        let bases = match &base {
            Some(source) => vec![Base::given(source)],
            None => bases_before(server, target.index),
        };
        let mut rolled = Self::roll(server, &bases, target, read, (purpose, &mut Nobody))
            .map_err(|e| with_nearest(e, Moment::Index(target.index), &reach))?;
        rolled.losses.absorb(losses);
        Ok(rolled)
    }

    /// Rolls forward from a state before an index to the end of the log, and shows each entry to
    /// the watch.
    pub(crate) fn to_end(
        server: &ServerLog,
        before: u64,
        read: &OpenOptions,
        watch: &mut dyn Watch,
    ) -> Result<Self> {
        let (target, _) = find(server, Moment::Index(server.extent()?.last))?;
        let bases = bases_before(server, before.saturating_sub(1));
        Self::roll(server, &bases, target, read, (Purpose::Look, watch))
    }

    /// Rolls forward through consecutive entries up to an index, and shows each one to the watch.
    pub(crate) fn through(
        server: &ServerLog,
        stretch: &Stretch,
        to: u64,
        read: &OpenOptions,
        watch: &mut dyn Watch,
    ) -> Result<Self> {
        let (target, _) = find(server, Moment::Index(to))?;
        Self::roll(server, &stretch.bases, target, read, (Purpose::Look, watch))
    }

    /// Rolls forward from the first of the bases that is whole and that the log continues; if none
    /// is whole, from the first one that can be read.
    fn roll(
        server: &ServerLog,
        bases: &[Base],
        target: At,
        read: &OpenOptions,
        (purpose, watch): (Purpose, &mut dyn Watch),
    ) -> Result<Self> {
        let mut refused: Option<anyhow::Error> = None;
        let mut damaged: Option<Start> = None;
        let mut passed_over = Vec::new();
        for base in bases {
            match Start::load(server, base, target, read, (purpose, &mut *watch)) {
                Ok(start) if start.is_damaged() => {
                    passed_over.extend(damage_of_base(&start).next());
                    damaged.get_or_insert(start);
                }
                Ok(start) => {
                    for why in passed_over {
                        note_once(&format!("note: {why}; another state is used instead"));
                    }
                    return Self::finish(server, start, target, watch);
                }
                Err(e) => {
                    passed_over.extend(
                        base.source.as_ref().map(|_| one_line(format!("{e:#}").as_bytes())),
                    );
                    refused.get_or_insert(e);
                }
            }
        }
        match (damaged, refused) {
            (Some(start), _) => Self::finish(server, start, target, watch),
            (None, Some(e)) => Err(e),
            (None, None) => bail!("there is no state before index {}", target.index),
        }
    }

    /// Applies the entries.
    fn finish(server: &ServerLog, start: Start, target: At, watch: &mut dyn Watch) -> Result<Self> {
        let mut losses = Losses::default();
        damage_of_base(&start).for_each(|line| losses.add(&line));
        if start.recovered > 0 {
            let entries = counted(start.recovered, "entry was", "entries were");
            let path = one_line(server.log.path().display().to_string().as_bytes());
            losses.add(&format!(
                "{path}: damaged: {entries} found by structure, and applied although they may not belong to the log"
            ));
        }
        let Start { mut loaded, base, copy, closing, servers, .. } = start;
        entries(server, base.index, target.index, &mut |entry| {
            loaded.machine.advance(entry);
            watch.entry(entry, &loaded.machine);
            ControlFlow::Continue(())
        })?;
        let meta = meta(closing.as_ref(), target, servers);
        let entries = target.index - base.index;
        Ok(Self { loaded, base, copy, meta, closing, at: target, entries, losses })
    }

    /// The state.
    pub(crate) const fn machine(&self) -> &Machine {
        &self.loaded.machine
    }

    /// Describes the state in words.
    pub(crate) fn place(&self) -> String {
        let At { index, time, .. } = self.at;
        let time = time.map_or(String::new(), |time| format!(" ({})", times::rfc3339(time)));
        let entries = counted(self.entries, "log entry", "log entries");
        let from = match &self.base.source {
            Some(base) if self.entries == 0 => one_line(base.name().as_bytes()),
            Some(base) => format!("{} and {entries} after it", one_line(base.name().as_bytes())),
            None => format!("{entries} from index 1 on"),
        };
        format!("the state at index {index}{time}: {from}")
    }

    /// Record types that may differ from the server's.
    pub(crate) const fn inexact(&self) -> &BTreeMap<Kind, &'static str> {
        self.loaded.machine.inexact()
    }

    /// Writes the state's records. Returns their number.
    pub(crate) fn write<W: Write + Seek + Send>(
        &self,
        read: &OpenOptions,
        writer: &mut SnapshotWriter<W>,
    ) -> Result<u64> {
        append_all(writer, |append| self.records(read, append))
    }

    /// The number of the state's records, and the size of the state.
    pub(crate) fn measure(&self, read: &OpenOptions) -> Result<(u64, u64)> {
        let mut size = 0;
        let records = self.records(read, &mut |out| {
            size += out.len() as u64;
            out.clear();
            true
        })?;
        Ok((records, size))
    }

    /// Passes on the state in pieces: its header, then its records. Returns their number.
    fn records(
        &self,
        read: &OpenOptions,
        append: &mut dyn FnMut(&mut Vec<u8>) -> bool,
    ) -> Result<u64> {
        let mut merge = self.loaded.merge();
        let mut out = merge.header();
        if !append(&mut out) {
            return Ok(0);
        }
        if let Some(source) = self.copy.as_ref().or(self.base.source.as_ref()) {
            let mut blocks = open(source, read)?;
            for block in blocks.by_ref() {
                block.frames().for_each(|frame| merge.next(&frame, &mut out));
                if !append(&mut out) {
                    return Ok(0);
                }
            }
            // If there is a copy, read that.
            if let (Some(first), None) = (&self.closing, &self.copy) {
                ensure_same(&source.name(), first, &blocks.finish())?;
            }
        }
        let records = merge.finish(&mut out);
        append(&mut out);
        Ok(records)
    }
}

/// The damage of the snapshot from which a state starts.
fn damage_of_base(start: &Start) -> impl Iterator<Item = String> {
    let parts = start.base.source.as_ref().zip(start.closing.as_ref());
    parts.into_iter().flat_map(|(source, closing)| damage_of(&source.name(), closing))
}

fn meta(closing: Option<&Closing>, at: At, servers: Option<Servers>) -> Map<String, Value> {
    let old = closing.and_then(|closing| closing.meta.as_ref());
    let mut meta = old.map_or_else(|| made_meta(at.index), |meta| meta.object.clone());
    // If no entry is applied, the snapshot stays unchanged.
    if old.is_some_and(|old| old.index == at.index) {
        return meta;
    }
    let ms =
        at.time.map_or(0, |time| time.unix_seconds() * 1000 + i64::from(time.nanos / 1_000_000));
    meta.insert("ID".to_owned(), format!("{}-{}-{ms}", at.term, at.index).into());
    meta.insert("Index".to_owned(), at.index.into());
    meta.insert("Term".to_owned(), at.term.into());
    if let Some(Servers { index, configuration, voters }) = servers {
        meta.insert("Configuration".to_owned(), configuration);
        meta.insert("ConfigurationIndex".to_owned(), index.into());
        meta.insert("Peers".to_owned(), peers(voters.iter().map(Vec::as_slice)).into());
    }
    meta
}

/// Names the record types that may differ from the server's; false if there are none.
pub(crate) fn say_inexact(rolled: &Rolled) -> bool {
    say_inexact_of(rolled, &|_| true)
}

/// Does so for some record types.
pub(crate) fn say_inexact_of(rolled: &Rolled, is_meant: &dyn Fn(Kind) -> bool) -> bool {
    let inexact = || rolled.inexact().iter().filter(|(kind, _)| is_meant(**kind));
    for (kind, why) in inexact() {
        let name = kind.consul_name().map_or_else(|| format!("type {}", kind.0), str::to_owned);
        say_once(&format!("not exact: records of type {name}: {why}"));
    }
    inexact().next().is_some()
}
