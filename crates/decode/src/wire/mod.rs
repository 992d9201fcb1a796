//! The msgpack dialect Consul's Go encoder writes, read without copying.
//!
//! Text and byte arrays are both *raw* (the old msgpack specification); only the field decides
//! whether raw bytes are text. Newer forms (`str8`, `bin`, `ext`) never occur in data from servers,
//! but can be read.

mod cursor;
pub mod encode;
mod error;
mod name;
mod skip;
mod value;

pub use cursor::{Cursor, Held};
pub use error::{WireError, WireErrorKind};
pub use name::is_same;
pub use skip::{Skipper, Step};
pub use value::{Entries, Items, Value};
