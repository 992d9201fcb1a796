//! A line of the log: one entry, or one operation of a transaction.

use crate::times;
use snapscope_decode::GoTime;
use snapscope_objects::filter::Shape;
use snapscope_objects::json::Sink;
use snapscope_raftlog::EntryKind;
use std::borrow::Cow;

/// What is known of an entry, or of an operation in it.
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
    /// The larger command that it is a part of.
    pub(crate) part_of: Option<PartOf>,
}

/// A command that takes several entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartOf {
    /// Its number.
    pub(crate) operation: u64,
    /// Whether this entry completes it, and says what it is.
    pub(crate) is_last: bool,
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

/// The fields that say what was written, and by whom.
const WRITE: [&str; 6] = ["type", "op", "object", "accessor", "who", "auth_method"];

impl Line<'_> {
    /// The fields, for filters.
    pub(crate) fn shape() -> Shape {
        Self::shape_with(
            &[("index", Shape::Uint)],
            vec![("effect", Shape::Text), ("changes", Shape::Uint)],
        )
    }

    /// The fields with others first, and between what was written and what is said besides.
    pub(crate) fn shape_with(
        first: &[(&'static str, Shape)],
        then: Vec<(&'static str, Shape)>,
    ) -> Shape {
        let mut fields = first.to_vec();
        fields.extend([("term", Shape::Uint), ("time", Shape::Text)]);
        fields.extend(WRITE.map(|name| (name, Shape::Text)));
        fields.extend(then);
        fields.extend([("reason", Shape::Text), ("bytes", Shape::Uint)]);
        Shape::Fields(fields)
    }

    /// Gives all fields; what is not known is null.
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

    /// What was written, and by whom.
    pub(crate) fn write(&self, sink: &mut impl Sink) {
        for (name, text) in WRITE.into_iter().zip(self.written()) {
            optional(sink, name, text);
        }
    }

    /// The same as texts, in the order of [`WRITE`].
    pub(crate) fn written(&self) -> [&[u8]; WRITE.len()] {
        [self.kind.as_bytes(), &self.op, &self.object, self.accessor, self.who, self.auth_method]
    }

    /// What is said besides.
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
