//! Changes of splits to headers of requests and responses, where one splitter leads to another.

use super::entries::{inner, is_set, items};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::value::Node;
use std::collections::BTreeMap;

/// The members of a split that modify headers.
const MODIFIERS: [&str; 2] = ["RequestHeaders", "ResponseHeaders"];

/// The header modifiers of several splits.
#[derive(Debug, Default)]
struct Modifiers<'t> {
    add: BTreeMap<&'t [u8], Node<'t>>,
    set: BTreeMap<&'t [u8], Node<'t>>,
    remove: Vec<&'t [u8]>,
}

impl<'t> Modifiers<'t> {
    /// The modifiers with this name in all splits; later ones override earlier ones.
    fn of(definitions: &[Node<'t>], name: &str) -> Self {
        let mut all = Self::default();
        for modifiers in definitions.iter().filter_map(|split| inner(*split, name)) {
            for (member, to) in [("Add", &mut all.add), ("Set", &mut all.set)] {
                let pairs = modifiers.get(member).into_iter().flat_map(|map| map.members());
                to.extend(pairs);
            }
            for header in items(modifiers, "Remove").into_iter().filter_map(|header| header.text())
            {
                if !all.remove.contains(&header) {
                    all.remove.push(header);
                }
            }
        }
        all
    }

    fn is_empty(&self) -> bool {
        self.add.is_empty() && self.set.is_empty() && self.remove.is_empty()
    }

    fn write(&self, json: &mut JsonText) {
        json.begin_object();
        for (name, pairs) in [("Add", &self.add), ("Set", &self.set)] {
            if !pairs.is_empty() {
                json.key(name.as_bytes());
                json.begin_object();
                for (header, value) in pairs {
                    json.key(header);
                    value.render(json);
                }
                json.end_object();
            }
        }
        if !self.remove.is_empty() {
            json.key(b"Remove");
            json.begin_list();
            self.remove.iter().for_each(|header| json.text(header));
            json.end_list();
        }
        json.end_object();
    }
}

/// Writes the last definition with the modifiers of all.
pub(super) fn write_definition(json: &mut JsonText, definitions: &[Node<'_>]) {
    let Some(own) = definitions.last() else {
        json.null();
        return;
    };
    if definitions.len() == 1 {
        own.render(json);
        return;
    }
    json.begin_object();
    for (name, value) in own.members() {
        if !MODIFIERS.iter().any(|modifier| modifier.as_bytes() == name) {
            json.key(name);
            value.render(json);
        }
    }
    for name in MODIFIERS {
        let all = Modifiers::of(definitions, name);
        if !all.is_empty() || is_set(*own, name) {
            json.key(name.as_bytes());
            all.write(json);
        }
    }
    json.end_object();
}
