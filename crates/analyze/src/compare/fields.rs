//! Walks two objects side by side and finds the fields that differ.

use super::canonical::canonical;
use super::lookup::Lookup;
use super::same::{is_keyed, item, member, same};
use snapscope_objects::filter::Shape;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::value::{Items, Json, Node};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;

/// A step from a value to one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(Vec<u8>),
    Index(usize),
}

/// Called for every field that differs, with both values; `Break` ends the walk.
pub(super) type Visit<'v> =
    dyn FnMut(&[Step], Option<Node<'_>>, Option<Node<'_>>) -> ControlFlow<()> + 'v;

/// A walk through two objects of one kind.
pub(super) struct Walk<'w, 'v> {
    pub(super) kind: &'static ObjectKind,
    pub(super) ignore: &'w [String],
    pub(super) path: Vec<Step>,
    pub(super) visit: &'w mut Visit<'v>,
}

/// Whether the list at a path is a set.
pub(super) fn is_set(kind: &ObjectKind, path: &[Step]) -> bool {
    let is_at = |set: &&str| {
        let is_it =
            |(name, step): (&str, &Step)| matches!(step, Step::Key(key) if key == name.as_bytes());
        set.split('.').count() == path.len() && set.split('.').zip(path).all(is_it)
    };
    kind.traits.sets.iter().any(is_at)
}

