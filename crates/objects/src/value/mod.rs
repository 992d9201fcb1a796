//! One object in memory: JSON's tree with integers exact, text as stored, and bytes not yet in base64.

mod bytes;
mod node;
mod tape;
mod wanted;

pub use node::{Items, Json, Members, Node};
pub use tape::Tape;
pub use wanted::Wanted;
