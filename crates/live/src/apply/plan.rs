//! What applying some objects would do to a cluster.

use super::nodes::is_between;
use super::{Asked, Cluster, Live};
use crate::client::{Client, ClientError};
use jiff::Timestamp;
use serde_json::Value;
use snapscope_analyze::api::keys::in_transaction;
use snapscope_analyze::api::rights::{Right, needed};
use snapscope_analyze::api::written::{Object, compared, id, list, place, refused, row, text};
use snapscope_analyze::compare::{Change, CompareOptions, Comparer, Difference};
use snapscope_objects::kind::KindId;
use snapscope_objects::printable::counted;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// An object to apply.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its kind, one of [`WRITTEN`](snapscope_analyze::api::written::WRITTEN).
    pub kind: KindId,
    /// The object; if it is to be deleted, any state by which it is found.
    pub object: Object,
    /// Whether it is to be deleted.
    pub delete: bool,
    /// When the snapshot's state was written; 0 if unknown.
    pub index: u64,
    /// Why it cannot be written, if that is known already.
    pub refused: Option<String>,
    /// What the cluster must have for it to be written.
    pub expected: Expected,
    /// Whether it is only here because another one needs it.
    pub is_needed: bool,
    /// Its number in the folder of an earlier run.
    pub step: Option<usize>,
}

impl Wanted {
    /// An object that is applied whatever the cluster has in its place.
    #[must_use]
    pub const fn new(kind: KindId, object: Object, index: u64) -> Self {
        Self {
            kind,
            object,
            delete: false,
            index,
            refused: None,
            expected: Expected::Anything,
            is_needed: false,
            step: None,
        }
    }
}

/// What the cluster must have in the place of an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// Anything.
    Anything,
    /// This state, which an earlier plan saw, unchanged since; `None` for no object.
    Unchanged(Option<Live>),
    /// This state, whenever it was written; `None` for no object.
    State(Option<Object>),
}

/// What a plan decides about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is written or deleted.
    Do(Action),
    /// The cluster has it already.
    Equal,
    /// The cluster's state is kept, because the caller wants that: why.
    Kept(String),
    /// The cluster's state is not the expected one: why.
    Conflict(String),
    /// It cannot be written: why.
    Cannot(String),
}

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The cluster does not have it.
    Create,
    /// The cluster has another state of it.
    Change,
    /// It is deleted.
    Delete,
}

impl Action {
    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Delete => "delete",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn by_word(word: &str) -> Option<Self> {
        [Self::Create, Self::Change, Self::Delete].into_iter().find(|action| action.word() == word)
    }
}

impl Verdict {
    /// Its name.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Do(action) => action.word(),
            Self::Equal => "equal",
            Self::Kept(_) => "kept",
            Self::Conflict(_) => "conflict",
            Self::Cannot(_) => "cannot",
        }
    }

    /// Why, for those that need a reason.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Kept(why) | Self::Conflict(why) | Self::Cannot(why) => Some(why),
            Self::Do(_) | Self::Equal => None,
        }
    }
}

/// An object, and what is to become of it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The object.
    pub wanted: Wanted,
    /// What the cluster has in its place.
    pub live: Option<Live>,
    /// The decision.
    pub verdict: Verdict,
    /// Whether the cluster's state was written after the snapshot's.
    pub is_newer: bool,
}

impl Planned {
    /// What people call it.
    #[must_use]
    pub fn id(&self) -> String {
        id(self.wanted.kind, &self.wanted.object)
    }

    /// What is done with it, if anything is.
    #[must_use]
    pub const fn action(&self) -> Option<Action> {
        match self.verdict {
            Verdict::Do(action) => Some(action),
            _ => None,
        }
    }

    /// How the cluster's state differs from what is written.
    #[must_use]
    pub fn difference(&self, comparer: &Comparer) -> Option<Difference> {
        let kind = self.wanted.kind;
        let row = |object: &Object| row(kind, &compared(kind, object));
        let live = self.live.as_ref().map(|live| row(&live.object));
        let wanted = (!self.wanted.delete).then(|| row(&self.wanted.object));
        comparer.difference(live.as_ref(), wanted.as_ref())
    }
}

