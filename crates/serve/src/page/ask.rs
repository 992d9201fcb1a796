//! A question that the page asks.

use super::facts::unread;
use super::reply::Reply;
use crate::authorizer::Who;
use crate::request::Query;
use crate::state::View;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_analyze::{Inspection, OriginFacts};
use snapscope_objects::printable::one_line;
use snapscope_report::Facts;

/// A question about a snapshot, and the reader whose rights apply.
pub(crate) struct Ask<'a> {
    pub(crate) view: &'a View<'a>,
    pub(crate) query: &'a Query,
    pub(crate) who: Who<'a>,
}

/// Maximum number of characters of a name.
const LONGEST: usize = 300;

impl<'a> Ask<'a> {
    /// Creates a question. The first of the reader's Consul tokens that the snapshot contains
    /// decides the rights.
    pub(crate) fn new(view: &'a View<'a>, query: &'a Query, secrets: &[String]) -> Self {
        let known = secrets.iter().find(|secret| view.authorizer.token_of(secret).is_some());
        let who = view.authorizer.who(known.map(String::as_str));
        Self { view, query, who }
    }

    /// The counts of `inspect`, and the cluster.
    pub(crate) fn quick(&self) -> Result<&'a (Inspection, OriginFacts), Reply> {
        self.view.facts.counts.as_ref().ok_or_else(unread)
    }

    /// All facts.
    pub(crate) fn facts(&self) -> Result<&'a Facts, Reply> {
        self.view.page.all(self.view.spool, self.view.facts, self.view.settings)
    }

    /// Whether the reader has a permission.
    pub(crate) fn may(&self, resource: Resource, access: Access, segment: &[u8]) -> bool {
        self.view.authorizer.allows(&self.who, resource, access, segment)
    }

    /// Whether the reader may see views of the whole snapshot: they need the permissions for taking
    /// a snapshot.
    pub(crate) fn whole(&self) -> Result<(), Reply> {
        match self.may(Resource::Acl, Access::Write, b"") {
            true => Ok(()),
            false => Err(Reply::denied("acl:write, as taking a snapshot does")),
        }
    }

    /// Describes whose rights apply; `None` for a reader without a token.
    pub(crate) fn reader(&self) -> Option<String> {
        match &self.who {
            Who::Token(token, true) => {
                let accessor: String = token.accessor.to_string().chars().take(8).collect();
                let description = shown(token.description.as_bytes());
                Some(if description.is_empty() {
                    accessor
                } else {
                    format!("{description} ({accessor})")
                })
            }
            _ => None,
        }
    }

    /// A text parameter; empty if it is missing.
    pub(crate) fn text(&self, name: &str) -> String {
        self.query.text(name)
    }

    /// A percent-encoded parameter that names something in the snapshot.
    pub(crate) fn name(&self, name: &str) -> Vec<u8> {
        let sent = self.query.get(name).unwrap_or(b"");
        percent_encoding::percent_decode(sent).collect()
    }

    /// A number; 0 if it is missing.
    pub(crate) fn number(&self, name: &str) -> usize {
        self.text(name).parse().unwrap_or(0)
    }

    /// A side length of a picture, within bounds.
    pub(crate) fn side(&self, name: &str, default: f64) -> f64 {
        let side = self.text(name).parse::<f64>().ok().filter(|side| side.is_finite());
        side.map_or(default, |side| side.clamp(100.0, 4000.0))
    }

    /// The snapshot on a command line.
    pub(crate) fn file(&self) -> String {
        quoted(self.view.source.name().as_bytes(), "FILE")
    }

    /// A command line about the snapshot.
    pub(crate) fn command(&self, words: &str) -> String {
        format!("snapscope {words} {}", self.file())
    }

    /// A name for display: on one line, of limited length, and masked if it contains a secret.
    pub(crate) fn shown(&self, name: &[u8]) -> String {
        let masked = self.view.page.scanner.masked_key(name);
        shown(masked.as_deref().unwrap_or(name))
    }
}

/// A word as shells take it; `other` if it cannot be displayed as it is.
pub(crate) fn quoted(word: &[u8], other: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,+@%=".contains(c);
    match std::str::from_utf8(word) {
        Ok(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        Ok(text) if one_line(word) == text => format!("'{}'", text.replace('\'', r"'\''")),
        _ => other.to_owned(),
    }
}

/// A name on one line, of limited length.
pub(crate) fn shown(name: &[u8]) -> String {
    let text = one_line(name.get(..LONGEST * 4).unwrap_or(name));
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            format!("{}\u{2026} ({} bytes)", text.get(..end).unwrap_or(&text), name.len())
        }
        None => text,
    }
}

/// A name for URLs: percent-encoded, whatever its bytes are.
pub(crate) fn reference(name: &[u8]) -> String {
    percent_encode(name, NON_ALPHANUMERIC).to_string()
}
