//! Layered layout of directed graphs, after Sugiyama: edges run from left to right through layers.
//!
//! Edges that close a cycle are reversed. A node gets the layer after its last predecessor. A long
//! edge gets a stop in each layer between. Barycentres reduce crossings. Finally each layer moves
//! as close to its neighbours as order and distances allow.

use crate::area::Area;
use std::collections::VecDeque;

/// Distance between layers, if there is room.
const ACROSS: f64 = 90.0;
/// Smallest distance between layers.
const CLOSEST: f64 = 36.0;
/// Smallest width to which nodes are cut to save room.
const NARROWEST: f64 = 96.0;
/// Distance between nodes of a layer.
const BETWEEN: f64 = 14.0;
/// Height reserved for the stop of an edge.
const STOP: f64 = 8.0;
/// Passes that reduce crossings. More passes hardly change anything.
const SWEEPS: usize = 12;
/// Maximum number of stops. Further edges are drawn straight.
const MOST_STOPS: usize = 20_000;

/// Positions of nodes and edges.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// The rectangle of each node.
    pub nodes: Vec<Area>,
    /// The points of each edge. Empty for an edge from a node to itself, or if one of its nodes
    /// does not exist.
    pub routes: Vec<Route>,
    /// Total width.
    pub width: f64,
    /// Total height.
    pub height: f64,
}

/// The points of an edge, from its start to its end.
pub type Route = Vec<(f64, f64)>;

/// A node, or a stop of an edge in a layer.
#[derive(Debug, Clone, Default)]
struct Item {
    layer: usize,
    height: f64,
    /// Neighbours in the layers before and after.
    before: Vec<usize>,
    after: Vec<usize>,
    /// Its position in its layer.
    place: usize,
    /// The middle of it.
    y: f64,
}

/// Lays out nodes of these widths and heights. If the layout would be wider than `room`, layers are
/// closer to each other, and then wide nodes become narrower, as far as that is sensible.
#[must_use]
pub fn layered(sizes: &[(f64, f64)], edges: &[(usize, usize)], room: f64) -> Layout {
    let count = sizes.len();
    let is_drawn = |(from, to): &(usize, usize)| from != to && *from < count && *to < count;
    let forward = without_cycles(count, edges, &is_drawn);
    let layers = layers_of(count, &forward);
    let mut items: Vec<Item> = layers
        .iter()
        .zip(sizes)
        .map(|(layer, (_, height))| Item { layer: *layer, height: *height, ..Item::default() })
        .collect();
    let stops = chained(&mut items, &forward);
    let mut rows = ordered(&mut items);
    settle(&mut items, &mut rows);
    close_gaps(&mut items);
    let mut widths = vec![0f64; rows.len()];
    for (item, (width, _)) in items.iter().zip(sizes) {
        if let Some(widest) = widths.get_mut(item.layer) {
            *widest = widest.max(*width);
        }
    }
    let (across, widest) = fitting(&widths, room);
    widths.iter_mut().for_each(|width| *width = width.min(widest));
    let mut lefts = Vec::with_capacity(rows.len());
    let mut x = 0.0;
    for width in &widths {
        lefts.push(x);
        x += width + across;
    }
    let edge = |item: &Item| item.y - item.height / 2.0;
    let upper = items.iter().map(edge).fold(f64::INFINITY, f64::min);
    let upper = if upper.is_finite() { upper } else { 0.0 };
    let place = |item: &Item, width: f64| Area {
        x: lefts.get(item.layer).copied().unwrap_or(0.0),
        y: edge(item) - upper,
        width,
        height: item.height,
    };
    let nodes: Vec<Area> =
        items.iter().zip(sizes).map(|(i, (width, _))| place(i, width.min(widest))).collect();
    let lower = items.iter().map(|i| i.y + i.height / 2.0 - upper).fold(0.0, f64::max);
    let stop_at = |at: &usize| {
        let item = items.get(*at);
        let layer = item.map_or(0, |item| item.layer);
        let left = lefts.get(layer).copied().unwrap_or(0.0);
        let wide = widths.get(layer).copied().unwrap_or(0.0);
        let y = item.map_or(0.0, |item| item.y - upper);
        // An edge crosses a layer from its left side to its right side.
        [(left, y), (left + wide, y)]
    };
    let routes = forward.iter().zip(&stops).map(|(edge, stops)| match edge {
        None => Route::new(),
        Some(Forward { from, to, is_turned }) => {
            let (start, end) = (nodes.get(*from), nodes.get(*to));
            let (Some(start), Some(end)) = (start, end) else { return Route::new() };
            let mut route = vec![(start.x + start.width, start.y + start.height / 2.0)];
            route.extend(stops.iter().flat_map(stop_at));
            route.push((end.x, end.y + end.height / 2.0));
            if *is_turned {
                route.reverse();
            }
            route
        }
    });
    Layout { routes: routes.collect(), width: (x - across).max(0.0), height: lower, nodes }
}

