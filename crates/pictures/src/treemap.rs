//! Treemaps: nested rectangles whose areas are proportional to weights.
//!
//! The layout is squarified (Bruls, Huizing and van Wijk): rows of tiles along the shorter side. A
//! row grows as long as that improves its worst aspect ratio.

use crate::COLOURS;
use crate::area::Area;
use crate::drawing::Drawing;
use crate::label::fitted;

/// A weight with a name, optionally made of parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Its name, shown if it fits.
    pub name: String,
    /// The tooltip. If it is empty, the name is.
    pub about: String,
    /// Its weight. If its parts weigh less in total, the rest stays empty.
    pub weight: f64,
    /// The number of its colour.
    pub colour: usize,
    /// Its parts. They have the colour of the outermost block.
    pub parts: Vec<Self>,
}

impl Block {
    /// Creates a block without parts.
    #[must_use]
    pub fn new(name: impl Into<String>, weight: f64, colour: usize) -> Self {
        Self { name: name.into(), about: String::new(), weight, colour, parts: Vec::new() }
    }
}

/// The position of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// The index of the block among its siblings, for each level from the outermost one.
    pub path: Vec<usize>,
    /// Its rectangle.
    pub area: Area,
}

/// Height of a block's name, above its parts.
const HEAD: f64 = 20.0;
/// Margin around the parts.
const MARGIN: f64 = 2.0;
/// A block with a shorter side has no room for parts.
const LEAST: f64 = 36.0;
/// Maximum depth. Nothing nested deeper is legible.
const DEEPEST: usize = 4;

/// Places blocks, each before its parts. Blocks without a positive weight, or too small to see,
/// have no tile.
#[must_use]
pub fn layout(blocks: &[Block], area: Area) -> Vec<Tile> {
    let mut tiles = Vec::new();
    let weight = blocks.iter().map(|block| block.weight.max(0.0)).sum();
    place(blocks, weight, area, &[], &mut tiles);
    tiles
}

fn place(blocks: &[Block], weight: f64, area: Area, path: &[usize], tiles: &mut Vec<Tile>) {
    let weights: Vec<f64> = blocks.iter().map(|block| block.weight).collect();
    for (at, area) in squarified(&weights, weight, area) {
        let path = [path, &[at]].concat();
        let block = blocks.get(at).filter(|block| !block.parts.is_empty());
        tiles.push(Tile { path: path.clone(), area });
        if let Some(block) = block
            && path.len() < DEEPEST
            && area.width >= LEAST
            && area.height >= LEAST
        {
            let of_parts = block.parts.iter().map(|part| part.weight.max(0.0)).sum::<f64>();
            place(
                &block.parts,
                of_parts.max(block.weight),
                area.inside(MARGIN, HEAD),
                &path,
                tiles,
            );
        }
    }
}

/// Rectangles for weights, heaviest first, in an area that represents the weight `whole`.
fn squarified(weights: &[f64], whole: f64, mut area: Area) -> Vec<(usize, Area)> {
    let mut order: Vec<(usize, f64)> =
        weights.iter().copied().enumerate().filter(|(_, w)| *w > 0.0 && w.is_finite()).collect();
    order.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
    let scale = area.width * area.height / whole;
    if !(scale > 0.0 && scale.is_finite()) {
        return Vec::new();
    }
    let mut placed = Vec::new();
    let mut rest = order.as_slice();
    while let Some((_, first)) = rest.first() {
        let side = area.width.min(area.height);
        let (mut sum, least_of_row) = (first * scale, first * scale);
        let mut smallest = least_of_row;
        let mut length = 1;
        for (_, weight) in rest.iter().skip(1) {
            let size = weight * scale;
            let longer = worst(first * scale, size, sum + size, side);
            if longer > worst(first * scale, smallest, sum, side) {
                break;
            }
            (sum, smallest) = (sum + size, size);
            length += 1;
        }
        let (row, others) = rest.split_at(length);
        rest = others;
        let depth = if side > 0.0 { sum / side } else { 0.0 };
        let is_column = area.width >= area.height;
        let mut along = if is_column { area.y } else { area.x };
        for (at, weight) in row {
            let length = if depth > 0.0 { weight * scale / depth } else { 0.0 };
            let tile = if is_column {
                Area { x: area.x, y: along, width: depth, height: length }
            } else {
                Area { x: along, y: area.y, width: length, height: depth }
            };
            along += length;
            if tile.width >= 0.5 && tile.height >= 0.5 {
                placed.push((*at, tile));
            }
        }
        if is_column {
            (area.x, area.width) = (area.x + depth, (area.width - depth).max(0.0));
        } else {
            (area.y, area.height) = (area.y + depth, (area.height - depth).max(0.0));
        }
    }
    placed
}