impl Walk<'_, '_> {
    /// Walks the members of two objects, except those in `skip`.
    pub(super) fn members(
        &mut self,
        before: Node<'_>,
        after: Node<'_>,
        shape: &Shape,
        skip: &dyn Fn(&[u8]) -> bool,
    ) -> ControlFlow<()> {
        let keyed = is_keyed(shape);
        let (earlier, later) = (Lookup::of(before), Lookup::of(after));
        let only_after =
            after.members().filter(|(name, _)| earlier.get(name).is_none()).map(|(name, _)| name);
        for name in before.members().map(|(name, _)| name).chain(only_after) {
            if skip(name) {
                continue;
            }
            let (b, a) = (earlier.get(name), later.get(name));
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

    /// Walks two values that differ.
    fn value(
        &mut self,
        before: Option<Node<'_>>,
        after: Option<Node<'_>>,
        shape: &Shape,
    ) -> ControlFlow<()> {
        if let (Some(b), Some(a)) = (before, after) {
            match (b.json(), a.json()) {
                (Json::Object(_), Json::Object(_)) => {
                    // A container of other objects also contains their indexes.
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

/// The items of a list that are missing from another one; an item that occurs twice is missing once
/// if the other has it once.
pub(super) fn without<'t>(list: Items<'t>, other: Items<'_>, shape: &Shape) -> Vec<Node<'t>> {
    if list.count() * other.count() > FEW_PAIRS {
        return without_many(list, other, shape);
    }
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

/// Maximum number of pairs for which each item is compared with each.
const FEW_PAIRS: usize = 4096;

/// The same for long lists.
fn without_many<'t>(list: Items<'t>, other: Items<'_>, shape: &Shape) -> Vec<Node<'t>> {
    let key = |item: Node<'_>| {
        let mut key = Vec::new();
        canonical(item, shape, false, &mut key);
        key
    };
    let mut others: HashMap<Vec<u8>, usize> = HashMap::new();
    other.for_each(|item| *others.entry(key(item)).or_default() += 1);
    list.filter(|item| match others.get_mut(&key(*item)) {
        Some(left @ 1..) => {
            *left -= 1;
            false
        }
        _ => true,
    })
    .collect()
}

/// Finds values at paths, of which many lead through the same maps and lists.
pub(super) struct Finder<'t> {
    /// The values on the last path, from the outermost on.
    values: Vec<Passed<'t>>,
    /// The steps between them.
    steps: Vec<Step>,
}

/// A value on a path.
struct Passed<'t> {
    value: Option<Node<'t>>,
    /// What is in it, once that was looked at.
    inside: Option<Inside<'t>>,
}

enum Inside<'t> {
    Nothing,
    Object(Lookup<'t>),
    List(Vec<Node<'t>>),
}

impl<'t> Finder<'t> {
    pub(super) fn new(from: Node<'t>) -> Self {
        Self { values: vec![Passed::new(Some(from))], steps: Vec::new() }
    }

    pub(super) fn get(&mut self, path: &[Step]) -> Option<Node<'t>> {
        let same = self.steps.iter().zip(path).take_while(|(a, b)| a == b).count();
        self.steps.truncate(same);
        self.values.truncate(same + 1);
        for step in path.get(same..).unwrap_or(&[]) {
            let value = self.values.last_mut().and_then(|passed| passed.at(step));
            self.values.push(Passed::new(value));
            self.steps.push(step.clone());
        }
        self.values.last()?.value
    }
}

impl<'t> Passed<'t> {
    const fn new(value: Option<Node<'t>>) -> Self {
        Self { value, inside: None }
    }

    fn at(&mut self, step: &Step) -> Option<Node<'t>> {
        let inside = self.inside.get_or_insert_with(|| match self.value {
            None => Inside::Nothing,
            Some(node) if matches!(node.json(), Json::List(_)) => {
                Inside::List(node.items().collect())
            }
            Some(node) => Inside::Object(Lookup::of(node)),
        });
        match (inside, step) {
            (Inside::Object(members), Step::Key(name)) => members.get(name),
            (Inside::List(items), Step::Index(at)) => items.get(*at).copied(),
            _ => None,
        }
    }
}

/// A path in text form: `Meta.zone`, `Routes[2].Match`, `Meta["a b"]`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use snapscope_objects::json::Sink as _;
    use snapscope_objects::value::Tape;

    fn scalar(n: u8, tape: &mut Tape) {
        match n % 10 {
            0 => tape.null(),
            1 => tape.bool(n > 100),
            2 => tape.uint(u64::from(n / 50)),
            3 => tape.int(-i64::from(n / 50)),
            4 => tape.float(f64::from(n / 50)),
            5 => tape.float(f64::from(n) / 4.0),
            6 => tape.text(&[]),
            7 => tape.text(&[n / 50]),
            8 => tape.text(b"0s"),
            _ => tape.bytes(&[n / 50]),
        }
    }

    /// A list of values, each with a canonical byte form.
    fn list(values: &[Vec<u8>]) -> Tape {
        let mut tape = Tape::new();
        tape.begin_list();
        for value in values {
            match value.as_slice() {
                [n] => scalar(*n, &mut tape),
                [0..100, rest @ ..] => {
                    tape.begin_list();
                    rest.iter().for_each(|n| scalar(*n, &mut tape));
                    tape.end_list();
                }
                values => {
                    tape.begin_object();
                    // A null may equal an empty value, and an empty value an absent one.
                    for (key, n) in (b'a'..).zip(values).filter(|(_, n)| **n % 10 > 0) {
                        tape.key(&[key]);
                        scalar(*n, &mut tape);
                    }
                    tape.end_object();
                }
            }
        }
        tape.end_list();
        tape
    }

    proptest! {
        #[test]
        fn long_lists_lack_what_short_ones_do(
            a in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..30),
            b in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..30)
        ) {
            let (a, b) = (list(&a), list(&b));
            let items = |tape: &Tape| -> usize { tape.root().map_or(0, |list| list.items().count()) };
            prop_assume!(items(&a) * items(&b) <= FEW_PAIRS);
            for shape in [Shape::Any, Shape::text_map()] {
                fn of(tape: &Tape) -> Items<'_> {
                    tape.root().unwrap().items()
                }
                // Which of several equal items counts as missing may differ.
                let keys = |nodes: Vec<Node<'_>>| {
                    let key = |node: &Node<'_>| {
                        let mut key = Vec::new();
                        canonical(*node, &shape, false, &mut key);
                        key
                    };
                    let mut keys: Vec<Vec<u8>> = nodes.iter().map(key).collect();
                    keys.sort();
                    keys
                };
                let short = keys(without(of(&a), of(&b), &shape));
                prop_assert_eq!(short, keys(without_many(of(&a), of(&b), &shape)));
            }
        }
    }
}