/// What callers can decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// Keep a state that was written after the snapshot's.
    pub keep_newer: bool,
    /// Only create what the cluster does not have.
    pub if_missing: bool,
    /// Write whatever the cluster has by then.
    pub overwrite: bool,
}

/// A plan.
#[derive(Debug, Default)]
pub struct Plan {
    /// All objects, in the order in which they are written and then deleted.
    pub objects: Vec<Planned>,
    /// What the caller should know before.
    pub warnings: Vec<String>,
}

/// How many objects have which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the words of the verdicts
pub struct Counts {
    pub create: usize,
    pub change: usize,
    pub delete: usize,
    pub equal: usize,
    pub kept: usize,
    pub conflict: usize,
    pub cannot: usize,
}

impl Counts {
    fn add(&mut self, verdict: &Verdict) {
        *match verdict {
            Verdict::Do(Action::Create) => &mut self.create,
            Verdict::Do(Action::Change) => &mut self.change,
            Verdict::Do(Action::Delete) => &mut self.delete,
            Verdict::Equal => &mut self.equal,
            Verdict::Kept(_) => &mut self.kept,
            Verdict::Conflict(_) => &mut self.conflict,
            Verdict::Cannot(_) => &mut self.cannot,
        } += 1;
    }

    /// The number of writes.
    #[must_use]
    pub const fn writes(&self) -> usize {
        self.create + self.change + self.delete
    }
}

impl Plan {
    /// Reads what the cluster has, and decides about each object. `extra` are prefixes below which keys
    /// that are not wanted are deleted.
    ///
    /// # Errors
    /// As for every request.
    pub async fn make(
        client: &Client,
        mut wanted: Vec<Wanted>,
        prefixes: &[String],
        extra: &[String],
        policy: Policy,
    ) -> Result<(Self, Cluster), ClientError> {
        let asked = Asked {
            objects: wanted.iter().map(|wanted| (wanted.kind, &wanted.object)).collect(),
            prefixes: prefixes.iter().chain(extra).cloned().collect(),
        };
        let cluster = Cluster::read(client, &asked).await?;
        let has: HashSet<String> = wanted
            .iter()
            .filter(|wanted| wanted.kind == KindId::Kv)
            .map(|wanted| text(&wanted.object, "Key").to_owned())
            .collect();
        let mut seen = HashSet::new();
        for live in extra.iter().flat_map(|prefix| cluster.keys_below(prefix)) {
            let key = text(&live.object, "Key");
            if !has.contains(key) && seen.insert(key) {
                // Nobody asked for this key; who holds it would lose its lock.
                let is_held = !text(&live.object, "Session").is_empty();
                let refused = is_held.then(|| "a session holds it".to_owned());
                let gone = Wanted::new(KindId::Kv, live.object.clone(), 0);
                wanted.push(Wanted { delete: true, refused, ..gone });
            }
        }
        let now_ms = Timestamp::now().as_millisecond();
        let decider = Decider { cluster: &cluster, policy, now_ms, comparer: comparer() };
        let mut objects: Vec<Planned> =
            wanted.into_iter().map(|wanted| decider.decide(wanted)).collect();
        objects.sort_by_cached_key(order);
        let mut plan = Self { objects, warnings: Vec::new() };
        plan.ask_for_rights(client).await?;
        plan.warn();
        Ok((plan, cluster))
    }

