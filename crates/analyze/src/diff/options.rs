//! Options of a comparison.

use snapscope_objects::filter::Filter;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kinds::compared_kinds;
use snapscope_runs::Room;

/// Which objects to compare, and how.
#[derive(Debug)]
pub struct DiffOptions {
    /// The kinds to compare, each with a filter that must match before or after.
    pub kinds: Vec<(&'static ObjectKind, Option<Filter>)>,
    /// Only objects whose ID starts with this.
    pub prefix: Option<Vec<u8>>,
    /// Whether to pass on objects of which only bookkeeping differs.
    pub with_touched: bool,
    /// Whether to pass on equal objects that are stored in records of another type, as touched:
    /// tokens of the ACL system before 1.4 become records of their own type.
    pub with_moved: bool,
    /// Whether each side is read by its own thread.
    pub threads: bool,
    /// Maximum size of held objects before the order of both files is checked. Objects that still
    /// have to wait then go to disk.
    pub hold: usize,
    /// The part of them that may be in memory.
    pub room: Room,
}

impl DiffOptions {
    /// See [`DiffOptions::hold`]: two percent of a gigabyte, and little compared with inflating.
    pub const HOLD: usize = 24 << 20;

    /// Compares everything that users and operators created, without touched objects.
    #[must_use]
    pub fn new() -> Self {
        Self {
            kinds: compared_kinds()
                .filter(|kind| !kind.traits.bookkeeping_only)
                .map(|kind| (kind, None))
                .collect(),
            prefix: None,
            with_touched: false,
            with_moved: false,
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
