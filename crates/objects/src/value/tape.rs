//! One object as a flat list of pieces.
//!
//! A tree of boxed nodes would need an allocation per value. The tape needs none once it has grown
//! to the size of the largest object, and a million rows can use the same tape.

use super::projection::Projection;
use crate::json::Sink;
use std::ops::Range;

/// A rendered value: JSON's tree with integers exact, text as stored, and bytes not yet in base64.
///
/// It is a [`Sink`], so any renderer can fill it; [`Tape::root`] walks its content.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    pub(super) pieces: Vec<Piece>,
    pub(super) bytes: Vec<u8>,
    /// The starts of open lists and objects.
    open: Vec<usize>,
    projection: Projection,
    /// Depth of the objects whose fields are selected.
    around: usize,
}

/// A piece: a value without members, a key, or the start of a list or object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Piece {
    Null,
    Bool(bool),
    Uint(u64),
    Int(i64),
    Float(f64),
    Float32(f32),
    Text(Span),
    Bytes(Span),
    Key(Span),
    List { end: usize },
    Object { end: usize },
}

/// Where a text is among the tape's bytes. Each number has five bytes, enough for a tebibyte, so
/// that a piece takes 16 bytes and not 24: objects with many small members consist of little else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    at: [u8; 5],
    len: [u8; 5],
}

impl Span {
    pub(super) fn new(at: usize, len: usize) -> Self {
        let five = |n: usize| {
            let [a, b, c, d, e, ..] = (n as u64).to_le_bytes();
            [a, b, c, d, e]
        };
        Self { at: five(at), len: five(len) }
    }

    pub(super) fn len(self) -> usize {
        Self::number(self.len)
    }

    fn range(self) -> Range<usize> {
        let at = Self::number(self.at);
        at..at.saturating_add(self.len())
    }

    fn number([a, b, c, d, e]: [u8; 5]) -> usize {
        // It came from a `usize`.
        usize::try_from(u64::from_le_bytes([a, b, c, d, e, 0, 0, 0])).unwrap_or(usize::MAX)
    }
}

/// Whether the same was written, regardless of the selected fields.
impl PartialEq for Tape {
    fn eq(&self, other: &Self) -> bool {
        self.pieces == other.pieces && self.bytes == other.bytes
    }
}

impl Tape {
    /// Creates an empty tape for all fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an empty tape for some fields of the outermost object.
    #[must_use]
    pub fn only(projection: Projection) -> Self {
        Self { projection, ..Self::default() }
    }

    /// Creates an empty tape for some fields of the objects in the outermost one.
    pub(crate) fn only_inside(projection: Projection) -> Self {
        Self { projection, around: 1, ..Self::default() }
    }

    /// Creates an empty tape with room for as much as is on another one.
    pub(crate) fn as_long_as(other: &Self) -> Self {
        Self {
            pieces: Vec::with_capacity(other.pieces.len()),
            bytes: Vec::with_capacity(other.bytes.len()),
            ..Self::default()
        }
    }

    /// Clears it, but keeps its memory.
    pub fn clear(&mut self) {
        self.pieces.clear();
        self.bytes.clear();
        self.open.clear();
    }

    fn keep(&mut self, bytes: &[u8]) -> Span {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        Span::new(at, bytes.len())
    }

    fn begin(&mut self, piece: Piece) {
        self.open.push(self.pieces.len());
        self.pieces.push(piece);
    }

    fn end(&mut self) {
        let behind = self.pieces.len();
        let start = self.open.pop().and_then(|at| self.pieces.get_mut(at));
        if let Some(Piece::List { end } | Piece::Object { end }) = start {
            *end = behind;
        }
    }

    pub(super) fn slice(&self, span: Span) -> &[u8] {
        self.bytes.get(span.range()).unwrap_or(&[])
    }

    /// Returns the index of the value after the one at `at`.
    pub(super) fn behind(&self, at: usize) -> usize {
        match self.pieces.get(at) {
            // An unterminated list would block its reader forever.
            Some(Piece::List { end } | Piece::Object { end }) => (*end).max(at + 1),
            _ => at + 1,
        }
    }
}

impl Sink for Tape {
    fn null(&mut self) {
        self.pieces.push(Piece::Null);
    }

    fn bool(&mut self, b: bool) {
        self.pieces.push(Piece::Bool(b));
    }

    fn uint(&mut self, n: u64) {
        self.pieces.push(Piece::Uint(n));
    }

    fn int(&mut self, n: i64) {
        self.pieces.push(u64::try_from(n).map_or(Piece::Int(n), Piece::Uint));
    }

    fn float(&mut self, x: f64) {
        self.pieces.push(Piece::Float(x));
    }

    fn float32(&mut self, x: f32) {
        self.pieces.push(Piece::Float32(x));
    }

    fn text(&mut self, text: &[u8]) {
        let span = self.keep(text);
        self.pieces.push(Piece::Text(span));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let span = self.keep(bytes);
        self.pieces.push(Piece::Bytes(span));
    }

    fn begin_list(&mut self) {
        self.begin(Piece::List { end: 0 });
    }

    fn end_list(&mut self) {
        self.end();
    }

    fn begin_object(&mut self) {
        self.begin(Piece::Object { end: 0 });
    }

    fn key(&mut self, key: &[u8]) {
        let span = self.keep(key);
        self.pieces.push(Piece::Key(span));
    }

    fn end_object(&mut self) {
        self.end();
    }

    fn wants(&self, key: &[u8]) -> bool {
        self.open.len() != self.around + 1 || self.projection.has(key)
    }
}
