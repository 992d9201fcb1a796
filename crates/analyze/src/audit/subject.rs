//! What findings are about.

use snapscope_objects::kind::KindId;
use snapscope_objects::kinds::of;

/// What a finding is about: an object, or something that holds or selects objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An object of this kind.
    Object(KindId),
    /// All keys with a prefix.
    Prefix,
    /// The snapshot as a whole.
    Snapshot,
    /// A minute of the log.
    Log,
}

impl Subject {
    /// The name of its type: `kv`, `token`, `snapshot`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Object(kind) => of(kind).object_name(),
            Self::Prefix => "prefix",
            Self::Snapshot => "snapshot",
            Self::Log => "log",
        }
    }
}

impl From<KindId> for Subject {
    fn from(kind: KindId) -> Self {
        Self::Object(kind)
    }
}
