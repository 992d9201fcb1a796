//! Walks over a tape.

use super::tape::{Piece, Tape};
use crate::json::Sink;

/// A value on a tape.
#[derive(Debug, Clone, Copy)]
pub struct Node<'t> {
    tape: &'t Tape,
    at: usize,
}

/// The type of a value.
#[derive(Debug, Clone, Copy)]
pub enum Json<'t> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer that is not negative.
    Uint(u64),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A 32-bit float.
    Float32(f32),
    /// Text as stored, which may not be UTF-8.
    Text(&'t [u8]),
    /// Bytes, which JSON shows in base64.
    Bytes(&'t [u8]),
    /// A list.
    List(Items<'t>),
    /// An object.
    Object(Members<'t>),
}

/// The values of a list, in order.
#[derive(Debug, Clone, Copy)]
pub struct Items<'t> {
    tape: &'t Tape,
    at: usize,
    end: usize,
}

/// The members of an object, in order.
#[derive(Debug, Clone, Copy)]
pub struct Members<'t> {
    tape: &'t Tape,
    at: usize,
    end: usize,
}

impl Tape {
    /// Returns the outermost value, if one was written.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.pieces.is_empty()).then_some(Node { tape: self, at: 0 })
    }

    /// Returns the value at an index; `null` if nothing was written there.
    pub(crate) const fn node(&self, at: usize) -> Node<'_> {
        Node { tape: self, at }
    }
}

impl<'t> Node<'t> {
    /// Returns its type.
    #[must_use]
    pub fn json(&self) -> Json<'t> {
        let tape = self.tape;
        match tape.pieces.get(self.at) {
            None | Some(Piece::Null | Piece::Key(_)) => Json::Null,
            Some(Piece::Bool(b)) => Json::Bool(*b),
            Some(Piece::Uint(n)) => Json::Uint(*n),
            Some(Piece::Int(n)) => Json::Int(*n),
            Some(Piece::Float(x)) => Json::Float(*x),
            Some(Piece::Float32(x)) => Json::Float32(*x),
            Some(Piece::Text(span)) => Json::Text(tape.slice(*span)),
            Some(Piece::Bytes(span)) => Json::Bytes(tape.slice(*span)),
            Some(Piece::List { end }) => Json::List(Items { tape, at: self.at + 1, end: *end }),
            Some(Piece::Object { end }) => {
                Json::Object(Members { tape, at: self.at + 1, end: *end })
            }
        }
    }

    /// Returns the member with this name, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Self> {
        match self.json() {
            Json::Object(members) => members.get(key.as_ref()),
            _ => None,
        }
    }

    /// Returns the value at a path of members.
    #[must_use]
    pub fn at<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<Self> {
        path.into_iter().try_fold(*self, |node, key| node.get(key))
    }

    /// The text, if this is text.
    #[must_use]
    pub fn text(&self) -> Option<&'t [u8]> {
        match self.json() {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its bytes, if this is text or bytes.
    #[must_use]
    pub fn bytes(&self) -> Option<&'t [u8]> {
        match self.json() {
            Json::Text(bytes) | Json::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Returns the number, if this is a non-negative integer.
    #[must_use]
    pub fn uint(&self) -> Option<u64> {
        match self.json() {
            Json::Uint(n) => Some(n),
            _ => None,
        }
    }

    /// Returns its items; empty if this is not a list.
    #[must_use]
    pub fn items(&self) -> Items<'t> {
        match self.json() {
            Json::List(items) => items,
            _ => Items { tape: self.tape, at: 0, end: 0 },
        }
    }

    /// Returns its members; empty if this is not an object.
    #[must_use]
    pub fn members(&self) -> Members<'t> {
        match self.json() {
            Json::Object(members) => members,
            _ => Members { tape: self.tape, at: 0, end: 0 },
        }
    }

    /// Writes the value as its record would.
    pub fn render<S: Sink>(&self, sink: &mut S) {
        let pieces = &self.tape.pieces;
        let behind = self.tape.behind(self.at).min(pieces.len());
        // The tape has no end marks for lists and objects; their ends are remembered instead.
        let mut open: Vec<(usize, bool)> = Vec::new();
        for (at, piece) in pieces.iter().enumerate().take(behind).skip(self.at) {
            close(&mut open, at, sink);
            match *piece {
                Piece::Null => sink.null(),
                Piece::Bool(b) => sink.bool(b),
                Piece::Uint(n) => sink.uint(n),
                Piece::Int(n) => sink.int(n),
                Piece::Float(x) => sink.float(x),
                Piece::Float32(x) => sink.float32(x),
                Piece::Text(span) => sink.text(self.tape.slice(span)),
                Piece::Bytes(span) => sink.bytes(self.tape.slice(span)),
                Piece::Key(span) => sink.key(self.tape.slice(span)),
                Piece::List { end } => {
                    sink.begin_list();
                    open.push((end, true));
                }
                Piece::Object { end } => {
                    sink.begin_object();
                    open.push((end, false));
                }
            }
        }
        close(&mut open, behind, sink);
    }
}

