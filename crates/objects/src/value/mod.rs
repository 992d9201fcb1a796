//! One object in memory: a JSON tree with exact integers, text as stored, and bytes before base64
//! encoding.

mod bytes;
mod node;
mod tape;
mod wanted;

pub use node::{Items, Json, Members, Node};
pub use tape::Tape;
pub use wanted::Wanted;
