//! A line of the log: one entry, or one operation of a transaction.

use crate::times;
use snapscope_decode::GoTime;
use snapscope_objects::filter::Shape;
use snapscope_objects::json::Sink;
use snapscope_raftlog::EntryKind;
use std::borrow::Cow;

/// What is known about an entry, or about one operation in it.
#[derive(Debug, Clone, Default)]
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
    /// The token's description, or other facts about it.
    pub(crate) who: &'i [u8],
    pub(crate) auth_method: &'i [u8],
    pub(crate) effect: Option<&'static str>,
    /// Number of changed records, if known.
    pub(crate) changes: Option<u64>,
    /// Why a write was refused, or why its effect is unknown.
    pub(crate) reason: Cow<'static, str>,
    /// Bytes of the entry.
    pub(crate) bytes: u64,
    /// Whether it deleted the requested key or one below it, if that is known.
    pub(crate) deletes_requested: Option<bool>,
    /// The larger command that it belongs to.
    pub(crate) part_of: Option<PartOf>,
}

/// A command that takes several entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartOf {
    /// Its number.
    pub(crate) operation: u64,
    /// Whether this entry completes the command.
    pub(crate) is_last: bool,
}

/// The name of an entry's type, if it is not a command.
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

/// The fields about the write and its author.
const WRITE: [&str; 6] = ["type", "op", "object", "accessor", "who", "auth_method"];

/// Fields of a line: names in order, with their shapes.
pub(crate) type LineFields = Vec<(&'static str, Shape)>;

impl Line<'_> {
    /// The fields, for filters.
    pub(crate) fn shape() -> Shape {
        Shape::Fields(Self::fields())
    }

    /// The fields, in order.
    pub(crate) fn fields() -> LineFields {
        Self::fields_with(
            &[("index", Shape::Uint)],
            vec![("effect", Shape::Text), ("changes", Shape::Uint)],
        )
    }

    /// All fields, with further ones first and between the write and the remarks.
    pub(crate) fn fields_with(first: &[(&'static str, Shape)], then: LineFields) -> LineFields {
        let mut fields = first.to_vec();
        fields.extend([("term", Shape::Uint), ("time", Shape::Text)]);
        fields.extend(WRITE.map(|name| (name, Shape::Text)));
        fields.extend(then);
        fields.extend([("reason", Shape::Text), ("bytes", Shape::Uint)]);
        fields
    }

    /// Passes on all fields; unknown values are null.
    pub(crate) fn render(&self, sink: &mut impl Sink) {
        sink.begin_object();
        self.place(sink);
        self.write(sink);
        optional(sink, "effect", self.effect.unwrap_or_default().as_bytes());
        sink.name("changes");
        match self.changes {
            Some(changes) => sink.uint(changes),
            None => sink.null(),
        }
        self.rest(sink);
        sink.end_object();
    }

    /// Which entry it is.
    pub(crate) fn place(&self, sink: &mut impl Sink) {
        sink.name("index");
        sink.uint(self.index);
        sink.name("term");
        sink.uint(self.term);
        let time = self.time.map(times::exact).unwrap_or_default();
        optional(sink, "time", time.as_bytes());
    }

    /// The write and its author.
    pub(crate) fn write(&self, sink: &mut impl Sink) {
        for (name, text) in WRITE.into_iter().zip(self.written()) {
            optional(sink, name, text);
        }
    }

    /// The same fields as text, in the order of [`WRITE`].
    pub(crate) fn written(&self) -> [&[u8]; WRITE.len()] {
        [self.kind.as_bytes(), &self.op, &self.object, self.accessor, self.who, self.auth_method]
    }

    /// The remaining fields.
    pub(crate) fn rest(&self, sink: &mut impl Sink) {
        optional(sink, "reason", self.reason.as_bytes());
        sink.name("bytes");
        sink.uint(self.bytes);
    }
}

fn optional(sink: &mut impl Sink, name: &'static str, value: &[u8]) {
    sink.name(name);
    if value.is_empty() { sink.null() } else { sink.text(value) }
}
