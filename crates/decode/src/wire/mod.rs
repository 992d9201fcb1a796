//! The msgpack dialect Consul's Go encoder writes, read without copying.
//!
//! Text and byte arrays are both *raw* (the old msgpack specification); whether raw bytes are text
//! is known only from the field they stand in. Newer forms (`str8`, `bin`, `ext`) never occur in
//! what a server writes, but are read all the same.

mod cursor;
pub mod encode;
mod error;
mod name;
mod skip;
mod value;

pub use cursor::{Cursor, Held};
pub use error::{WireError, WireErrorKind};
pub(crate) use name::is_same;
pub use skip::{Skipper, Step};
pub use value::{Entries, Items, Value};
