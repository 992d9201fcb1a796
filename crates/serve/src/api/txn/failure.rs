//! Operations that failed.

/// An operation that failed.
pub(super) struct Failure {
    pub(super) operation: usize,
    pub(super) what: Vec<u8>,
}
