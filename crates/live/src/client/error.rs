//! Why a request has no good answer, and what to do about it.

use super::advice::{is_lasting, of_connection};
use std::error::Error as _;
use std::time::Duration;

/// Why a request has no good answer. The message says what to do where that is known; no token is
/// ever part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The options can't be used: a wrong address, a file that can't be read.
    #[error("{0}")]
    Options(String),
    /// There is no connection to the agent.
    #[error("no connection to {address}: {message}")]
    Connect {
        /// The agent's.
        address: String,
        /// What the system or TLS says, with advice.
        message: String,
    },
    /// Nothing was heard for too long.
    #[error(
        "{address} was silent for {} while {doing}; is the server stuck or the network cut? A \
         longer --timeout waits longer",
        human(*after)
    )]
    Silent {
        /// The agent's address.
        address: String,
        /// What was being done.
        doing: String,
        /// How long was waited.
        after: Duration,
    },
    /// The connection broke within an answer or a request.
    #[error("the connection to {address} broke off while {doing}: {message}")]
    Cut {
        /// The agent's address.
        address: String,
        /// What was being done.
        doing: String,
        /// What the system says.
        message: String,
    },
    /// The agent refuses.
    #[error("{method} {path}: {status}{}{advice}", said(message))]
    Status {
        /// The method.
        method: String,
        /// The path, without the query.
        path: String,
        /// The HTTP status.
        status: u16,
        /// What the agent says, at most some hundred bytes.
        message: String,
        /// What to do about it, as the end of a sentence; empty if nothing is known.
        advice: String,
    },
    /// The agent answers something that is not what this endpoint answers.
    #[error("{method} {path}: {message}; is that address a Consul agent's?")]
    Answer {
        /// The method.
        method: String,
        /// The path, without the query.
        path: String,
        /// What is wrong with the answer.
        message: String,
    },
}

impl ClientError {
    /// The HTTP status, if the agent refused.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the cluster has no leader at the moment.
    #[must_use]
    pub fn is_no_leader(&self) -> bool {
        matches!(self, Self::Status { status: 500, message, .. } if message.contains("No cluster leader"))
    }

    /// Whether the cluster doesn't know the token: it was deleted, or has expired.
    #[must_use]
    pub fn is_unknown_token(&self) -> bool {
        matches!(self, Self::Status { status: 403, message, .. } if message.contains("ACL not found"))
    }

    /// Whether the same request may well succeed a little later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            // A certificate that is not accepted now will not be in a second.
            Self::Connect { message, .. } | Self::Cut { message, .. } => !is_lasting(message),
            Self::Silent { .. } => true,
            Self::Status { status, .. } => matches!(status, 429 | 500 | 502 | 503 | 504),
            Self::Options(_) | Self::Answer { .. } => false,
        }
    }
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" {message}") }
}

fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds > 0 { format!("{seconds} s") } else { format!("{} ms", duration.as_millis()) }
}

/// All an error has to say, causes behind it, without the URL (which may hold what a proxy wants).
pub(super) fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        cause = inner.source();
    }
    texts.join(": ")
}

/// What is said of no connection, and what to do about it.
pub(super) fn connect_message(error: reqwest::Error, has_certificate: bool) -> String {
    let text = chain(error);
    match of_connection(&text, has_certificate) {
        "" => text,
        advice => format!("{text}; {advice}"),
    }
}
