//! Why storing, listing or reading failed.

use std::error::Error as _;
use std::io;

/// Why an operation on a store failed. The message names the store and never a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file or folder.
    #[error("{path}: {doing}: {error}")]
    Io {
        /// Which.
        path: String,
        /// What was being done.
        doing: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// A bucket.
    #[error("{store}: {doing}: {message}")]
    Remote {
        /// Which.
        store: String,
        /// What was being done.
        doing: &'static str,
        /// What its server says, or why it can't be reached, with advice.
        message: String,
    },
    /// The leadership it was done under has ended.
    #[error("stopped: leadership was lost")]
    LeaseEnded,
    /// A name or an option that can't be used.
    #[error("{0}")]
    Options(String),
}

impl StoreError {
    pub(super) fn remote(store: &str, doing: &'static str, error: &object_store::Error) -> Self {
        Self::Remote { store: store.to_owned(), doing, message: message(error) }
    }
}

/// All an error has to say, each thing once, and what to do about it.
pub(super) fn message(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    let advice = match error {
        object_store::Error::PermissionDenied { .. } => "; the credentials lack a permission",
        object_store::Error::Unauthenticated { .. } => "; the credentials are not accepted",
        object_store::Error::NotFound { .. } if text.contains("NoSuchBucket") => {
            "; there is no such bucket"
        }
        _ if text.contains("169.254.169.254") => {
            "; no credentials are given, and this machine has no role of its own"
        }
        _ => "",
    };
    format!("{text}{advice}")
}