fn close<S: Sink>(open: &mut Vec<(usize, bool)>, at: usize, sink: &mut S) {
    while let Some((end, list)) = open.last().copied()
        && end <= at
    {
        if list {
            sink.end_list();
        } else {
            sink.end_object();
        }
        open.pop();
    }
}

impl<'t> Iterator for Items<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if self.at >= self.end {
            return None;
        }
        let item = Node { tape: self.tape, at: self.at };
        self.at = self.tape.behind(self.at);
        Some(item)
    }
}

impl Items<'_> {
    /// Whether no items are left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.at >= self.end
    }
}

impl<'t> Iterator for Members<'t> {
    type Item = (&'t [u8], Node<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let key = match self.tape.pieces.get(self.at) {
            Some(Piece::Key(span)) => self.tape.slice(*span),
            _ => &[],
        };
        let value = Node { tape: self.tape, at: self.at + 1 };
        self.at = self.tape.behind(self.at + 1);
        Some((key, value))
    }
}

impl<'t> Members<'t> {
    /// Whether no members are left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    /// Returns the member with this name; of several, the last, which JSON readers keep.
    #[must_use]
    pub fn get(self, key: &[u8]) -> Option<Node<'t>> {
        let Self { tape, mut at, end } = self;
        let mut found = None;
        while at < end {
            // Most names have another length, which is known without reading them.
            if let Some(Piece::Key(span)) = tape.pieces.get(at)
                && span.len() == key.len()
                && tape.slice(*span) == key
            {
                found = Some(Node { tape, at: at + 1 });
            }
            at = tape.behind(at + 1);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::Projection;
    use super::*;
    use crate::json::JsonText;

    fn written(projection: Projection) -> Tape {
        let mut tape = Tape::only(projection);
        tape.begin_object();
        for name in ["a", "b"] {
            if tape.wants(name.as_bytes()) {
                tape.key(name.as_bytes());
                tape.begin_list();
                tape.uint(u64::MAX);
                tape.begin_object();
                tape.key(b"c");
                tape.bytes(b"\xff");
                tape.end_object();
                tape.begin_list();
                tape.end_list();
                tape.end_list();
            }
        }
        tape.end_object();
        tape
    }

    fn shown(node: Node<'_>) -> String {
        let mut json = JsonText::new();
        node.render(&mut json);
        String::from_utf8(json.into_bytes()).unwrap()
    }

    #[test]
    fn what_is_written_is_rendered_again() {
        let tape = written(Projection::All);
        let root = tape.root().unwrap();
        let list = r#"[18446744073709551615,{"c":"/w=="},[]]"#;
        assert_eq!(shown(root), format!(r#"{{"a":{list},"b":{list}}}"#));
        assert_eq!(shown(root.get("b").unwrap()), list);
        assert_eq!(shown(root.get("b").unwrap().items().nth(1).unwrap()), r#"{"c":"/w=="}"#);
        assert_eq!(root.get("a").unwrap().items().count(), 3);
        assert!(root.at(["a", "c"]).is_none());
    }

    #[test]
    fn fields_not_wanted_are_not_written() {
        let tape = written(Projection::Only(vec!["b".to_owned()]));
        assert_eq!(shown(tape.root().unwrap()), r#"{"b":[18446744073709551615,{"c":"/w=="},[]]}"#);
    }
}
