//! Stored fields as Consul's JSON: one engine that walks the schemas.

mod engine;
mod messages;
mod record;
mod zero;

pub use engine::{Options, Problem};
pub use record::render_record;