/// The worst aspect ratio in a row of this sum.
fn worst(largest: f64, smallest: f64, sum: f64, side: f64) -> f64 {
    let (sum, side) = (sum * sum, side * side);
    (side * largest / sum).max(sum / (side * smallest))
}

/// The block at a path.
fn at<'b>(blocks: &'b [Block], path: &[usize]) -> Option<&'b Block> {
    let (first, rest) = path.split_first()?;
    let block = blocks.get(*first)?;
    if rest.is_empty() { Some(block) } else { at(&block.parts, rest) }
}

/// Font size of names.
const TEXT: f64 = 12.0;

/// Draws blocks. `about` describes the picture in words.
#[must_use]
pub fn svg(blocks: &[Block], area: Area, title: &str, about: &str) -> String {
    let mut drawing = Drawing::new("treemap", area.width, area.height, title, about);
    for Tile { path, area } in layout(blocks, area) {
        let Some(block) = at(blocks, &path) else { continue };
        let colour = path.first().and_then(|first| blocks.get(*first)).map_or(0, |b| b.colour);
        let class = format!("tile depth-{} colour-{}", path.len(), colour % COLOURS);
        let tip = if block.about.is_empty() { &block.name } else { &block.about };
        drawing.open(&class, Some(tip));
        let gap = Area {
            width: (area.width - 1.0).max(0.5),
            height: (area.height - 1.0).max(0.5),
            ..area
        };
        drawing.rect("face", gap, 2.0);
        let room = area.width - 8.0;
        if area.height >= HEAD - 2.0
            && let Some(name) = fitted(&block.name, TEXT, room)
        {
            drawing.text("name", area.x + 5.0, area.y + 14.0, &name);
        }
        drawing.close();
    }
    drawing.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_paper_is_squarified() {
        let weights = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let tiles = squarified(&weights, 24.0, Area::sized(6.0, 4.0));
        let first = tiles[0].1;
        assert_eq!((first.x, first.y, first.width, first.height), (0.0, 0.0, 3.0, 2.0));
        let third = tiles[2].1;
        assert!((third.width - 12.0 / 7.0).abs() < 1e-9 && (third.height - 7.0 / 3.0).abs() < 1e-9);
    }

    proptest! {
        /// Areas are proportional to weights, and no tiles overlap or leave the area.
        #[test]
        fn tiles_fill_the_area(weights in prop::collection::vec(1.0f64..1000.0, 1..60)) {
            let whole: f64 = weights.iter().sum();
            let area = Area::sized(1200.0, 700.0);
            let tiles = squarified(&weights, whole, area);
            prop_assert_eq!(tiles.len(), weights.len());
            for (at, tile) in &tiles {
                let share = tile.width * tile.height / (area.width * area.height);
                prop_assert!((share - weights[*at] / whole).abs() < 1e-6);
                prop_assert!(tile.x > -1e-6 && tile.x + tile.width < area.width + 1e-6);
                prop_assert!(tile.y > -1e-6 && tile.y + tile.height < area.height + 1e-6);
            }
            for (i, (_, a)) in tiles.iter().enumerate() {
                for (_, b) in tiles.iter().skip(i + 1) {
                    let wide = (a.x + a.width).min(b.x + b.width) - a.x.max(b.x);
                    let high = (a.y + a.height).min(b.y + b.height) - a.y.max(b.y);
                    prop_assert!(wide < 1e-6 || high < 1e-6);
                }
            }
        }

        #[test]
        fn whatever_weights_are_there_is_a_picture(weights in prop::collection::vec(any::<f64>(), 0..20)) {
            let blocks: Vec<Block> = weights.iter().map(|w| Block::new("<b>", *w, 3)).collect();
            let picture = svg(&blocks, Area::sized(300.0, 200.0), "t", "d");
            prop_assert!(picture.ends_with("</svg>") && !picture.contains("NaN") && !picture.contains("<b>"));
        }
    }
}
