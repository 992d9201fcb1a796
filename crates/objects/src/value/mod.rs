//! One object in memory: a JSON tree with exact integers, text as stored, and bytes before base64
//! encoding.

mod bytes;
mod node;
mod projection;
mod tape;

pub use node::{Items, Json, Members, Node};
pub use projection::Projection;
pub use tape::Tape;
