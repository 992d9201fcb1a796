//! The effect that applying some objects would have on a cluster.

use super::decide::{Decider, comparer};
use super::model::{Action, Desired, Planned, Policy, Verdict};
use super::{Asked, Cluster};
use crate::client::{Client, ClientError};
use jiff::Timestamp;
use snapscope_analyze::api::rights::{Right, needed};
use snapscope_analyze::api::written::{place, text};
use snapscope_objects::kind::KindId;
use snapscope_objects::printable::counted;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A plan.
#[derive(Debug, Default)]
pub struct Plan {
    /// All objects, in the order in which they are written and then deleted.
    pub objects: Vec<Planned>,
    /// The warnings.
    pub warnings: Vec<String>,
}

/// Number of objects by verdict.
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
    /// Reads the cluster's objects, and decides about each. `extra` are prefixes below which keys
    /// that are not desired are deleted.
    ///
    /// # Errors
    /// As for every request.
    pub async fn make(
        client: &Client,
        mut wanted: Vec<Desired>,
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
                // This key was not requested, and the session that holds it would lose its lock.
                let is_held = !text(&live.object, "Session").is_empty();
                let refused = is_held.then(|| "a session holds it".to_owned());
                let gone = Desired::new(KindId::Kv, live.object.clone(), 0);
                wanted.push(Desired { delete: true, refused, ..gone });
            }
        }
        let now_ms = Timestamp::now().as_millisecond();
        let decider = Decider { cluster: &cluster, policy, now_ms, comparer: comparer() };
        let mut objects: Vec<Planned> =
            wanted.into_iter().map(|wanted| decider.decide(wanted)).collect();
        objects.sort_by_cached_key(order);
        let mut plan = Self { objects, warnings: Vec::new() };
        plan.leave_rules_without_method(&cluster);
        plan.ask_for_rights(client).await?;
        plan.warn();
        Ok((plan, cluster))
    }

    /// Number of objects by kind and verdict, in the order of kinds.
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

    /// A binding rule needs its auth method. Of several methods of one type, 1.8.7 writes only the
    /// last into a snapshot.
    fn leave_rules_without_method(&mut self, cluster: &Cluster) {
        let is_created = |planned: &&Planned| {
            planned.wanted.kind == KindId::AuthMethods && planned.action() == Some(Action::Create)
        };
        let created: HashSet<String> =
            self.objects.iter().filter(is_created).map(Planned::id).collect();
        for planned in &mut self.objects {
            if planned.wanted.kind != KindId::BindingRules
                || !matches!(planned.action(), Some(Action::Create | Action::Change))
            {
                continue;
            }
            let method = text(&planned.wanted.object, "AuthMethod");
            if cluster.lacks_method(method) && !created.contains(method) {
                let why = format!("the cluster does not have its auth method {method:?}");
                planned.verdict = Verdict::Cannot(why);
            }
        }
    }

    /// Objects that the token may not write cannot be written.
    async fn ask_for_rights(&mut self, client: &Client) -> Result<(), ClientError> {
        let writes = || self.objects.iter().filter(|planned| planned.action().is_some());
        let is_key = |planned: &&Planned| planned.wanted.kind == KindId::Kv;
        let common = common_prefix(
            writes().filter(is_key).map(|planned| text(&planned.wanted.object, "Key")),
        );
        // One answer covers all keys, if the token may write everything with their common prefix.
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

/// The common prefix of all keys; `None` without keys.
fn common_prefix<'k>(mut keys: impl Iterator<Item = &'k str>) -> Option<String> {
    let mut common = keys.next()?;
    for key in keys {
        let same = common.char_indices().zip(key.chars()).take_while(|((_, a), b)| a == b);
        let end = same.last().map_or(0, |((at, c), _)| at + c.len_utf8());
        common = common.get(..end).unwrap_or("");
    }
    Some(common.to_owned())
}

/// Objects are created and changed first, in the order of kinds, and deleted last, in reverse.
fn order(planned: &Planned) -> (bool, usize, usize, String) {
    let Desired { kind, object, delete, .. } = &planned.wanted;
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
