//! Renders stored fields as Consul's JSON, with one engine that walks the schemas.

mod engine;
mod fields;
mod members;
mod message_parts;
mod message_values;
mod messages;
mod record;
mod stored;
mod style;
mod written_by;
mod zero;

pub use engine::{Options, Problem};
pub use fields::RecordFields;
pub use record::{render_fields, render_record};
pub use written_by::WrittenBy;

pub(crate) use engine::Engine;
pub(crate) use members::Show;
pub(crate) use stored::Stored;
pub(crate) use style::Style;
