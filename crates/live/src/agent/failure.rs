//! Why a snapshot was not taken, and at which stage.

/// A stage of taking a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Getting it from the cluster.
    Download,
    /// Writing it to the scratch disk.
    Scratch,
    /// Verifying it.
    Verify,
    /// Storing it.
    Store,
    /// Storing its sidecar.
    Sidecar,
    /// Removing old ones.
    Retention,
    /// Leadership ended in the meantime.
    Leadership,
    /// Registering with Consul; not part of a snapshot.
    Registration,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Download,
        Self::Scratch,
        Self::Verify,
        Self::Store,
        Self::Sidecar,
        Self::Retention,
        Self::Leadership,
        Self::Registration,
    ];

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Scratch => "scratch",
            Self::Verify => "verify",
            Self::Store => "store",
            Self::Sidecar => "sidecar",
            Self::Retention => "retention",
            Self::Leadership => "leadership",
            Self::Registration => "registration",
        }
    }
}

/// Why a snapshot was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The stage.
    pub stage: Stage,
    /// What happened, where, and what to do.
    pub message: String,
}

impl Failure {
    pub(super) fn new(stage: Stage, message: impl Into<String>) -> Self {
        Self { stage, message: message.into() }
    }

    /// Leadership ended while a snapshot was taken.
    pub(super) fn lost() -> Self {
        Self::new(Stage::Leadership, "stopped: leadership ended while the snapshot was taken")
    }
}
