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
    let advice = advice(&text).unwrap_or(match error {
        object_store::Error::PermissionDenied { .. } => "; the credentials lack a permission",
        object_store::Error::Unauthenticated { .. } => "; the credentials are not accepted",
        _ => "",
    });
    format!("{}{advice}", without_xml(&text))
}

/// What to do, by what servers call it.
fn advice(text: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 7] = [
        ("NoSuchBucket", "; there is no such bucket"),
        ("ContainerNotFound", "; there is no such container"),
        ("RequestTimeTooSkewed", "; this machine's clock is wrong: set it"),
        ("InvalidAccessKeyId", "; the access key is not known there"),
        ("SignatureDoesNotMatch", "; the secret key is another one"),
        ("ExpiredToken", "; the session token has expired"),
        ("169.254.169.254", "; no credentials are given, and this machine has no role of its own"),
    ];
    KNOWN.iter().find(|(said, _)| text.contains(said)).map(|(_, advice)| *advice)
}

/// The text with what a server says in XML as code and message; the rest of it is for the server's own
/// people.
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
    fn what_servers_say_in_xml_is_readable() {
        let text = "listing it: 404 Not Found: <?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
                    <Error><Code>NoSuchBucket</Code><Message>The bucket does not exist</Message>\
                    <BucketName>b</BucketName><RequestId>X</RequestId></Error> (once)";
        let said = "listing it: 404 Not Found: NoSuchBucket, The bucket does not exist (once)";
        assert_eq!(without_xml(text), said);
        assert_eq!(advice(text), Some("; there is no such bucket"));
        for other in ["plain", "<?xml half", "<Error>no code</Error>", "<Error><Code>a</Error>"] {
            assert_eq!(without_xml(other), other);
        }
        assert_eq!(advice("plain"), None);
    }
}
