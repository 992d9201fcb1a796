#![doc = include_str!("../README.md")]
//!
//! ```
//! use snapscope_pictures::{Area, Block, treemap};
//!
//! let blocks = [Block::new("keys", 30.0, 0), Block::new("nodes", 10.0, 1)];
//! let tiles = treemap::layout(&blocks, Area::sized(400.0, 200.0));
//! assert_eq!(tiles.len(), 2);
//! let svg = treemap::svg(&blocks, Area::sized(400.0, 200.0), "Space", "keys: 30, nodes: 10");
//! assert!(svg.starts_with("<svg"));
//! ```

mod area;
mod bars;
mod drawing;
mod graph;
mod label;
mod layers;
mod lines;
mod scale;
pub mod treemap;

pub use area::Area;
pub use bars::{Segment, bar, stacked_bar};
pub use drawing::escaped;
pub use graph::{Graph, Link, Node};
pub use label::fitted_label;
pub use layers::{Layout, Route, layered};
pub use lines::{Course, Label, LineChart};
pub use treemap::{Block, Tile};

/// CSS rules that colour the pictures. The page that contains them includes these rules, and may
/// set the custom properties that they read.
pub const STYLE: &str = include_str!("style.css");

/// Number of distinct colours, numbered from 0. Higher numbers wrap around.
pub const COLOURS: usize = 8;