/// The distance between layers, and the width to which nodes are cut, with which layers of these
/// widths are at most `room` wide.
fn fitting(widths: &[f64], room: f64) -> (f64, f64) {
    let gaps = position(widths.len().saturating_sub(1));
    let wide = |most: f64| widths.iter().map(|width| width.min(most)).sum::<f64>();
    let all = wide(f64::INFINITY);
    let across = ((room - all) / gaps.max(1.0)).clamp(CLOSEST, ACROSS);
    if all + gaps * across <= room {
        return (across, f64::INFINITY);
    }
    // The sum grows with the limit, so bisection finds the largest one that fits.
    let (mut fits, mut too_wide) = (NARROWEST, widths.iter().copied().fold(NARROWEST, f64::max));
    for _ in 0..20 {
        let middle = f64::midpoint(fits, too_wide);
        match wide(middle) + gaps * across <= room {
            true => fits = middle,
            false => too_wide = middle,
        }
    }
    (across, fits)
}

/// An edge with the layers that it crosses.
#[derive(Debug, Clone, Copy)]
struct Forward {
    from: usize,
    to: usize,
    is_turned: bool,
}

/// The edges, with those reversed that close a cycle.
fn without_cycles(
    count: usize,
    edges: &[(usize, usize)],
    is_drawn: &dyn Fn(&(usize, usize)) -> bool,
) -> Vec<Option<Forward>> {
    let mut leaving: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
    let mut has_entering = vec![false; count];
    for (at, (from, to)) in edges.iter().enumerate().filter(|(_, edge)| is_drawn(edge)) {
        leaving[*from].push((at, *to));
        has_entering[*to] = true;
    }
    let mut turned = vec![false; edges.len()];
    // 0: not seen, 1: on the path to the current node, 2: done.
    let mut state = vec![0u8; count];
    let roots = (0..count).filter(|n| !has_entering[*n]);
    for root in roots.chain(0..count) {
        if state[root] != 0 {
            continue;
        }
        state[root] = 1;
        let mut path = vec![(root, 0)];
        while let Some((node, next)) = path.last_mut() {
            match leaving[*node].get(*next) {
                None => {
                    state[*node] = 2;
                    path.pop();
                }
                Some((edge, to)) => {
                    *next += 1;
                    match state[*to] {
                        0 => {
                            state[*to] = 1;
                            path.push((*to, 0));
                        }
                        1 => turned[*edge] = true,
                        _ => {}
                    }
                }
            }
        }
    }
    let forward = |(edge, is_turned): (&(usize, usize), bool)| {
        let (from, to) = if is_turned { (edge.1, edge.0) } else { *edge };
        is_drawn(edge).then_some(Forward { from, to, is_turned })
    };
    edges.iter().zip(turned).map(forward).collect()
}

/// The layer of each node: after those of all its predecessors.
fn layers_of(count: usize, edges: &[Option<Forward>]) -> Vec<usize> {
    let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut entering = vec![0usize; count];
    for edge in edges.iter().flatten() {
        leaving[edge.from].push(edge.to);
        entering[edge.to] += 1;
    }
    let mut layers = vec![0; count];
    let mut ready: VecDeque<usize> = (0..count).filter(|n| entering[*n] == 0).collect();
    while let Some(node) = ready.pop_front() {
        for to in &leaving[node] {
            layers[*to] = layers[*to].max(layers[node] + 1);
            entering[*to] -= 1;
            if entering[*to] == 0 {
                ready.push_back(*to);
            }
        }
    }
    layers
}

