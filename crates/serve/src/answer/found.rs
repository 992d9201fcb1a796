//! What a handler found.

use super::pages::Pages;
use crate::request::Consistency;
use crate::state::View;

/// A body.
pub(crate) enum Body {
    Bytes(Vec<u8>),
    /// Its beginning, and what makes the rest.
    Pages {
        first: Vec<u8>,
        rest: Box<dyn Pages>,
    },
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// JSON, which `?pretty` lays out.
    Json,
    /// Plain text without a charset: a key's value.
    Raw,
    /// Plain text.
    Text,
    /// The same without a charset.
    PlainText,
    /// Certificates.
    Pem,
    /// A snapshot.
    Gzip,
    /// No body, and no word about it.
    None,
}

/// An answer, without the headers that its endpoint always has.
pub(crate) struct Found {
    pub(crate) status: u16,
    pub(crate) media: Media,
    pub(crate) body: Body,
    /// The index of what was found.
    pub(crate) index: u64,
    /// Whether the token's rights left something out.
    pub(crate) is_filtered: bool,
    /// Whether there is a leader: servers deny it where they answer without having looked.
    pub(crate) knows_leader: bool,
    /// The consistency of the answer, if it is not the requested one.
    pub(crate) consistency: Option<Consistency>,
    /// Whether the state was asked at all: otherwise there are no headers about it.
    pub(crate) is_about_state: bool,
    /// Headers of this answer alone.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Found {
    /// JSON, at an index.
    pub(crate) fn json(index: u64, json: Vec<u8>) -> Self {
        Self::of(200, Media::Json, Body::Bytes(json), index)
    }

    /// The same, made page by page; one that fits into a page is whole.
    pub(crate) fn pages(view: &View<'_>, index: u64, mut pages: Box<dyn Pages>) -> Self {
        let first = pages.next(view).unwrap_or_default();
        let body = match pages.is_done() {
            true => Body::Bytes(first),
            false => Body::Pages { first, rest: pages },
        };
        Self::of(200, Media::Json, body, index)
    }

    /// Nothing: a status without a body, at an index.
    pub(crate) fn nothing(index: u64, status: u16) -> Self {
        Self::of(status, Media::None, Body::Bytes(Vec::new()), index)
    }

    /// Text in place of what was looked for, at an index.
    pub(crate) fn text(index: u64, status: u16, text: impl Into<Vec<u8>>) -> Self {
        Self::of(status, Media::Text, Body::Bytes(text.into()), index)
    }

    /// Any other.
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

    /// Says that the token's rights left something out.
    pub(crate) const fn filtered(mut self, is_filtered: bool) -> Self {
        self.is_filtered = is_filtered;
        self
    }

    /// With a header of its own.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
