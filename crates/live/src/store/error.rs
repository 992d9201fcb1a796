//! Errors of stores.

use std::error::Error as _;
use std::io;

/// Why an operation on a store failed. The message names the store, and never a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file or folder.
    #[error("{path}: {doing}: {error}")]
    Io {
        /// Which.
        path: String,
        /// The operation.
        doing: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// A bucket.
    #[error("{store}: {doing}: {message}")]
    Remote {
        /// Which.
        store: String,
        /// The operation.
        doing: &'static str,
        /// The error of its server or connection, with advice.
        message: String,
        /// The consequence.
        kind: RemoteKind,
    },
    /// The leadership that allowed it has ended.
    #[error("stopped: leadership was lost")]
    LeaseEnded,
    /// An invalid name or option.
    #[error("{0}")]
    Options(String),
}

/// The consequence of a bucket's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteKind {
    /// A lock, a hold or a retention rule keeps the object until it ends.
    Locked,
    /// The server refuses this, and a retry would not help.
    Refused,
    /// Anything else, which may be temporary.
    Other,
}

impl StoreError {
    pub(super) fn remote(store: &str, doing: &'static str, error: &object_store::Error) -> Self {
        let message = message(error);
        let kind = match error {
            _ if is_locked(&message) => RemoteKind::Locked,
            object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. } => RemoteKind::Refused,
            _ if is_refused_in_a_batch(&message) => RemoteKind::Refused,
            _ => RemoteKind::Other,
        };
        Self::Remote { store: store.to_owned(), doing, message, kind }
    }

    /// Whether a lock, a hold or a retention rule of the store prevents the removal.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        matches!(self, Self::Remote { kind: RemoteKind::Locked, .. })
    }

    /// Whether only this one was refused, so that others may still be removed.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        match self {
            Self::Remote { kind, .. } => *kind == RemoteKind::Refused,
            Self::Io { error, .. } => matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied
                    | io::ErrorKind::IsADirectory
                    | io::ErrorKind::InvalidData
            ),
            Self::LeaseEnded | Self::Options(_) => false,
        }
    }
}

/// Whether Azure refused this one in a batch: it removes in batches, with a status for each part.
fn is_refused_in_a_batch(message: &str) -> bool {
    ["(code: 401)", "(code: 403)", "(code: 409)"].iter().any(|code| message.contains(code))
}

/// Whether a lock caused the refusal: S3 and compatible stores say so only in their text, Azure and
/// Google with special codes.
fn is_locked(message: &str) -> bool {
    const SAID: [&str; 11] = [
        "object lock",
        "objectlock",
        "worm",
        "immutable",
        "immutability",
        "retention policy",
        "retentionpolicy",
        "retention period",
        "legal hold",
        "legalhold",
        "activehold",
    ];
    let message = message.to_ascii_lowercase();
    SAID.iter().any(|said| message.contains(said))
}

/// The text of an error with its causes, without repetitions, and with advice.
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
    let advice = advice(&text).unwrap_or(match error {
        object_store::Error::PermissionDenied { .. } => {
            "; the credentials are missing a permission"
        }
        object_store::Error::Unauthenticated { .. } => "; the credentials are not accepted",
        _ => "",
    });
    format!("{}{advice}", without_xml(&text))
}

/// Advice by the server's error code.
fn advice(text: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 7] = [
        ("NoSuchBucket", "; the bucket does not exist"),
        ("ContainerNotFound", "; the container does not exist"),
        ("RequestTimeTooSkewed", "; this machine's clock is wrong: correct it"),
        ("InvalidAccessKeyId", "; the access key is unknown there"),
        ("SignatureDoesNotMatch", "; the secret key is wrong"),
        ("ExpiredToken", "; the session token has expired"),
        (
            "169.254.169.254",
            "; no credentials are configured, and this machine has no role of its \
                             own",
        ),
    ];
    KNOWN.iter().find(|(said, _)| text.contains(said)).map(|(_, advice)| *advice)
}

/// Reduces a server's XML error to its code and message; the rest is for the server's operators.
fn without_xml(text: &str) -> String {
    const END: &str = "</Error>";
    let begin = text.find("<?xml").or_else(|| text.find("<Error>"));
    let Some((before, rest)) = begin.and_then(|begin| text.split_at_checked(begin)) else {
        return text.to_owned();
    };
    let Some((xml, after)) = rest.split_once(END) else { return text.to_owned() };
    let element = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0.trim())
    };
    match (element("Code"), element("Message")) {
        (Some(code), Some(said)) => format!("{before}{code}, {said}{after}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_known_by_what_each_cloud_says() {
        for said in [
            "AccessDenied, Access Denied because object protected by object lock.",
            "AccessDenied, Object is WORM protected and cannot be overwritten",
            "ObjectLocked, Object is locked",
            "409 Conflict: BlobImmutableDueToPolicy, This operation is not permitted",
            "Object 'b/o' is subject to bucket's retention policy and cannot be deleted until 2027",
            "ObjectUnderActiveHold, Object is under active Temporary hold",
        ] {
            assert!(is_locked(said), "{said}");
        }
        assert!(!is_locked("403 Forbidden: AccessDenied, Access Denied; the credentials lack it"));
    }

    #[test]
    fn what_servers_say_in_xml_is_readable() {
        let text = "listing it: 404 Not Found: <?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
                    <Error><Code>NoSuchBucket</Code><Message>The bucket does not exist</Message>\
                    <BucketName>b</BucketName><RequestId>X</RequestId></Error> (once)";
        let said = "listing it: 404 Not Found: NoSuchBucket, The bucket does not exist (once)";
        assert_eq!(without_xml(text), said);
        assert_eq!(advice(text), Some("; the bucket does not exist"));
        for other in ["plain", "<?xml half", "<Error>no code</Error>", "<Error><Code>a</Error>"] {
            assert_eq!(without_xml(other), other);
        }
        assert_eq!(advice("plain"), None);
    }
}