/// Links the items of neighbouring layers and adds stops to edges that span several layers. Returns
/// the stops of each edge.
fn chained(items: &mut Vec<Item>, edges: &[Option<Forward>]) -> Vec<Vec<usize>> {
    let mut made = 0;
    let mut all = Vec::with_capacity(edges.len());
    for edge in edges {
        let mut stops = Vec::new();
        if let Some(Forward { from, to, .. }) = edge {
            let (first, last) = (items[*from].layer, items[*to].layer);
            let mut previous = *from;
            if made + last.saturating_sub(first) <= MOST_STOPS {
                for layer in first + 1..last {
                    let stop = items.len();
                    items.push(Item { layer, height: STOP, ..Item::default() });
                    link(items, previous, stop);
                    stops.push(stop);
                    previous = stop;
                }
                made += stops.len();
                link(items, previous, *to);
            }
        }
        all.push(stops);
    }
    all
}

fn link(items: &mut [Item], from: usize, to: usize) {
    items[from].after.push(to);
    items[to].before.push(from);
}

/// The items of each layer, ordered so that few edges cross.
fn ordered(items: &mut [Item]) -> Vec<Vec<usize>> {
    let layers = items.iter().map(|item| item.layer + 1).max().unwrap_or(0);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); layers];
    for (at, item) in items.iter().enumerate() {
        rows[item.layer].push(at);
    }
    number(items, &rows);
    let mut best = (crossings(items, &rows), rows.clone());
    for sweep in 0..SWEEPS {
        let is_down = sweep % 2 == 0;
        let order: Vec<usize> =
            if is_down { (0..layers).collect() } else { (0..layers).rev().collect() };
        for layer in order {
            let mut row: Vec<(f64, usize)> = rows[layer]
                .iter()
                .map(|at| {
                    let item = &items[*at];
                    let beside = if is_down { &item.before } else { &item.after };
                    (
                        mean(beside, |at| position(items[at].place))
                            .unwrap_or(position(item.place)),
                        *at,
                    )
                })
                .collect();
            row.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            rows[layer] = row.into_iter().map(|(_, at)| at).collect();
            for (place, at) in rows[layer].iter().enumerate() {
                items[*at].place = place;
            }
        }
        let found = crossings(items, &rows);
        if found < best.0 {
            best = (found, rows.clone());
        }
    }
    rows = best.1;
    number(items, &rows);
    rows
}

fn number(items: &mut [Item], rows: &[Vec<usize>]) {
    for (place, at) in rows.iter().flat_map(|row| row.iter().enumerate()) {
        items[*at].place = place;
    }
}

#[allow(clippy::cast_precision_loss)] // there are not that many
const fn position(place: usize) -> f64 {
    place as f64
}

fn mean(beside: &[usize], of: impl Fn(usize) -> f64) -> Option<f64> {
    (!beside.is_empty())
        .then(|| beside.iter().map(|at| of(*at)).sum::<f64>() / position(beside.len()))
}

/// Number of crossings between neighbouring layers.
fn crossings(items: &[Item], rows: &[Vec<usize>]) -> usize {
    let mut count = 0;
    for row in rows {
        let mut ends: Vec<(usize, usize)> = Vec::new();
        for at in row {
            let item = &items[*at];
            ends.extend(item.after.iter().map(|to| (item.place, items[*to].place)));
        }
        ends.sort_unstable();
        for (at, (from, to)) in ends.iter().enumerate() {
            let later = ends.iter().skip(at + 1);
            count += later.filter(|(start, end)| start > from && end < to).count();
        }
    }
    count
}

/// Moves the items of each layer next to their neighbours.
fn settle(items: &mut [Item], rows: &mut [Vec<usize>]) {
    for row in rows.iter() {
        let wanted = vec![0.0; row.len()];
        place(items, row, &wanted);
    }
    for pass in 0..SWEEPS {
        let is_down = pass % 2 == 0;
        let layers: Vec<usize> =
            if is_down { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
        for layer in layers {
            let wanted: Vec<f64> = rows[layer]
                .iter()
                .map(|at| {
                    let item = &items[*at];
                    let beside = if is_down { &item.before } else { &item.after };
                    let both = || mean(&[&item.before[..], &item.after].concat(), |at| items[at].y);
                    mean(beside, |at| items[at].y).or_else(both).unwrap_or(item.y)
                })
                .collect();
            place(items, &rows[layer], &wanted);
        }
    }
}

/// The positions closest to the wanted ones that keep order and distances: least squares under
/// these constraints, found by pooling items that would overlap.
fn place(items: &mut [Item], row: &[usize], wanted: &[f64]) {
    // Without the space that the preceding items take, positions only have to ascend.
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(row.len());
    let mut previous = None;
    for at in row {
        let height = items[*at].height;
        if let Some(previous) = previous {
            offset += (previous + height) / 2.0 + BETWEEN;
        }
        offsets.push(offset);
        previous = Some(height);
    }
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        let mut pool = (wanted - offset, 1);
        while let Some((value, count)) = pools.last().copied().filter(|(value, _)| *value > pool.0)
        {
            let all = count + pool.1;
            pool = ((value * position(count) + pool.0 * position(pool.1)) / position(all), all);
            pools.pop();
        }
        pools.push(pool);
    }
    let values = pools.into_iter().flat_map(|(value, count)| std::iter::repeat_n(value, count));
    for ((at, offset), value) in row.iter().zip(offsets).zip(values) {
        items[*at].y = value + offset;
    }
}

