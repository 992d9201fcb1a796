//! Renders stored fields as Consul's JSON, with one engine that walks the schemas.

mod engine;
mod messages;
mod part;
mod record;
mod written_by;
mod zero;

pub use engine::{Options, Problem};
pub use record::{render_fields, render_record};
pub use written_by::WrittenBy;

pub(crate) use engine::Engine;
pub(crate) use messages::Style;
pub(crate) use part::{Show, Stored};