    /// How many objects of each kind have which verdict, in the order of kinds.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<KindId, Counts> {
        let mut counts: BTreeMap<KindId, Counts> = BTreeMap::new();
        for planned in &self.objects {
            counts.entry(planned.wanted.kind).or_default().add(&planned.verdict);
        }
        counts
    }

    /// The same for all kinds.
    #[must_use]
    pub fn total(&self) -> Counts {
        let mut counts = Counts::default();
        self.objects.iter().for_each(|planned| counts.add(&planned.verdict));
        counts
    }

    /// Objects that the token may not write cannot be written.
    async fn ask_for_rights(&mut self, client: &Client) -> Result<(), ClientError> {
        let writes = || self.objects.iter().filter(|planned| planned.action().is_some());
        let is_key = |planned: &&Planned| planned.wanted.kind == KindId::Kv;
        let common = common_prefix(
            writes().filter(is_key).map(|planned| text(&planned.wanted.object, "Key")),
        );
        // One answer for all keys, if the token may write all that start as they do.
        let below = common.map(|prefix| Right::to_write_below(&prefix));
        let has_keys = match &below {
            Some(right) => match client.allowed(std::slice::from_ref(right)).await? {
                Some(allowed) => allowed.first() == Some(&true),
                None => return Ok(()),
            },
            None => true,
        };
        let needs = |planned: &Planned| {
            let skips = has_keys && planned.wanted.kind == KindId::Kv;
            if skips { Vec::new() } else { needed(planned.wanted.kind, &planned.wanted.object) }
        };
        let rights: BTreeSet<Right> = writes().flat_map(needs).collect();
        let rights: Vec<Right> = rights.into_iter().collect();
        let Some(allowed) = client.allowed(&rights).await? else { return Ok(()) };
        let missing: BTreeSet<&Right> = rights
            .iter()
            .zip(allowed)
            .filter(|(_, allowed)| !allowed)
            .map(|(right, _)| right)
            .collect();
        let decided: Vec<Option<String>> = self
            .objects
            .iter()
            .map(|planned| {
                planned.action()?;
                let mut rights = needs(planned).into_iter().filter(|right| missing.contains(right));
                rights.next().map(|right| format!("the token is missing {right}"))
            })
            .collect();
        for (planned, why) in self.objects.iter_mut().zip(decided) {
            if let Some(why) = why {
                planned.verdict = Verdict::Cannot(why);
            }
        }
        Ok(())
    }

    fn warn(&mut self) {
        let created = |kind: KindId| {
            let of = move |planned: &&Planned| {
                planned.wanted.kind == kind && planned.action() == Some(Action::Create)
            };
            self.objects.iter().filter(of)
        };
        let tokens: Vec<String> = created(KindId::Tokens).map(Planned::id).collect();
        let held = self.objects.iter().filter(|planned| {
            planned.action() == Some(Action::Change)
                && planned
                    .live
                    .as_ref()
                    .is_some_and(|live| !text(&live.object, "Session").is_empty())
        });
        let held = held.count();
        if !tokens.is_empty() {
            let first: Vec<&str> = tokens.iter().take(NAMES).map(String::as_str).collect();
            let more = match tokens.len().saturating_sub(NAMES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            self.warnings.push(format!(
                "{} valid again, with the secrets that the snapshot has: {}{more}",
                counted(tokens.len() as u64, "token becomes", "tokens become"),
                first.join(", ")
            ));
        }
        if held > 0 {
            self.warnings.push(format!(
                "{} that a session holds now; the lock stays",
                counted(held as u64, "key is changed", "keys are changed")
            ));
        }
    }
}

/// Maximum number of names in a warning.
const NAMES: usize = 10;

/// What all keys start with; `None` if there is no key.
fn common_prefix<'k>(mut keys: impl Iterator<Item = &'k str>) -> Option<String> {
    let mut common = keys.next()?;
    for key in keys {
        let same = common.char_indices().zip(key.chars()).take_while(|((_, a), b)| a == b);
        let end = same.last().map_or(0, |((at, c), _)| at + c.len_utf8());
        common = common.get(..end).unwrap_or("");
    }
    Some(common.to_owned())
}

