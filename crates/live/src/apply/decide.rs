//! Decides what happens to each object.

use super::between::is_between;
use super::model::{Action, Desired, Expected, Planned, Policy, Verdict};
use super::{Cluster, Live};
use serde_json::Value;
use snapscope_analyze::api::keys::in_transaction;
use snapscope_analyze::api::written::{Object, compared, list, refused, row, text};
use snapscope_analyze::compare::{Change, CompareOptions, Comparer};
use snapscope_objects::kind::KindId;

/// Creates a comparer that ignores what differs in detail.
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
    class.is_none_or(|class| class.change != Change::Changed)
}

/// Decides about objects.
pub(super) struct Decider<'c> {
    pub(super) cluster: &'c Cluster,
    pub(super) policy: Policy,
    pub(super) now_ms: i64,
    pub(super) comparer: Comparer,
}

impl Decider<'_> {
    pub(super) fn decide(&self, wanted: Desired) -> Planned {
        let live = self.cluster.find(wanted.kind, &wanted.object).cloned();
        let is_newer =
            wanted.index > 0 && live.as_ref().is_some_and(|live| live.index > wanted.index);
        let verdict = self.verdict(&wanted, live.as_ref(), is_newer);
        let is_newer = is_newer && verdict != Verdict::Equal;
        Planned { wanted, live, verdict, is_newer }
    }

    fn verdict(&self, wanted: &Desired, live: Option<&Live>, is_newer: bool) -> Verdict {
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
        wanted: &Desired,
        live: Option<&Live>,
        is_same: &dyn Fn(&Object, &Object) -> bool,
    ) -> Option<String> {
        if self.policy.overwrite {
            return None;
        }
        let goal = (!wanted.delete).then_some(&wanted.object);
        // An earlier run may have written parts of a node.
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
    fn cannot(&self, wanted: &Desired, live: Option<&Live>, action: Action) -> Option<String> {
        let Desired { kind, object, .. } = wanted;
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
            // Refusals by some versions only are left to the servers.
            None => servers.since.is_none() && servers.until.is_none(),
        });
        of_these.map(|(_, why)| match self.cluster.version {
            Some(version) if !why.starts_with("it ") && !why.starts_with("only ") => {
                format!("servers of version {version} refuse it: {why}")
            }
            _ => why,
        })
    }

    /// Agents register their own nodes, and overwrite everything else.
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

/// Why an existing object cannot be changed.
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
        // Servers show it only to tokens with management rights; otherwise undo would write the
        // masked form.
        KindId::Queries if text(&live.object, "Token") == "<hidden>" => Some(
            "the token may not see the token of the query; that needs acl = \"write\"".to_owned(),
        ),
        _ => None,
    }
}
