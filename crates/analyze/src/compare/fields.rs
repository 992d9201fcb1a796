//! Through two objects side by side, to the fields that differ.

use super::same::{is_keyed, item, member, same};
use snapscope_objects::filter::Shape;
use snapscope_objects::kinds::ObjectKind;
use snapscope_objects::row::{Items, Json, Node};
use std::fmt::Write as _;
use std::ops::ControlFlow;

/// A step from a value to one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(Vec<u8>),
    Index(usize),
}

/// Called for every field that differs, with both values; ends the walk by `Break`.
pub(super) type Visit<'v> =
    dyn FnMut(&[Step], Option<Node<'_>>, Option<Node<'_>>) -> ControlFlow<()> + 'v;

/// A walk through two objects of one kind.
pub(super) struct Walk<'w, 'v> {
    pub(super) kind: &'static ObjectKind,
    pub(super) ignore: &'w [String],
    pub(super) path: Vec<Step>,
    pub(super) visit: &'w mut Visit<'v>,
}

/// Lists whose order means nothing, by the kind of object and the path from it.
static SETS: &[(&str, &[&str])] = &[
    ("service", &["ServiceTags"]),
    ("session", &["NodeChecks", "ServiceChecks", "Checks"]),
    ("token", &["Policies", "Roles", "ServiceIdentities", "NodeIdentities", "TemplatedPolicies"]),
    ("role", &["Policies", "ServiceIdentities", "NodeIdentities", "TemplatedPolicies"]),
    ("policy", &["Datacenters"]),
    ("query", &["Service.Tags"]),
    ("virtual-ip", &["ManualIPs"]),
    ("peering", &["PeerServerAddresses", "PeerCAPems", "ManualServerAddresses"]),
    ("trust-bundle", &["RootPEMs"]),
    ("ca-root", &["IntermediateCerts"]),
];

/// Whether the list at a path is a set.
pub(super) fn is_set(kind: &ObjectKind, path: &[Step]) -> bool {
    SETS.iter().filter(|(object, _)| kind.object == Some(object)).any(|(_, sets)| {
        sets.iter().any(|set| {
            set.split('.').map(|name| Step::Key(name.as_bytes().to_vec())).eq(path.iter().cloned())
        })
    })
}

impl Walk<'_, '_> {
    /// Walks the members of two objects, those aside that `skip` names.
    pub(super) fn members(
        &mut self,
        before: Node<'_>,
        after: Node<'_>,
        shape: &Shape,
        skip: &dyn Fn(&[u8]) -> bool,
    ) -> ControlFlow<()> {
        let keyed = is_keyed(shape);
        let only_after =
            after.members().filter(|(name, _)| before.get(name).is_none()).map(|(name, _)| name);
        for name in before.members().map(|(name, _)| name).chain(only_after) {
            if skip(name) {
                continue;
            }
            let (b, a) = (before.get(name), after.get(name));
            let inside = member(shape, name);
            if same(b, a, &inside, keyed) {
                continue;
            }
            self.path.push(Step::Key(name.to_vec()));
            let ended = if self.is_ignored() {
                ControlFlow::Continue(())
            } else {
                self.value(b, a, &inside)
            };
            self.path.pop();
            ended?;
        }
        ControlFlow::Continue(())
    }

    /// Walks two values that are not the same.
    fn value(
        &mut self,
        before: Option<Node<'_>>,
        after: Option<Node<'_>>,
        shape: &Shape,
    ) -> ControlFlow<()> {
        if let (Some(b), Some(a)) = (before, after) {
            match (b.json(), a.json()) {
                (Json::Object(_), Json::Object(_)) => {
                    // What holds objects of others holds their indexes too.
                    let keyed = is_keyed(shape);
                    return self.members(b, a, shape, &|name| {
                        !keyed && matches!(name, b"CreateIndex" | b"ModifyIndex")
                    });
                }
                (Json::List(b), Json::List(a)) if is_set(self.kind, &self.path) => {
                    let shape = item(shape);
                    if without(b, a, &shape).is_empty() && without(a, b, &shape).is_empty() {
                        return ControlFlow::Continue(());
                    }
                }
                (Json::List(b), Json::List(a)) if b.count() == a.count() => {
                    let shape = item(shape);
                    for (at, (b, a)) in b.zip(a).enumerate() {
                        if !same(Some(b), Some(a), &shape, false) {
                            self.path.push(Step::Index(at));
                            let ended = self.value(Some(b), Some(a), &shape);
                            self.path.pop();
                            ended?;
                        }
                    }
                    return ControlFlow::Continue(());
                }
                _ => {}
            }
        }
        (self.visit)(&self.path, before, after)
    }

    fn is_ignored(&self) -> bool {
        if self.ignore.is_empty() {
            return false;
        }
        self.ignore.contains(&path_text(&self.path))
    }
}

/// The items of a list that another one lacks; an item that is there twice is lacked once if the
/// other has it once.
pub(super) fn without<'t>(list: Items<'t>, other: Items<'_>, shape: &Shape) -> Vec<Node<'t>> {
    let mut others: Vec<Option<Node<'_>>> = other.map(Some).collect();
    list.filter(|item| {
        let found = others
            .iter_mut()
            .find(|other| other.is_some_and(|other| same(Some(*item), Some(other), shape, false)));
        match found {
            Some(other) => {
                *other = None;
                false
            }
            None => true,
        }
    })
    .collect()
}

/// The value at a path, if there is one.
pub(super) fn node_at<'t>(from: Node<'t>, path: &[Step]) -> Option<Node<'t>> {
    path.iter().try_fold(from, |node, step| match step {
        Step::Key(name) => node.get(name),
        Step::Index(at) => node.items().nth(*at),
    })
}

/// A path as people write it: `Meta.zone`, `Routes[2].Match`, `Meta["a b"]`.
pub(super) fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(name) => {
                let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
                if !name.is_empty() && name.iter().all(plain) {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(&String::from_utf8_lossy(name));
                } else {
                    let _ = write!(text, "[{:?}]", String::from_utf8_lossy(name));
                }
            }
            Step::Index(at) => {
                let _ = write!(text, "[{at}]");
            }
        }
    }
    text
}
