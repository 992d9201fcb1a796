//! What is compared.

use snapscope_objects::filter::Filter;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kinds::compared_kinds;
use snapscope_runs::Room;

/// Which objects are compared, and how.
#[derive(Debug)]
pub struct DiffOptions {
    /// The kinds that are compared, each with a filter that must hold before or after.
    pub kinds: Vec<(&'static ObjectKind, Option<Filter>)>,
    /// Only objects whose id begins so.
    pub prefix: Option<Vec<u8>>,
    /// Whether objects of which only the servers' bookkeeping differs are handed on too.
    pub with_touched: bool,
    /// Whether each side is read by a thread of its own.
    pub threads: bool,
    /// Bytes of differing objects that may be held before the order of both files is checked. Those
    /// that have to wait all the same go to the disk then.
    pub hold: usize,
    /// What of these may be in memory.
    pub room: Room,
}

impl DiffOptions {
    /// See [`DiffOptions::hold`]: two percent of a gigabyte, and little beside what inflating takes.
    pub const HOLD: usize = 24 << 20;

    /// All that users and operators made is compared, and nothing that is only touched.
    #[must_use]
    pub fn new() -> Self {
        Self {
            kinds: compared_kinds()
                .filter(|kind| !kind.traits.bookkeeping_only)
                .map(|kind| (kind, None))
                .collect(),
            prefix: None,
            with_touched: false,
            threads: true,
            hold: Self::HOLD,
            room: Room::default(),
        }
    }
}

impl Default for DiffOptions {
    fn default() -> Self {
        Self::new()
    }
}
