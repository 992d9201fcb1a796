//! Reads the rows of a table from a snapshot on demand.

mod acl;
mod background;
mod batch;
mod collect;
mod facts;
mod keys;
mod objects;
mod request;
mod taker;
mod together;

pub use background::Scan;
pub use batch::Batch;
pub use collect::collect;
pub use request::Request;
pub use together::read_together;