/// Created and changed first, in the order of kinds; deleted last, in reverse.
fn order(planned: &Planned) -> (bool, usize, usize, String) {
    let Wanted { kind, object, delete, .. } = &planned.wanted;
    let at = place(*kind).unwrap_or(usize::MAX);
    let entry = match kind {
        KindId::ConfigEntries => {
            snapscope_analyze::api::entries::rank(text(object, "Kind").as_bytes())
        }
        _ => 0,
    };
    let (at, entry) = if *delete { (usize::MAX - at, usize::MAX - entry) } else { (at, entry) };
    (*delete, at, entry, planned.id())
}

/// Compares without a care for what differs.
pub(super) fn comparer() -> Comparer {
    Comparer::new(CompareOptions { whole_entries: true, ..CompareOptions::default() })
}

/// Whether two states of an object have the same content.
pub(super) fn is_equal(comparer: &Comparer, kind: KindId, a: &Object, b: &Object) -> bool {
    if kind == KindId::Kv {
        let value = |object: &Object| text(object, "Value").to_owned();
        let flags = |object: &Object| object.get("Flags").and_then(Value::as_u64).unwrap_or(0);
        return value(a) == value(b) && flags(a) == flags(b);
    }
    let (a, b) = (compared(kind, a), compared(kind, b));
    if a == b {
        return true;
    }
    let class = comparer.class(Some(&row(kind, &a)), Some(&row(kind, &b)));
    !class.is_some_and(|class| class.change == Change::Changed)
}

struct Decider<'c> {
    cluster: &'c Cluster,
    policy: Policy,
    now_ms: i64,
    comparer: Comparer,
}

