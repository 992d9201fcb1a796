//! A successful answer of a handler.

use super::pages::Pages;
use crate::request::Consistency;
use crate::state::View;

/// A body.
pub(crate) enum Body {
    Bytes(Vec<u8>),
    /// The first page, and the source of the following ones.
    Pages {
        first: Vec<u8>,
        rest: Box<dyn Pages>,
    },
}

/// The type of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// JSON. `?pretty` indents it.
    Json,
    /// Plain text without a charset: a key's value.
    Raw,
    /// Plain text.
    Text,
    /// Plain text without a charset.
    PlainText,
    /// PEM certificates.
    Pem,
    /// A snapshot.
    Gzip,
    /// An empty body without a content type.
    None,
}

/// An answer, without the headers that its endpoint always sends.
pub(crate) struct Found {
    pub(crate) status: u16,
    pub(crate) media: Media,
    pub(crate) body: Body,
    /// The index of the answer.
    pub(crate) index: u64,
    /// Whether objects were left out that the token may not read.
    pub(crate) is_filtered: bool,
    /// Whether the answer says that there is a leader. Servers deny it if they answered without a
    /// look at the state.
    pub(crate) knows_leader: bool,
    /// The consistency of the answer, if it differs from the requested one.
    pub(crate) consistency: Option<Consistency>,
    /// Whether the state was consulted. If not, the answer has no headers about it.
    pub(crate) is_about_state: bool,
    /// Headers of this answer only.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Found {
    /// Creates a JSON answer at an index.
    pub(crate) fn json(index: u64, json: Vec<u8>) -> Self {
        Self::of(200, Media::Json, Body::Bytes(json), index)
    }

    /// Creates a JSON answer at an index from pages. If one page suffices, it becomes a whole body.
    pub(crate) fn pages(view: &View<'_>, index: u64, mut pages: Box<dyn Pages>) -> Self {
        let first = pages.next(view).unwrap_or_default();
        let body = match pages.is_done() {
            true => Body::Bytes(first),
            false => Body::Pages { first, rest: pages },
        };
        Self::of(200, Media::Json, body, index)
    }

    /// Creates an answer with a status and no body, at an index.
    pub(crate) fn nothing(index: u64, status: u16) -> Self {
        Self::of(status, Media::None, Body::Bytes(Vec::new()), index)
    }

    /// Creates a text answer at an index, for something that was not found.
    pub(crate) fn text(index: u64, status: u16, text: impl Into<Vec<u8>>) -> Self {
        Self::of(status, Media::Text, Body::Bytes(text.into()), index)
    }

    /// Creates any other answer.
    pub(crate) const fn of(status: u16, media: Media, body: Body, index: u64) -> Self {
        Self {
            status,
            media,
            body,
            index,
            is_filtered: false,
            knows_leader: true,
            consistency: None,
            is_about_state: true,
            headers: Vec::new(),
        }
    }

    /// Records whether objects were left out that the token may not read.
    pub(crate) const fn filtered(mut self, is_filtered: bool) -> Self {
        self.is_filtered = is_filtered;
        self
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
