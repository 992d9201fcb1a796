#![doc = include_str!("../README.md")]

mod changed;
mod dangers;
mod difference;
mod facts;
mod field_lines;
mod html;
mod integrity;
mod series;
mod service_graph;
mod size_chart;
mod snapshot;
mod style;
pub mod words;

pub use changed::{ChangeLimits, ChangedObject, ChangedObjects};
pub use dangers::{Danger, dangers};
pub use difference::{Differences, KindSummary, difference};
pub use facts::{Collect, Facts, FailingCheck, KindCounts, RowFacts, ServiceHealth};
pub use field_lines::{FieldText, field_lines};
pub use integrity::integrity_lines;
pub use series::{Cluster, SeriesPage, Taken, Way, series};
pub use service_graph::{GRAPH_LEGEND, service_graph};
pub use size_chart::size_chart;
pub use snapshot::{SCANNED, Snapshot, snapshot};
pub use style::COMMON_STYLE;
