//! The description of an answer in its body. Some endpoints have it there as well as in headers.

use crate::state::View;
use crate::versions::DESCRIBED;
use snapscope_objects::json::{JsonText, Sink as _};

/// The description of an answer.
pub(crate) struct QueryMeta {
    pub(crate) index: u64,
    pub(crate) knows_leader: bool,
    pub(crate) consistency: &'static str,
    /// Whether the answer leaves out what the token may not read.
    pub(crate) is_filtered: bool,
}

impl QueryMeta {
    /// Writes its members into an open object.
    pub(crate) fn write(&self, json: &mut JsonText, view: &View<'_>) {
        json.key(b"Index");
        json.uint(self.index);
        json.key(b"LastContact");
        json.uint(0);
        json.key(b"KnownLeader");
        json.bool(self.knows_leader);
        json.key(b"ConsistencyLevel");
        json.text(self.consistency.as_bytes());
        if view.is(DESCRIBED) {
            json.key(b"NotModified");
            json.bool(false);
            json.key(b"Backend");
            json.uint(0);
            json.key(b"ResultsFilteredByACLs");
            json.bool(self.is_filtered);
        }
    }
}
