//! Nodes between two states. Writing a node takes several requests, so an interrupted run leaves
//! some of its parts in the old state and some in the new one.

use serde_json::Value;
use snapscope_analyze::api::written::{Object, compared, list, text};
use snapscope_objects::kind::KindId;

/// The lists of a node, and the fields of their IDs.
pub(super) const PARTS: [(&str, &str); 2] = [("Services", "ID"), ("Checks", "CheckID")];

/// A service or check of a node.
pub(super) fn part_of(node: &Object, of: &str, id: &str, wanted: &str) -> Option<Object> {
    list(node, of).filter_map(Value::as_object).find(|part| text(part, id) == wanted).cloned()
}

/// A node without its services and checks.
pub(super) fn own(node: &Object) -> Object {
    let mut node = compared(KindId::Nodes, node);
    PARTS.iter().for_each(|(list, _)| drop(node.remove(*list)));
    node
}

/// Whether a node is on its way from one state to the other: each part of it is in one or the
/// other.
pub(super) fn is_between(a: Option<&Object>, now: &Object, b: Option<&Object>) -> bool {
    let shown = |node: Option<&Object>| node.map(|node| compared(KindId::Nodes, node));
    let ends = [shown(a), shown(b)];
    let now_shown = compared(KindId::Nodes, now);
    let is_own = [a, b].into_iter().flatten().any(|end| own(end) == own(now));
    is_own
        && PARTS.iter().all(|(of, id)| {
            let ids = ends.iter().flatten().chain([&now_shown]).flat_map(|node| list(node, of));
            let ids = ids.filter_map(|part| part.get(*id)?.as_str());
            ids.into_iter().all(|wanted| {
                let has = part_of(&now_shown, of, id, wanted);
                ends.iter().any(|end| {
                    let part = end.as_ref().and_then(|end| part_of(end, of, id, wanted));
                    part == has
                })
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::nodes::tests::node;

    #[test]
    fn a_node_on_its_way_is_known() {
        let (a, b) = (node("1", &[("x", 1), ("y", 1)]), node("2", &[("x", 2), ("z", 1)]));
        for (now, is) in [
            (node("1", &[("x", 1), ("y", 1)]), true),
            (node("2", &[("x", 1), ("y", 1)]), true),
            (node("2", &[("x", 2), ("y", 1), ("z", 1)]), true),
            (node("2", &[("x", 2), ("z", 1)]), true),
            (node("3", &[("x", 1), ("y", 1)]), false),
            (node("2", &[("x", 3), ("z", 1)]), false),
            (node("2", &[("y", 1)]), false),
            (node("2", &[("x", 2), ("z", 1), ("new", 1)]), false),
        ] {
            assert_eq!(is_between(Some(&a), &now, Some(&b)), is, "{now:?}");
        }
        assert!(is_between(None, &node("1", &[("x", 1)]), Some(&a)));
        assert!(!is_between(None, &node("1", &[("x", 7)]), Some(&a)));
    }
}
