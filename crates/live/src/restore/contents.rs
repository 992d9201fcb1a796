//! The content of a snapshot, as far as a plan needs it.

use crate::client::{Client, Secret};
use snapscope_analyze::obstacles::{ObstacleReport, Obstacles};
use snapscope_analyze::{Fold, Inspect, Inspection, Origin, OriginFacts, Outcome, Problems};
use snapscope_archive::{Closing, Verdict};
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};
use std::collections::BTreeMap;

/// Collects facts from a snapshot's records for a plan.
#[derive(Debug)]
pub struct Survey {
    counts: Inspect,
    objects: BTreeMap<Kind, u64>,
    origin: Origin,
    obstacles: Obstacles,
    token: Option<Secret>,
    has_token: bool,
}

/// The result of [`Survey`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surveyed {
    /// Records and bytes by type.
    pub counts: Inspection,
    /// Objects by the type of their records.
    pub objects: BTreeMap<Kind, u64>,
    /// Its cluster.
    pub origin: OriginFacts,
    /// Its obstacles.
    pub obstacles: ObstacleReport,
    /// Whether it contains the token in use; `None` if none is in use.
    pub has_token: Option<bool>,
}

impl Survey {
    /// Creates one that searches for the token of `client`.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        Self {
            counts: Inspect::new(),
            objects: BTreeMap::new(),
            origin: Origin::default(),
            obstacles: Obstacles::default(),
            token: client.token(),
            has_token: false,
        }
    }
}

impl Fold for Survey {
    type Out = Surveyed;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        self.counts.frame(frame, problems);
        *self.objects.entry(frame.kind).or_default() += objects_in(frame);
        self.obstacles.frame(frame, problems);
        // An unreadable registration is reported once.
        self.origin.frame(frame, &mut Problems::default());
        // The ACL system before 1.4 stores secrets in ID.
        let field: &[u8] = match frame.kind {
            Kind::ACL_TOKEN => b"SecretID",
            Kind::ACL => b"ID",
            _ => return,
        };
        if let Some(token) = &self.token
            && let Some(entries) = frame.entries()
            && let Ok(Some(Value::Raw(secret))) = entries.find(field)
        {
            self.has_token |= secret == token.reveal().as_bytes();
        }
    }

    fn merge(&mut self, other: Self) {
        self.counts.merge(other.counts);
        for (kind, count) in other.objects {
            *self.objects.entry(kind).or_default() += count;
        }
        self.origin.merge(other.origin);
        self.obstacles.merge(other.obstacles);
        self.has_token |= other.has_token;
    }

    fn finish(self, closing: &Closing) -> Surveyed {
        Surveyed {
            counts: self.counts.finish(closing),
            objects: self.objects,
            origin: self.origin.finish(closing),
            obstacles: self.obstacles.finish(closing),
            has_token: self.token.is_some().then_some(self.has_token),
        }
    }

    fn is_light(&self) -> bool {
        true
    }
}

/// The number of objects in a record that a comparison sees in it.
fn objects_in(frame: &Frame<'_>) -> u64 {
    match frame.kind {
        Kind::COORDINATE_BATCH_UPDATE => frame.value().map_or(0, listed),
        // A service and checks; the node itself if there are none.
        Kind::REGISTER => {
            let field = |name: &[u8]| frame.entries()?.find(name).ok().flatten();
            let has = |name| u64::from(field(name).is_some_and(|value| !value.is_nil()));
            let checks = field(b"Checks").map_or(0, listed);
            (has(b"Service") + has(b"Check") + checks).max(1)
        }
        _ => 1,
    }
}

/// The number of items of a list.
fn listed(value: Value<'_>) -> u64 {
    match value {
        Value::Array(items) => items.flatten().filter(|item| !item.is_nil()).count() as u64,
        _ => 0,
    }
}

/// The content of a snapshot, as far as a plan needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Its Raft ID.
    pub id: String,
    /// Its Raft index.
    pub index: u64,
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: Option<i64>,
    /// Whether checksums cover all of it.
    pub verified: bool,
    /// Objects of each record type: mostly one per record, but one record has the coordinates of all
    /// nodes.
    pub objects: BTreeMap<Kind, u64>,
    /// Its cluster.
    pub origin: OriginFacts,
    /// Its obstacles.
    pub obstacles: ObstacleReport,
    /// Whether it contains the token in use; `None` if none is in use.
    pub has_token: Option<bool>,
}

impl Contents {
    /// Creates it from the result of a pass over the whole snapshot.
    #[must_use]
    pub fn of(outcome: &Outcome<Surveyed>) -> Self {
        let meta = outcome.closing.meta.as_ref();
        let Surveyed { objects, origin, obstacles, has_token, .. } = &outcome.out;
        Self {
            id: meta.map_or_else(String::new, |meta| meta.id.clone()),
            index: meta.map_or(0, |meta| meta.index),
            taken_ms: meta.and_then(snapscope_archive::Meta::taken_ms),
            verified: outcome.closing.integrity.verdict == Verdict::Verified,
            objects: objects.clone(),
            origin: origin.clone(),
            obstacles: obstacles.clone(),
            has_token: *has_token,
        }
    }
}
