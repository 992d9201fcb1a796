//! JSON as Go's encoder writes it.

mod go_read;
mod go_text;
mod indent;
mod members;
mod sink;
mod value;

pub use go_read::{duration_nanos, time_of_text};
pub use go_text::{duration_text, ip_text, time_text};
pub use indent::{Indenter, indented};
pub use members::{List, Members, Object, ToJson};
pub use sink::{JsonText, Sink};
pub use value::write_value;
