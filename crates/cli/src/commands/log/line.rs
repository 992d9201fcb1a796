//! A line of the log: one entry, or one operation of a transaction.

use jiff::Timestamp;
use snapscope_decode::GoTime;
use snapscope_objects::filter::Shape;
use snapscope_objects::json::Sink;
use snapscope_raftlog::EntryKind;
use std::borrow::Cow;

/// What is known of an entry, or of an operation in it.
#[derive(Debug, Clone)]
pub(crate) struct Line<'i> {
    pub(crate) index: u64,
    pub(crate) term: u64,
    pub(crate) time: Option<GoTime>,
    /// The type of the command, or of the entry.
    pub(crate) kind: Cow<'static, str>,
    pub(crate) op: Vec<u8>,
    /// Kind and ID.
    pub(crate) object: Vec<u8>,
    pub(crate) accessor: &'i [u8],
    /// The token's description, or what else is known of it.
    pub(crate) who: &'i [u8],
    pub(crate) auth_method: &'i [u8],
    pub(crate) effect: Option<&'static str>,
    /// Records that were changed, if that is known.
    pub(crate) changes: Option<u64>,
    /// Why a write was refused, or its effect is not known.
    pub(crate) reason: Cow<'static, str>,
    /// Bytes of the entry.
    pub(crate) bytes: u64,
}

/// The name of a kind of entries other than commands.
pub(crate) fn entry_name(kind: EntryKind) -> Cow<'static, str> {
    match kind {
        EntryKind::Command => "Command".into(),
        EntryKind::Noop => "Noop".into(),
        EntryKind::AddPeer => "AddPeer".into(),
        EntryKind::RemovePeer => "RemovePeer".into(),
        EntryKind::Barrier => "Barrier".into(),
        EntryKind::Configuration => "Configuration".into(),
        EntryKind::Unknown(number) => format!("Unknown({number})").into(),
    }
}

/// A time in RFC 3339, UTC, with the fraction it has.
pub(crate) fn shown_time(time: GoTime) -> String {
    Timestamp::new(time.unix_seconds(), time.nanos)
        .map_or_else(|_| format!("second {} of year 1", time.seconds), |time| time.to_string())
}

impl Line<'_> {
    /// The fields, for filters.
    pub(crate) fn shape() -> Shape {
        Shape::Fields(vec![
            ("index", Shape::Uint),
            ("term", Shape::Uint),
            ("time", Shape::Text),
            ("type", Shape::Text),
            ("op", Shape::Text),
            ("object", Shape::Text),
            ("accessor", Shape::Text),
            ("who", Shape::Text),
            ("auth_method", Shape::Text),
            ("effect", Shape::Text),
            ("changes", Shape::Uint),
            ("reason", Shape::Text),
            ("bytes", Shape::Uint),
        ])
    }

    /// Gives all fields; what is not known is null.
    pub(crate) fn render(&self, sink: &mut impl Sink) {
        let text = |sink: &mut _, name: &str, value: &[u8]| optional(sink, name, value);
        sink.begin_object();
        sink.key(b"index");
        sink.uint(self.index);
        sink.key(b"term");
        sink.uint(self.term);
        text(sink, "time", self.time.map(shown_time).unwrap_or_default().as_bytes());
        text(sink, "type", self.kind.as_bytes());
        text(sink, "op", &self.op);
        text(sink, "object", &self.object);
        text(sink, "accessor", self.accessor);
        text(sink, "who", self.who);
        text(sink, "auth_method", self.auth_method);
        text(sink, "effect", self.effect.unwrap_or_default().as_bytes());
        sink.key(b"changes");
        match self.changes {
            Some(changes) => sink.uint(changes),
            None => sink.null(),
        }
        text(sink, "reason", self.reason.as_bytes());
        sink.key(b"bytes");
        sink.uint(self.bytes);
        sink.end_object();
    }
}

fn optional(sink: &mut impl Sink, name: &str, value: &[u8]) {
    sink.key(name.as_bytes());
    if value.is_empty() { sink.null() } else { sink.text(value) }
}
