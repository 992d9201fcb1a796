//! Why a request has no good answer, and what to do about it.

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
    #[error("{method} {path}: {status}{}{}", said(message), advice(*status, message))]
    Status {
        /// The method.
        method: String,
        /// The path, without the query.
        path: String,
        /// The HTTP status.
        status: u16,
        /// What the agent says, at most some hundred bytes.
        message: String,
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
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Silent { .. } | Self::Cut { .. } => true,
            Self::Status { status, .. } => matches!(status, 429 | 500 | 502 | 503 | 504),
            Self::Options(_) | Self::Answer { .. } => false,
        }
    }
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" {message}") }
}

/// What to do about a refusal.
fn advice(status: u16, message: &str) -> &'static str {
    match status {
        400 if message.contains("HTTPS server") => {
            "; this port speaks https: write https:// in front of the address"
        }
        401 => {
            "; the agent or a proxy in front of it wants a login: CONSUL_HTTP_AUTH=USER:PASSWORD"
        }
        403 if message.contains("ACL not found") => {
            "; the cluster doesn't know this token: it was deleted, has expired, or is another \
             cluster's (a restore brings back the tokens of the snapshot)"
        }
        403 => {
            "; the token lacks a permission (snapshots need acl = \"write\"): give another one by \
             -token-file, CONSUL_HTTP_TOKEN_FILE or CONSUL_HTTP_TOKEN"
        }
        404 => "; is that address a Consul agent's HTTP API, and not a proxy's or the DNS port?",
        429 => "; the server limits how often it may be asked: try again later",
        500 if message.contains("No cluster leader") => {
            "; the cluster has no leader: see `consul operator raft list-peers` on a server, and \
             its log; saving with -stale asks any server"
        }
        500 if message.contains("No path to datacenter") => {
            "; the agent doesn't know that datacenter: see `consul catalog datacenters`"
        }
        502..=504 => "; a proxy in front of the agent doesn't reach it",
        _ => "",
    }
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

/// What to do when there is no connection.
pub(super) fn connect_message(error: reqwest::Error) -> String {
    let text = chain(error);
    let advice = if text.contains("UnknownIssuer") || text.contains("invalid peer certificate") {
        if text.contains("not valid for name") || text.contains("NotValidForName") {
            "the server's certificate is for another name: give it by -tls-server-name"
        } else {
            "the server's certificate is not of a known CA: give the right one by -ca-file or \
             CONSUL_CACERT"
        }
    } else if text.contains("CertificateRequired") || text.contains("HandshakeFailure") {
        "the server wants a client certificate it knows: -client-cert and -client-key"
    } else if text.contains("InvalidContentType") || text.contains("corrupt message") {
        "this port doesn't speak TLS: write http:// in front of the address"
    } else if text.contains("refused") || text.contains("No such file") {
        "nothing listens there: is the agent running, and is -http-addr (CONSUL_HTTP_ADDR) its \
         address?"
    } else if text.contains("dns error") || text.contains("lookup") {
        "the name can't be resolved"
    } else {
        return text;
    };
    format!("{text}; {advice}")
}
