//! Exports one of many snapshots.

use super::error::FleetError;
use super::ledger::Claimed;
use super::manifest::{Entry, Rows};
use super::many::Fleet;
use super::partition::{checked, component, date, place};
use super::place::Ready;
use super::told::{Fate, Reading, Told};

use crate::columnar::{Tables, read};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use snapscope_analyze::series::Named;
use snapscope_archive::{Closing, Meta, open};
use snapscope_staged::create_in;
use snapscope_tables::damage;
use std::collections::{BTreeMap, VecDeque};

/// The identity and the day of a snapshot.
struct Identity {
    hash: String,
    date: String,
}

impl Identity {
    fn of_meta(meta: &Meta) -> Self {
        let servers: Vec<_> = meta.servers.iter().map(|s| (&s.id, &s.address)).collect();
        let facts =
            json!([meta.id, meta.index, meta.term, meta.size, meta.configuration_index, servers]);
        Self { hash: hash(&facts.to_string()), date: date(meta.taken_ms()) }
    }

    /// The identity of a snapshot that was read. Without `meta.json` it depends on the content.
    fn of(closing: &Closing, source: &str) -> Self {
        if let Some(meta) = &closing.meta {
            return Self::of_meta(meta);
        }
        let state = closing.integrity.members.iter().find(|member| member.name == "state.bin");
        let text =
            state.map_or_else(|| format!("file {source}"), |s| format!("state {}", s.sha256));
        Self { hash: hash(&text), date: date(None) }
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The result of reading a source.
enum Read {
    /// Another source has the snapshot, or it exists already.
    Settled(Option<Told>),
    /// It is a snapshot, and whether it is intact.
    Ours(Told, Identity, bool),
}

impl Fleet<'_> {
    /// Exports a source; if it is damaged, also copies of it that appeared meanwhile. Returns the
    /// results.
    pub(super) fn export(
        &self,
        reading: &Reading<'_>,
        at: usize,
    ) -> Result<Vec<(usize, Told)>, FleetError> {
        let mut told = Vec::new();
        let mut left = VecDeque::from([(at, true)]);
        while let Some((at, is_first)) = left.pop_front() {
            match self.export_one(reading, at, is_first)? {
                Read::Settled(one) => told.extend(one.map(|one| (at, one))),
                Read::Ours(one, identity, is_intact) => {
                    told.push((at, one));
                    for copy in self.ledger.done(&identity.hash, is_intact) {
                        left.push_back((copy, false));
                    }
                }
            }
        }
        Ok(told)
    }

    fn export_one(
        &self,
        reading: &Reading<'_>,
        at: usize,
        is_first: bool,
    ) -> Result<Read, FleetError> {
        let Some(named) = reading.sources.get(at) else { return Ok(Read::Settled(None)) };
        let opened = open(&named.source, &reading.options);
        let early = opened.as_ref().ok().and_then(|blocks| blocks.early_meta());
        let early = early.map(Identity::of_meta);
        let claim = || early.as_ref().map(|of| self.ledger.claim(at, &of.hash, &of.date));
        let claimed =
            if is_first { self.ledger.in_turn(at, claim) } else { claim() }.transpose()?;
        let blocks = match opened {
            Ok(blocks) => blocks,
            Err(error) => return Ok(Read::Settled(Some(Fate::Refused(error).into()))),
        };
        let mut before = None;
        if let Some(claimed) = claimed {
            match settled(claimed) {
                Ok(old) => before = old,
                Err(told) => return Ok(Read::Settled(told)),
            }
        }
        let failed = FleetError::io(self.place);
        let masking = self.masking.as_ref();
        let tables = read(blocks, reading.jobs, &self.selections, masking).map_err(&failed)?;
        let identity = match early {
            Some(identity) => identity,
            None => {
                let identity = Identity::of(&tables.closing, &named.source.name());
                if tables.closing.header.is_none() {
                    return Ok(Read::Settled(Some(unreadable(named, tables))));
                }
                match settled(self.ledger.claim(at, &identity.hash, &identity.date)?) {
                    Ok(old) => before = old,
                    Err(told) => return Ok(Read::Settled(told)),
                }
                identity
            }
        };
        if tables.closing.header.is_none() {
            return Ok(Read::Ours(unreadable(named, tables), identity, false));
        }
        let problems = damage(&tables.closing, &tables.problems);
        let is_intact = problems.is_empty();
        let (fate, tables) =
            self.store(tables, &named.source.name(), &identity, before, problems)?;
        let described =
            reading.describe_all || !is_intact || tables.closing.integrity.notes().next().is_some();
        let closing = described.then(|| Box::new(tables.closing));
        Ok(Read::Ours(Told { fate, closing, problems: tables.problems }, identity, is_intact))
    }

    /// Writes a snapshot's files, unless the existing ones are more complete.
    fn store(
        &self,
        tables: Tables,
        source: &str,
        identity: &Identity,
        before: Option<Entry>,
        problems: Vec<String>,
    ) -> Result<(Fate, Tables), FleetError> {
        let rows = (0..self.selections.len()).map(|at| tables.rows(at)).sum();
        if let Some(before) = &before
            && !problems.is_empty()
            && rows <= before.rows()
        {
            return Ok((Fate::There(Vec::new()), tables));
        }
        let about = tables.about.clone();
        let stem = match about.snapshot.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => component(id),
            None => format!("state-{}", identity.hash.get(..16).unwrap_or_default()),
        };
        let name = place(&self.partition, &about, &stem);
        let name = self.ledger.name(&identity.date, name, &identity.hash)?;
        let failed = FleetError::io(self.place);
        let staged = self.place.staging().map_err(&failed)?;
        let (mut ready, mut kinds) = (Vec::new(), BTreeMap::new());
        for (at, selection) in self.selections.iter().enumerate() {
            let (kind, rows) = (selection.kind.name, tables.rows(at));
            if rows == 0 {
                continue;
            }
            let from = staged.path().join(kind);
            let out = create_in(staged.path(), kind).map_err(&failed)?;
            tables.write(at, self.format, out).map_err(&failed)?;
            let bytes = std::fs::metadata(&from).map_err(&failed)?.len();
            let path = format!("{kind}/{name}.{}", self.ending());
            kinds.insert(kind.to_owned(), Rows { rows, bytes: Some(bytes), file: path.clone() });
            ready.push(Ready { from, path });
        }
        if let Some(before) = before {
            // Its files may be in another folder, because the cluster of a damaged snapshot may be
            // unknown.
            let old: Vec<String> = before.kinds.into_values().map(|rows| rows.file).collect();
            for path in &old {
                checked(path)?;
            }
            self.place.remove(&old).map_err(&failed)?;
        }
        self.place.put(&ready).map_err(&failed)?;
        let taken = about.taken_ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        {
            let mut written = self.written();
            let there = self.selections.iter().map(|selection| selection.kind.name);
            written.kinds.extend(there.filter(|kind| kinds.contains_key(*kind)));
            if written.first.as_ref().is_none_or(|first| *first > name) {
                written.first = Some(name.clone());
            }
        }
        let entry = Entry {
            snapshot: about.snapshot,
            identity: identity.hash.clone(),
            source: source.to_owned(),
            cluster: about.cluster,
            datacenter: about.datacenter,
            taken: taken.map(|taken| taken.to_string()),
            raft_index: about.raft_index,
            name,
            problems,
            kinds,
        };
        self.ledger.record(&identity.date, entry)?;
        Ok((Fate::Written(rows), tables))
    }
}

/// The result of a claim without reading the source.
fn settled(claimed: Claimed) -> Result<Option<Entry>, Option<Told>> {
    match claimed {
        Claimed::Ours(before) => Ok(before),
        Claimed::There(entry) => Err(Some(Fate::There(entry.problems).into())),
        Claimed::Lost(files) => Err(Some(Fate::Lost(files).into())),
        Claimed::Copy(of) => Err(Some(Fate::Copy(of).into())),
        Claimed::Waiting => Err(None),
    }
}

/// The result for a source without a header.
fn unreadable(named: &Named, tables: Tables) -> Told {
    if named.in_folder && tables.closing.meta.is_none() {
        return Fate::PassedOver.into();
    }
    let closing = Some(Box::new(tables.closing));
    Told { fate: Fate::Unreadable, closing, problems: tables.problems }
}
