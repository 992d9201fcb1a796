//! The state of a server at an index of its log, written as a snapshot.

mod base;
mod copy;
mod find;
mod named;
mod writing;

pub(crate) use base::{Base, base_before, index_in_log, index_of, whole_to};
pub(crate) use find::Moment;
pub(crate) use named::{source_at, stream_of};

use crate::passes::ensure_same;
use crate::render::escape::one_line;
use crate::server_log::{ServerLog, report};
use crate::terminal::say;
use crate::times;
use anyhow::{Result, bail};
use base::{base_index, own_base};
use copy::Copying;
use find::{At, find};
use serde_json::{Map, Value, json};
use snapscope_archive::{Closing, OpenOptions, Source, open};
use snapscope_decode::{Frame, Kind};
use snapscope_objects::printable::counted;
use snapscope_raftlog::{Entry, Member, members};
use snapscope_rewrite::{SnapshotWriter, made_meta, peers};
use snapscope_state::{Joined, Loaded, Loading, Machine, Touched};
use std::collections::BTreeMap;
use std::io::{Seek, Write};
use std::ops::ControlFlow;
use writing::append_all;

/// A state that can be written.
pub(crate) struct Rolled {
    loaded: Loaded,
    base: Option<Source>,
    /// A copy of the snapshot, if it is compressed and will be read again.
    copy: Option<Source>,
    /// The new `meta.json`.
    pub(crate) meta: Map<String, Value>,
    /// What is known about the snapshot that it started from.
    pub(crate) closing: Option<Closing>,
    /// Its index, and the term and time of the entry there.
    pub(crate) at: At,
    /// Number of applied entries.
    pub(crate) entries: u64,
    /// Whether parts of the log are damaged.
    pub(crate) is_damaged: bool,
}

/// Watches how a log is applied.
pub(crate) trait Watch {
    /// Kinds of objects that must be held completely.
    fn joined(&self) -> Option<Joined> {
        None
    }

    /// Receives a record of the snapshot to which the log is applied.
    fn record(&mut self, _: &Frame<'_>) {}

    /// Receives an entry, and the state after it.
    fn entry(&mut self, entry: &Entry<'_>, machine: &Machine);
}

/// Only the result counts.
pub(crate) struct Nobody;

impl Watch for Nobody {
    fn entry(&mut self, _: &Entry<'_>, _: &Machine) {}
}

/// Whether damage of the log was already reported.
#[derive(Debug, Clone, Copy)]
enum Damage {
    New,
    Reported,
}

/// Whether the state will be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Look,
}

/// How a log is applied.
struct How<'w> {
    watch: &'w mut dyn Watch,
    damage: Damage,
    purpose: Purpose,
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
        let target = find(server, moment)?;
        let base = base.or_else(|| own_base(server, target.index));
        let how = How { watch: &mut Nobody, damage: Damage::New, purpose };
        Self::roll(server, base, target, read, how)
    }

    /// Rolls forward from a state before an index to the end of the log, and shows each entry to
    /// the watch.
    pub(crate) fn to_end(
        server: &ServerLog,
        before: u64,
        read: &OpenOptions,
        watch: &mut dyn Watch,
    ) -> Result<Self> {
        let target = find(server, Moment::Index(server.extent()?.last))?;
        let base = own_base(server, before.saturating_sub(1));
        let how = How { watch, damage: Damage::New, purpose: Purpose::Look };
        Self::roll(server, base, target, read, how)
    }

    /// Rolls forward from a chosen state to an index, and shows each entry to the watch. Damage of
    /// the log was reported when the state was chosen.
    pub(crate) fn from_base(
        server: &ServerLog,
        base: &Base,
        to: u64,
        read: &OpenOptions,
        watch: &mut dyn Watch,
    ) -> Result<Self> {
        let target = find(server, Moment::Index(to))?;
        let how = How { watch, damage: Damage::Reported, purpose: Purpose::Look };
        Self::roll(server, base.source.clone(), target, read, how)
    }

    fn roll(
        server: &ServerLog,
        base: Option<Source>,
        target: At,
        read: &OpenOptions,
        How { watch, damage, purpose }: How<'_>,
    ) -> Result<Self> {
        let from = base_index(server, base.as_ref(), target, read)?;
        let mut touched = Touched::new().hold(watch.joined());
        let mut next = from + 1;
        let mut servers = None;
        let findings = entries(server, from, target.index, &mut |entry| {
            if entry.index != next {
                return ControlFlow::Break(());
            }
            next += 1;
            touched.see(entry);
            if let Some(members) = members(entry) {
                servers = Some(Servers::of(entry.index, &members));
            }
            ControlFlow::Continue(())
        })?;
        let is_damaged = match damage {
            Damage::New => report(&findings),
            Damage::Reported => !findings.is_empty(),
        };
        if next <= target.index {
            let extent = server.extent()?;
            bail!(
                "the log does not have entry {next}, which the state at {} needs (it has {} to {})",
                target.index,
                extent.first,
                extent.last
            );
        }
        let mut loading = Loading::new(touched);
        let (mut closing, mut copy) = (None, None);
        if let Some(base) = &base {
            let mut blocks = open(base, read)?;
            let mut copying = None;
            let mut is_first = purpose == Purpose::Write;
            while let Some(block) = blocks.next() {
                if std::mem::take(&mut is_first) {
                    copying = Copying::begin(&blocks);
                }
                for frame in block.frames() {
                    watch.record(&frame);
                    loading.take(&frame);
                }
                if let Some(copying) = &copying {
                    copying.push(block);
                }
            }
            copy = copying.and_then(|copying| copying.finish(&base.name()));
            closing = Some(blocks.finish());
        }
        let mut loaded = loading.finish();
        entries(server, from, target.index, &mut |entry| {
            loaded.machine.advance(entry);
            watch.entry(entry, &loaded.machine);
            ControlFlow::Continue(())
        })?;
        let meta = meta(closing.as_ref(), target, servers);
        let entries = target.index - from;
        Ok(Self { loaded, base, copy, meta, closing, at: target, entries, is_damaged })
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
        let from = match &self.base {
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
        if let Some(source) = self.copy.as_ref().or(self.base.as_ref()) {
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

/// All entries after an index, up to another one.
fn entries(
    server: &ServerLog,
    after: u64,
    to: u64,
    each: &mut dyn FnMut(&Entry<'_>) -> ControlFlow<()>,
) -> Result<Vec<snapscope_raftlog::LogFinding>> {
    server.walk(after.saturating_add(1), &mut |entry| {
        if entry.index > to {
            return ControlFlow::Break(());
        }
        each(&entry)
    })
}

/// The servers of the cluster, as `meta.json` has them.
struct Servers {
    index: u64,
    configuration: Value,
    /// The addresses of those that vote.
    voters: Vec<Vec<u8>>,
}

impl Servers {
    /// Those of the configuration entry with this index.
    fn of(index: u64, members: &[Member<'_>]) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let servers = members.iter().map(|member| {
            json!({
                "Suffrage": member.suffrage,
                "ID": text(member.id),
                "Address": text(member.address),
            })
        });
        let configuration = json!({ "Servers": servers.collect::<Vec<_>>() });
        let voters = members.iter().filter(|member| member.suffrage == 0);
        let voters = voters.map(|member| member.address.to_vec()).collect();
        Self { index, configuration, voters }
    }
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
        say!("snapscope: not exact: records of type {name}: {why}");
    }
    inexact().next().is_some()
}
