//! Errors of requests, with advice.

use super::advice::{is_lasting, of_connection};
use std::error::Error as _;
use std::time::Duration;

/// Why a request failed. The message has advice where possible, and never a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The options are invalid: a wrong address, an unreadable file.
    #[error("{0}")]
    Options(String),
    /// The connection to the agent failed.
    #[error("no connection to {address}: {message}")]
    Connect {
        /// The agent's.
        address: String,
        /// The error of the system or TLS, with advice.
        message: String,
    },
    /// No data arrived for too long.
    #[error(
        "{address} was silent for {} while {doing}; the server may be stuck or the network down; a \
         longer --timeout waits longer",
        human(*after)
    )]
    Silent {
        /// The agent's address.
        address: String,
        /// What was being done.
        doing: String,
        /// The waiting time.
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
        /// The agent's text, at most a few hundred bytes.
        message: String,
        /// Advice, as the end of a sentence; empty if unknown.
        advice: String,
    },
    /// The answer does not fit the endpoint.
    #[error("{method} {path}: {message}; check that the address is a Consul agent's")]
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

    /// Whether the cluster does not know the token, because it was deleted or has expired.
    #[must_use]
    pub fn is_unknown_token(&self) -> bool {
        matches!(self, Self::Status { status: 403, message, .. } if message.contains("ACL not found"))
    }

    /// Whether the same request may succeed a little later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            // A rejected certificate stays rejected.
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

/// What the layers above the system call any failed connection.
const WRAPPINGS: [&str; 3] =
    ["error sending request", "client error (Connect)", "tcp connect error"];

/// The text of an error with its causes, without the URL (which may contain a proxy's credentials).
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
    // They say nothing beside a cause.
    let is_wrapping = |text: &String| WRAPPINGS.contains(&text.as_str());
    if texts.iter().any(|text| !is_wrapping(text)) {
        texts.retain(|text| !is_wrapping(text));
    }
    texts.join(": ")
}

/// The message about a failed connection, with advice.
pub(super) fn connect_message(error: reqwest::Error, has_certificate: bool) -> String {
    let text = chain(error);
    match of_connection(&text, has_certificate) {
        "" => text,
        advice => format!("{text}; {advice}"),
    }
}
