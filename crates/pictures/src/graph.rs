//! Draws layered graphs.

use crate::area::Area;
use crate::drawing::{Drawing, number};
use crate::label::{fitted, width};
use crate::layers::{Layout, Route, layered};
use std::fmt::Write as _;

/// A node of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// The tooltip.
    pub about: String,
    /// Its classes, which decide its colours.
    pub class: &'static str,
}

/// A link between nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Index of the node at its start.
    pub from: usize,
    /// Index of the node at its end.
    pub to: usize,
    /// The tooltip.
    pub about: String,
    /// Its classes: they decide its colour and whether it is dashed.
    pub class: &'static str,
}

/// A directed graph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// Its links.
    pub links: Vec<Link>,
}

/// Font size of names.
const TEXT: f64 = 12.0;
const HEIGHT: f64 = 28.0;
const NARROWEST: f64 = 56.0;
const WIDEST: f64 = 190.0;
const MARGIN: f64 = 8.0;
/// Both margins, and the loops at the right side of nodes.
const AROUND: f64 = 2.0 * MARGIN + 24.0;

impl Graph {
    /// Computes the positions of its nodes and links, within a width if possible.
    #[must_use]
    pub fn layout(&self, room: f64) -> Layout {
        let size = |node: &Node| (width(&node.name, TEXT).clamp(NARROWEST, WIDEST) + 20.0, HEIGHT);
        let sizes: Vec<(f64, f64)> = self.nodes.iter().map(size).collect();
        let edges: Vec<(usize, usize)> = self.links.iter().map(|l| (l.from, l.to)).collect();
        layered(&sizes, &edges, room)
    }

    /// Draws it, within a width if possible.
    #[must_use]
    pub fn svg(&self, room: f64, title: &str, about: &str) -> String {
        let Layout { nodes, routes, width, height } = self.layout(room - AROUND);
        let (wide, high) = (width + AROUND, height + 2.0 * MARGIN);
        let mut drawing = Drawing::new("graph", wide, high, title, about);
        for (link, route) in self.links.iter().zip(&routes) {
            let own = nodes.get(link.from).filter(|_| link.from == link.to);
            let (line, tip) = match own {
                Some(area) => around(*area),
                None => (curve(route), route.last().copied()),
            };
            let Some((x, y)) = tip.filter(|_| !line.is_empty()) else { continue };
            drawing.open(&format!("link {}", link.class), Some(&link.about));
            drawing.path("line", &line);
            let is_back = own.is_some() || route.first().is_some_and(|(start, _)| *start > x);
            let back = if is_back { 7.0 } else { -7.0 };
            let (x, y) = (x + MARGIN, y + MARGIN);
            let head = format!(
                "M{} {}L{} {}L{} {}Z",
                number(x),
                number(y),
                number(x + back),
                number(y - 3.5),
                number(x + back),
                number(y + 3.5)
            );
            drawing.path("head", &head);
            drawing.close();
        }
        for (node, area) in self.nodes.iter().zip(&nodes) {
            let area = Area { x: area.x + MARGIN, y: area.y + MARGIN, ..*area };
            drawing.open(&format!("node {}", node.class), Some(&node.about));
            drawing.rect("face", area, 5.0);
            if let Some(name) = fitted(&node.name, TEXT, area.width - 16.0) {
                drawing.text("name", area.x + area.width / 2.0, area.y + 18.5, &name);
            }
            drawing.close();
        }
        drawing.finish()
    }
}

/// A smooth line through the points of a route.
fn curve(route: &Route) -> String {
    let mut data = String::new();
    let mut previous: Option<(f64, f64)> = None;
    for (x, y) in route {
        let (x, y) = (x + MARGIN, y + MARGIN);
        let _ = match previous {
            None => write!(data, "M{} {}", number(x), number(y)),
            Some((_, before)) if (before - y).abs() < 0.05 => write!(data, "H{}", number(x)),
            Some((start, before)) => {
                let middle = f64::midpoint(start, x);
                write!(
                    data,
                    "C{} {} {} {} {} {}",
                    number(middle),
                    number(before),
                    number(middle),
                    number(y),
                    number(x),
                    number(y)
                )
            }
        };
        previous = Some((x, y));
    }
    data
}

/// A loop at the right side of a node, and the point where it ends.
fn around(area: Area) -> (String, Option<(f64, f64)>) {
    let (x, y) = (area.x + area.width, area.y + area.height / 2.0);
    let (left, upper, lower) = (x + MARGIN, y + MARGIN - 7.0, y + MARGIN + 7.0);
    let right = number(left + 20.0);
    let (left, upper, lower) = (number(left), number(upper), number(lower));
    (format!("M{left} {upper}C{right} {upper} {right} {lower} {left} {lower}"), Some((x, y + 7.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text() {
        let node = |name: &str| Node { name: name.into(), about: "<i>".into(), class: "typical" };
        let link = |from, to| Link { from, to, about: "a & b".into(), class: "allow" };
        let graph = Graph {
            nodes: vec![node("<script>"), node("web")],
            links: vec![link(0, 1), link(1, 1), link(1, 0), link(7, 0)],
        };
        let svg = graph.svg(1000.0, "Services", "2 services");
        assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;") && !svg.contains("<i>"));
        assert_eq!(svg.matches("class=\"link allow\"").count(), 3);
        assert!(Graph::default().svg(1000.0, "t", "d").ends_with("</svg>"));
    }
}