impl Decider<'_> {
    fn decide(&self, wanted: Wanted) -> Planned {
        let live = self.cluster.find(wanted.kind, &wanted.object).cloned();
        let is_newer =
            wanted.index > 0 && live.as_ref().is_some_and(|live| live.index > wanted.index);
        let verdict = self.verdict(&wanted, live.as_ref(), is_newer);
        let is_newer = is_newer && verdict != Verdict::Equal;
        Planned { wanted, live, verdict, is_newer }
    }

    fn verdict(&self, wanted: &Wanted, live: Option<&Live>, is_newer: bool) -> Verdict {
        if let Some(why) = &wanted.refused
            && wanted.kind != KindId::ConfigEntries
        {
            return Verdict::Cannot(why.clone());
        }
        if let Some(why) = self.cluster.denied(wanted.kind) {
            return Verdict::Cannot(format!("the token may not read what the cluster has: {why}"));
        }
        let is_same = |a: &Object, b: &Object| is_equal(&self.comparer, wanted.kind, a, b);
        let action = match (wanted.delete, live) {
            (true, None) => return Verdict::Equal,
            (true, Some(_)) => Action::Delete,
            (false, None) => Action::Create,
            (false, Some(live)) if is_same(&wanted.object, &live.object) => return Verdict::Equal,
            (false, Some(_)) => Action::Change,
        };
        if let Some(why) = self.unexpected(wanted, live, &is_same) {
            return Verdict::Conflict(why);
        }
        if action == Action::Change {
            if wanted.is_needed {
                return Verdict::Kept("it is only needed by others, and exists".to_owned());
            }
            if self.policy.if_missing {
                return Verdict::Kept("it exists".to_owned());
            }
            if self.policy.keep_newer && is_newer {
                return Verdict::Kept("it was changed since the snapshot".to_owned());
            }
        }
        match self.cannot(wanted, live, action) {
            Some(why) => Verdict::Cannot(why),
            None => Verdict::Do(action),
        }
    }

    /// Why the cluster's state is not the expected one.
    fn unexpected(
        &self,
        wanted: &Wanted,
        live: Option<&Live>,
        is_same: &dyn Fn(&Object, &Object) -> bool,
    ) -> Option<String> {
        if self.policy.overwrite {
            return None;
        }
        let goal = (!wanted.delete).then_some(&wanted.object);
        // An earlier run may have written a part of a node.
        let is_on_its_way = |from: Option<&Object>| {
            wanted.kind == KindId::Nodes
                && live.is_some_and(|live| is_between(from, &live.object, goal))
        };
        let is_expected = match (&wanted.expected, live) {
            (Expected::Anything, _) | (Expected::State(None), None) => true,
            (Expected::Unchanged(seen), live) => {
                let index = |live: Option<&Live>| live.map_or(0, |live| live.index);
                index(seen.as_ref()) == index(live)
                    || is_on_its_way(seen.as_ref().map(|seen| &seen.object))
            }
            (Expected::State(state), Some(live)) => {
                state.as_ref().is_some_and(|state| is_same(state, &live.object))
                    || is_on_its_way(state.as_ref())
            }
            (Expected::State(Some(_)), None) => false,
        };
        let why = match live {
            Some(live) => format!("it was changed since, at index {}", live.index),
            None => "it was deleted since".to_owned(),
        };
        (!is_expected).then_some(why)
    }

    /// Why an object cannot be written.
    fn cannot(&self, wanted: &Wanted, live: Option<&Live>, action: Action) -> Option<String> {
        let Wanted { kind, object, .. } = wanted;
        if let Some(why) = &wanted.refused {
            return Some(why.clone());
        }
        if *kind == KindId::Nodes
            && let Some(why) = self.is_agents(object, live)
        {
            return Some(why);
        }
        if let Some(live) = live
            && let Some(why) = kept_from_us(*kind, object, live, action)
        {
            return Some(why);
        }
        if *kind == KindId::Kv {
            return in_transaction(text(object, "Key").as_bytes()).err().map(str::to_owned);
        }
        if *kind == KindId::ConfigEntries && self.cluster.is_unknown_entry(text(object, "Kind")) {
            return Some(format!(
                "these servers do not know entries of kind {:?}",
                text(object, "Kind")
            ));
        }
        if action == Action::Delete {
            return None;
        }
        let refused = refused(*kind, object, self.now_ms);
        let of_these = refused.into_iter().find(|(servers, _)| match self.cluster.version {
            Some(version) => servers.contains(version),
            // What only some servers refuse they say themselves.
            None => servers.since.is_none() && servers.until.is_none(),
        });
        of_these.map(|(_, why)| match self.cluster.version {
            Some(version) if !why.starts_with("it ") && !why.starts_with("only ") => {
                format!("servers of version {version} refuse it: {why}")
            }
            _ => why,
        })
    }

    /// Nodes of agents register themselves, and write over everything else.
    fn is_agents(&self, node: &Object, live: Option<&Live>) -> Option<String> {
        let has_serf = |node: &Object| {
            list(node, "Checks")
                .any(|check| check.get("CheckID").and_then(Value::as_str) == Some("serfHealth"))
        };
        if self.cluster.is_agent(text(node, "Node")) {
            return Some("it is the node of a living agent, which registers it itself".to_owned());
        }
        (has_serf(node) || live.is_some_and(|live| has_serf(&live.object)))
            .then(|| "it is the node of an agent, which registers it itself".to_owned())
    }
}

/// Why an object that exists cannot be changed.
fn kept_from_us(kind: KindId, wanted: &Object, live: &Live, action: Action) -> Option<String> {
    match kind {
        KindId::Tokens if action == Action::Change => {
            let differs = |name: &str| text(wanted, name) != text(&live.object, name);
            if differs("SecretID") {
                return Some(
                    "its secret differs, and servers change no secret; delete the token to create it \
                     again"
                        .to_owned(),
                );
            }
            differs("AuthMethod").then(|| "servers do not change its auth method".to_owned())
        }
        // Servers show it to nobody but managers, and undo would write what they show.
        KindId::Queries if text(&live.object, "Token") == "<hidden>" => Some(
            "the token may not see the token that the query has; it takes acl = \"write\""
                .to_owned(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keys_have_in_common() {
        let of = |keys: &[&str]| common_prefix(keys.iter().copied());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["app/a"]).as_deref(), Some("app/a"));
        assert_eq!(of(&["app/a", "app/b", "app/"]).as_deref(), Some("app/"));
        assert_eq!(of(&["é1", "è1"]).as_deref(), Some(""));
    }
}