/// Unconnected parts may have settled far apart, so empty bands are narrowed.
fn close_gaps(items: &mut [Item]) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    let upper = |item: &Item| item.y - item.height / 2.0;
    order.sort_by(|a, b| upper(&items[*a]).total_cmp(&upper(&items[*b])));
    let (mut lower, mut moved) = (f64::NEG_INFINITY, 0.0);
    for at in order {
        let item = &mut items[at];
        let gap = upper(item) - lower;
        lower = lower.max(item.y + item.height / 2.0);
        if gap.is_finite() && gap > 2.0 * BETWEEN {
            moved += gap - 2.0 * BETWEEN;
        }
        item.y -= moved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: (f64, f64) = (100.0, 30.0);

    #[test]
    fn edges_run_from_left_to_right() {
        let layout = layered(&[SIZE; 4], &[(0, 1), (1, 2), (0, 2), (2, 3)], 2000.0);
        let xs: Vec<f64> = layout.nodes.iter().map(|area| area.x).collect();
        assert_eq!(xs, [0.0, 190.0, 380.0, 570.0]);
        // The long edge passes beside the node in the second layer.
        assert_eq!(layout.routes[2].len(), 4);
        assert!((layout.routes[2][1].1 - layout.routes[0][1].1).abs() >= 15.0);
    }

    #[test]
    fn a_cycle_has_one_edge_that_runs_back() {
        let layout = layered(&[SIZE; 3], &[(0, 1), (1, 2), (2, 0), (1, 1), (0, 9)], 2000.0);
        let back = |route: &Route| route.first().zip(route.last()).is_some_and(|(a, b)| a.0 > b.0);
        assert_eq!(layout.routes.iter().filter(|route| back(route)).count(), 1);
        assert!(layout.routes[3].is_empty() && layout.routes[4].is_empty());
    }

    #[test]
    fn crossings_that_can_be_avoided_are() {
        let layout = layered(&[SIZE; 4], &[(0, 3), (1, 2)], 2000.0);
        let y = |at: usize| layout.nodes[at].y;
        assert_eq!((y(0) < y(1)), (y(3) < y(2)));
    }

    #[test]
    fn a_wide_layout_is_made_to_fit() {
        let chain = [(0, 1), (1, 2), (2, 3)];
        let least = 4.0 * NARROWEST + 3.0 * CLOSEST;
        for (room, expected) in [(2000.0, 1070.0), (1000.0, 1000.0), (800.0, 800.0), (9.0, least)] {
            let width = layered(&[(200.0, 30.0); 4], &chain, room).width;
            assert!((width - expected).abs() < 0.1, "{room}: {width}");
        }
    }

    proptest! {
        #[test]
        fn no_nodes_overlap(edges in prop::collection::vec((0usize..20, 0usize..20), 0..80)) {
            let layout = layered(&[SIZE; 20], &edges, 2000.0);
            for (at, a) in layout.nodes.iter().enumerate() {
                prop_assert!(a.y >= -1e-6 && a.y + a.height <= layout.height + 1e-6);
                for b in layout.nodes.iter().skip(at + 1) {
                    let apart = (a.y - b.y).abs() >= 30.0 - 1e-6 || (a.x - b.x).abs() >= 100.0;
                    prop_assert!(apart, "{a:?} {b:?}");
                }
            }
            prop_assert_eq!(layout.routes.len(), edges.len());
        }
    }
}
