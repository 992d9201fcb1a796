//! One object.

use crate::json::{JsonText, Sink};
use crate::kind::ObjectKind;
use crate::value::{Node, Tape};
use std::borrow::Cow;

/// An object: its kind, and its fields as the HTTP API shows them.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its kind.
    pub kind: &'static ObjectKind,
    tape: Tape,
}

/// Equal objects have the same fields in the same order.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.tape == other.tape
    }
}

/// A waiting [`Row`], in about half of its memory.
#[derive(Debug, Clone)]
pub struct PackedRow {
    /// Its kind.
    pub kind: &'static ObjectKind,
    /// As [`Row::write`] writes it.
    pub bytes: Box<[u8]>,
}

impl PackedRow {
    /// The object; `None` if the bytes are not a row's.
    #[must_use]
    pub fn unpack(&self) -> Option<Row> {
        Row::read(self.kind, &self.bytes)
    }
}

impl Row {
    /// A row with no fields yet.
    #[must_use]
    pub const fn new(kind: &'static ObjectKind, tape: Tape) -> Self {
        Self { kind, tape }
    }

    /// A row for a copy of this one.
    #[must_use]
    pub fn copied(&self, copy: impl FnOnce(&mut Tape)) -> Self {
        let mut tape = Tape::as_long_as(&self.tape);
        copy(&mut tape);
        Self { kind: self.kind, tape }
    }

    /// The whole object.
    #[must_use]
    pub fn object(&self) -> Node<'_> {
        // A row's maker always writes an object; an empty tape reads as null.
        self.tape.node(0)
    }

    /// A field of the object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Node<'_>> {
        self.object().get(name)
    }

    /// A text field; empty if it is absent.
    #[must_use]
    pub fn text(&self, name: &str) -> &[u8] {
        self.get(name).and_then(|node| node.text()).unwrap_or(&[])
    }

    /// The object's ID as stored, which may not be UTF-8. The ID of an imported object starts with
    /// `peer:NAME/`.
    #[must_use]
    pub fn id(&self) -> Vec<u8> {
        let mut id = Vec::new();
        (self.kind.write_id)(self.object(), &mut id);
        id
    }

    /// The ID as text, with U+FFFD for every byte that is not UTF-8.
    #[must_use]
    pub fn id_text(&self) -> String {
        String::from_utf8_lossy(&self.id()).into_owned()
    }

    /// The ID and other names of the object (such as a policy's name), each once, without empty
    /// ones.
    #[must_use]
    pub fn names(&self) -> Vec<Cow<'_, [u8]>> {
        let mut names: Vec<Cow<'_, [u8]>> = vec![self.id().into()];
        for field in self.kind.names {
            let name = self.object().at(field.split('.')).and_then(|node| node.text());
            if let Some(name) = name
                && !names.iter().any(|known| known.as_ref() == name)
            {
                names.push(name.into());
            }
        }
        names.retain(|name| !name.is_empty());
        names
    }

    /// The object with more fields after its own, except those that it already has.
    #[must_use]
    pub fn with_texts(&self, fields: &[(&str, Option<String>)]) -> Self {
        let mut tape = Tape::new();
        tape.begin_object();
        for (name, value) in self.object().members() {
            tape.key(name);
            value.render(&mut tape);
        }
        for (name, text) in fields.iter().filter(|(name, _)| self.get(name).is_none()) {
            tape.key(name.as_bytes());
            match text {
                Some(text) => tape.text(text.as_bytes()),
                None => tape.null(),
            }
        }
        tape.end_object();
        Self { kind: self.kind, tape }
    }

    /// The object as few bytes.
    #[must_use]
    pub fn pack(&self) -> PackedRow {
        PackedRow { kind: self.kind, bytes: self.tape.packed() }
    }

    /// Serialises the object for [`read`](Self::read); equal objects yield equal bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.tape.write(out);
    }

    /// Reads the output of [`write`](Self::write); `None` for anything else.
    #[must_use]
    pub fn read(kind: &'static ObjectKind, bytes: &[u8]) -> Option<Self> {
        Some(Self { kind, tape: Tape::read(bytes)? })
    }

    /// Writes the whole object.
    pub fn render<S: Sink>(&self, sink: &mut S) {
        self.object().render(sink);
    }

    /// The whole object as compact JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = JsonText::new();
        self.render(&mut json);
        json.into_bytes()
    }

    /// See [`ObjectKind::key_of`].
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        self.kind.key_of(self.object())
    }

    /// See [`ObjectKind::order_of`].
    #[must_use]
    pub fn order(&self) -> Vec<u8> {
        self.kind.order_of(self.object())
    }

    pub(super) fn tape_mut(&mut self) -> &mut Tape {
        &mut self.tape
    }
}
