//! Requests as Consul's handlers read them.

mod host;
mod options;
mod path;
mod query;

pub(crate) use host::Hosts;
pub(crate) use options::{Consistency, Options, Wait};
pub(crate) use path::cleaned;
pub(crate) use query::Query;

use hyper::header::{AUTHORIZATION, HeaderMap};

/// The header that carries a token.
const TOKEN_HEADER: &str = "x-consul-token";

/// A request with its whole body.
pub(crate) struct Request {
    /// The method, as sent.
    pub(crate) method: String,
    /// The prefix of the path that names the snapshot; empty for the first one.
    pub(crate) prefix: String,
    /// The rest of the path, as sent.
    pub(crate) sent_path: String,
    /// The rest of the path, decoded.
    pub(crate) path: Vec<u8>,
    /// The decoded parameters.
    pub(crate) query: Query,
    /// The parameters, as sent.
    pub(crate) sent_query: String,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The token of the request: the parameter takes precedence over `X-Consul-Token`, and that
    /// over `Authorization: Bearer`. `None` if it has none.
    pub(crate) fn token(&self) -> Option<&str> {
        let text = |bytes| std::str::from_utf8(bytes).ok().filter(|text: &&str| !text.is_empty());
        let parameter = self.query.get("token").and_then(text);
        let header = || text(self.headers.get(TOKEN_HEADER)?.as_bytes());
        parameter.or_else(header).or_else(|| {
            let value = text(self.headers.get(AUTHORIZATION)?.as_bytes())?;
            let (scheme, token) = value.split_once(' ')?;
            (scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim()).filter(|t| !t.is_empty())
        })
    }

    /// A header's value, if it is text and not empty.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().filter(|value| !value.is_empty())
    }
}
