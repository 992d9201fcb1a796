//! Errors in the words of servers.

/// An error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) text: Vec<u8>,
    /// Whether the request failed before it reached the servers' state. Then the answer has no
    /// headers about the state.
    pub(crate) is_early: bool,
    /// The methods that the path takes, if the request used another one.
    pub(crate) allow: Option<String>,
}

impl Refused {
    /// An error from the state.
    pub(crate) fn new(status: u16, text: impl Into<Vec<u8>>) -> Self {
        Self { status, text: text.into(), is_early: false, allow: None }
    }

    /// An error in the request itself.
    pub(crate) fn early(status: u16, text: impl Into<Vec<u8>>) -> Self {
        Self { is_early: true, ..Self::new(status, text) }
    }

    /// The token is unknown or has expired.
    pub(crate) fn unknown_token() -> Self {
        Self::new(403, "ACL not found")
    }

    /// The request is about something that snapshots do not contain.
    pub(crate) fn not_in_a_snapshot() -> Self {
        Self::early(501, "snapscope: snapshots do not contain the data of this endpoint")
    }

    /// A write.
    pub(crate) fn read_only() -> Self {
        Self::early(403, "snapscope serves a snapshot: read-only")
    }

    /// A record cannot be read.
    pub(crate) fn unreadable(what: &str) -> Self {
        Self::new(500, format!("snapscope: cannot read {what}: the snapshot is damaged there"))
    }
}
