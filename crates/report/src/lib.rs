#![doc = include_str!("../README.md")]

mod dangers;
mod difference;
mod facts;
mod field_lines;
mod html;
mod integrity;
mod rule_counts;
mod series;
mod service_graph;
mod snapshot;
pub mod words;

pub use dangers::{Danger, dangers};
pub use difference::{ChangedObject, Differences, KindSummary, difference};
pub use facts::{Collect, Facts, FailingCheck, KindCounts, RowFacts, ServiceHealth};
pub use field_lines::field_lines;
pub use integrity::integrity_lines;
pub use rule_counts::rule_counts;
pub use series::{BytesAxis, Cluster, SeriesPage, Taken, Way, series};
pub use service_graph::{GRAPH_LEGEND, service_graph};
pub use snapshot::{Snapshot, snapshot};

/// CSS rules that set the colours of pages and pictures, light and dark, as custom properties.
pub const COLOURS: &str = include_str!("colours.css");
