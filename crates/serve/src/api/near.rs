//! `?near=`: sorts by distance, computed from the snapshot's coordinates.

use super::call::Call;
use super::rows::each_row;
use crate::state::View;
use snapscope_objects::kind::KindId;
use snapscope_objects::value::{Json, Node};
use std::collections::HashMap;

/// A network coordinate.
#[derive(Debug, Clone, PartialEq)]
struct Coordinate {
    vec: Vec<f64>,
    adjustment: f64,
    height: f64,
}

fn number(node: Option<Node<'_>>) -> f64 {
    match node.map(|node| node.json()) {
        Some(Json::Float(x)) => x,
        Some(Json::Float32(x)) => f64::from(x),
        #[allow(clippy::cast_precision_loss)] // a coordinate is a small number
        Some(Json::Uint(n)) => n as f64,
        #[allow(clippy::cast_precision_loss)]
        Some(Json::Int(n)) => n as f64,
        _ => 0.0,
    }
}

impl Coordinate {
    fn read(coordinate: Node<'_>) -> Self {
        let vec = coordinate.get("Vec").map(|vec| vec.items().into_iter());
        Self {
            vec: vec.into_iter().flatten().map(|x| number(Some(x))).collect(),
            adjustment: number(coordinate.get("Adjustment")),
            height: number(coordinate.get("Height")),
        }
    }

    /// The distance between two nodes in seconds.
    fn distance(&self, other: &Self) -> f64 {
        if self.vec.len() != other.vec.len() {
            return f64::INFINITY;
        }
        let squares = self.vec.iter().zip(&other.vec).map(|(a, b)| (a - b) * (a - b));
        let raw = squares.sum::<f64>().sqrt() + self.height + other.height;
        let adjusted = raw + self.adjustment + other.adjustment;
        // Servers compare whole nanoseconds.
        let seconds = if adjusted > 0.0 { adjusted } else { raw };
        (seconds * 1e9).trunc()
    }
}

/// The distances between one node and others.
#[derive(Debug)]
pub(super) struct Near {
    /// By node name and segment.
    all: HashMap<(Vec<u8>, Vec<u8>), Coordinate>,
    from: Vec<u8>,
}

impl Near {
    /// The distances that the request asks for; `None` if it asks for none, or names an unknown
    /// node.
    pub(super) fn of(call: &Call<'_>) -> Option<Self> {
        let from = call.query().text("near");
        if from.is_empty() || from == "_agent" {
            return None;
        }
        Some(Self::from(call.view, &from))
    }

    /// The distances from a node.
    pub(super) fn from(view: &View<'_>, node: &str) -> Self {
        let mut all = HashMap::new();
        each_row(view, KindId::Coordinates, &mut |row| {
            if let Some(coordinate) = row.get("Coord") {
                let key = (row.text("Node").to_vec(), row.text("Segment").to_vec());
                all.insert(key, Coordinate::read(coordinate));
            }
        });
        Self { all, from: node.as_bytes().to_vec() }
    }

    /// The distance to a node. Nodes without coordinates come last.
    fn distance(&self, node: &[u8]) -> f64 {
        let of = |node: &[u8]| self.all.get(&(node.to_vec(), Vec::new()));
        match (of(&self.from), of(node)) {
            (Some(from), Some(to)) => from.distance(to),
            _ => f64::INFINITY,
        }
    }

    /// Sorts by distance; ties keep their order.
    pub(super) fn sort<T>(near: Option<&Self>, items: &mut [T], node: impl Fn(&T) -> &[u8]) {
        let Some(near) = near else { return };
        items.sort_by(|a, b| near.distance(node(a)).total_cmp(&near.distance(node(b))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_that_of_servers() {
        let at = |x: f64, adjustment| Coordinate { vec: vec![x, 0.0], adjustment, height: 0.001 };
        assert_eq!(at(0.0, 0.0).distance(&at(0.003, 0.0)), 5_000_000.0);
        assert_eq!(at(0.0, 0.001).distance(&at(0.003, 0.0)), 6_000_000.0);
        // An adjustment that would make the distance negative is ignored.
        assert_eq!(at(0.0, -1.0).distance(&at(0.003, 0.0)), 5_000_000.0);
        assert!(
            at(0.0, 0.0)
                .distance(&Coordinate { vec: vec![0.0], adjustment: 0.0, height: 0.0 })
                .is_infinite()
        );
    }
}
