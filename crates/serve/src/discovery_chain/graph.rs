//! Checks and simplifies the graph of a chain.

use super::graph_node::{GraphNode, Part, Split};
use super::incompatible::Incompatible;
use std::collections::{BTreeMap, BTreeSet};

type Nodes<'e> = BTreeMap<String, GraphNode<'e>>;

/// A step of a walk.
enum Step<'n> {
    Into(&'n str),
    Back,
}

/// The error if a node leads back to itself.
pub(super) fn check_circles(nodes: &Nodes<'_>, start: &str) -> Result<(), Incompatible> {
    let mut todo = vec![Step::Into(start)];
    let mut way: Vec<&str> = Vec::new();
    // A finished node is not part of a cycle, whatever leads to it.
    let mut left: BTreeSet<&str> = BTreeSet::new();
    while let Some(step) = todo.pop() {
        let Step::Into(key) = step else {
            left.extend(way.pop());
            continue;
        };
        let is_circle = way.contains(&key);
        way.push(key);
        if is_circle {
            let circle = way.join(" -> ");
            return Err(Incompatible(format!("detected circular reference: [{circle}]")));
        }
        todo.push(Step::Back);
        if let Some(node) = nodes.get(key).filter(|_| !left.contains(key)) {
            todo.extend(node.next().into_iter().map(Step::Into));
        }
    }
    Ok(())
}

/// Replaces splits that lead to splitters with the splits of those.
pub(super) fn flatten_splitters(nodes: &mut Nodes<'_>) {
    loop {
        let mut is_done = true;
        let keys: Vec<String> = nodes.keys().cloned().collect();
        for key in keys {
            let Some(flat) = flattened(nodes, &key) else { continue };
            if let Some(node) = nodes.get_mut(&key) {
                node.part = Part::Splitter(flat);
                is_done = false;
            }
        }
        if is_done {
            return;
        }
    }
}

/// The splits of a splitter, one level flatter; `None` if they are already flat.
fn flattened<'e>(nodes: &Nodes<'e>, key: &str) -> Option<Vec<Split<'e>>> {
    let Part::Splitter(splits) = &nodes.get(key)?.part else { return None };
    let inner = |split: &Split<'e>| match nodes.get(&split.next).map(|node| &node.part) {
        Some(Part::Splitter(inner)) => Some(inner),
        _ => None,
    };
    if splits.iter().all(|split| inner(split).is_none()) {
        return None;
    }
    let mut flat = Vec::new();
    for split in splits {
        match inner(split) {
            None => flat.push(split.clone()),
            Some(inner) => flat.extend(inner.iter().map(|inner| Split {
                definitions: [split.definitions.as_slice(), &inner.definitions].concat(),
                weight: rounded(split.weight * inner.weight / 100.0),
                next: inner.next.clone(),
            })),
        }
    }
    Some(flat)
}

/// A share of requests, rounded to two decimals.
fn rounded(weight: f32) -> f32 {
    #[allow(clippy::cast_possible_truncation)] // a share is at most 100
    let hundredths = (f64::from(weight * 100.0)).round() as f32;
    hundredths / 100.0
}

/// Removes nodes that nothing leads to.
pub(super) fn remove_unused(nodes: &mut Nodes<'_>, start: &str) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut todo = vec![start.to_owned()];
    while let Some(key) = todo.pop() {
        if used.contains(&key) {
            continue;
        }
        let next = nodes.get(&key).map(GraphNode::next).unwrap_or_default();
        todo.extend(next.into_iter().map(str::to_owned));
        used.insert(key);
    }
    nodes.retain(|key, _| used.contains(key));
}
