//! The loaded state before the entries that are applied.

use super::base::{Base, base_index};
use super::copy::Copying;
use super::find::{At, Unreachable, entries};
use super::watch::{Purpose, Watch};
use crate::server_log::ServerLog;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use snapscope_archive::{Closing, OpenOptions, Source, open};
use snapscope_raftlog::{Member, members};
use snapscope_state::{Loaded, Loading, Touched};
use std::ops::ControlFlow;

/// The state before the entries that are applied.
pub(super) struct Start {
    pub(super) loaded: Loaded,
    pub(super) base: Base,
    /// A copy of the snapshot, if it is compressed and will be read again.
    pub(super) copy: Option<Source>,
    /// What is known about the snapshot.
    pub(super) closing: Option<Closing>,
    /// The servers, if an entry names them.
    pub(super) servers: Option<Servers>,
    /// Number of entries that were found by their structure.
    pub(super) recovered: u64,
}

impl Start {
    /// Loads a base. Fails if the log has not all entries from there to the target.
    pub(super) fn load(
        server: &ServerLog,
        base: &Base,
        target: At,
        read: &OpenOptions,
        (purpose, watch): (Purpose, &mut dyn Watch),
    ) -> Result<Self> {
        let from = base_index(server, base, target, read)?;
        let mut touched = Touched::new().hold(watch.joined());
        let (mut next, mut servers, mut recovered) = (from + 1, None, 0);
        entries(server, from, target.index, &mut |entry| {
            if entry.index != next {
                return ControlFlow::Break(());
            }
            next += 1;
            recovered += u64::from(entry.is_recovered);
            touched.see(entry);
            if let Some(members) = members(entry) {
                servers = Some(Servers::of(entry.index, &members));
            }
            ControlFlow::Continue(())
        })?;
        if next <= target.index {
            let extent = server.extent()?;
            bail!(Unreachable(format!(
                "the log does not have entry {next}, which the state at {} needs (it has {} to {})",
                target.index, extent.first, extent.last
            )));
        }
        let mut loading = Loading::new(touched);
        let (mut closing, mut copy) = (None, None);
        if let Some(source) = &base.source {
            let mut blocks = open(source, read)?;
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
            copy = copying.and_then(|copying| copying.finish(&source.name()));
            closing = Some(blocks.finish());
        }
        let base = Base { source: base.source.clone(), index: from };
        Ok(Self { loaded: loading.finish(), base, copy, closing, servers, recovered })
    }

    /// Whether the snapshot is damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.closing.as_ref().is_some_and(Closing::is_damaged)
    }
}

/// The servers of the cluster, as `meta.json` has them.
pub(super) struct Servers {
    pub(super) index: u64,
    pub(super) configuration: Value,
    /// The addresses of those that vote.
    pub(super) voters: Vec<Vec<u8>>,
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
