//! One object as a flat list of pieces.
//!
//! A tree of boxed nodes would need an allocation per value. The tape needs none once it has grown
//! to the size of the largest object, and a million rows can use the same tape.

use crate::json::Sink;

/// A rendered value: JSON's tree with integers exact, text as stored, and bytes not yet in base64.
///
/// It is a [`Sink`], so any renderer can fill it; [`Tape::root`] walks its content.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    pieces: Vec<Piece>,
    bytes: Vec<u8>,
    /// The starts of open lists and objects.
    open: Vec<usize>,
    wanted: Wanted,
    /// Depth of the objects whose fields are selected.
    around: usize,
}

/// Which fields of an object to render.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    #[default]
    All,
    /// The fields with these names, rendered in full.
    Only(Vec<String>),
}

impl Wanted {
    /// Adds these fields.
    pub fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        if let Self::Only(wanted) = self {
            for name in names {
                if !wanted.iter().any(|known| known == name) {
                    wanted.push(name.to_owned());
                }
            }
        }
    }

    /// Whether to render a field.
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Only(wanted) => wanted.iter().any(|known| known.as_bytes() == name),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    Null,
    Bool(bool),
    Uint(u64),
    Int(i64),
    Float(f64),
    Float32(f32),
    Text { at: usize, len: usize },
    Bytes { at: usize, len: usize },
    Key { at: usize, len: usize },
    List { end: usize },
    Object { end: usize },
}

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
    pub fn only(wanted: Wanted) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Creates an empty tape for some fields of the objects in the outermost one.
    pub(crate) fn only_inside(wanted: Wanted) -> Self {
        Self { wanted, around: 1, ..Self::default() }
    }

    /// Clears it, but keeps its memory.
    pub fn clear(&mut self) {
        self.pieces.clear();
        self.bytes.clear();
        self.open.clear();
    }

    /// Its size in memory, in bytes.
    pub(super) fn size(&self) -> usize {
        self.pieces.len() * size_of::<Piece>() + self.bytes.len()
    }

    /// Serialises it for [`read`](Self::read). Tapes with equal content yield equal bytes,
    /// regardless of the selected fields.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let length = |out: &mut Vec<u8>, len: usize| {
            out.extend_from_slice(&(len as u64).to_le_bytes());
        };
        length(out, self.bytes.len());
        out.extend_from_slice(&self.bytes);
        for piece in &self.pieces {
            match *piece {
                Piece::Null => out.push(b'z'),
                Piece::Bool(b) => out.extend_from_slice(&[b'b', u8::from(b)]),
                Piece::Uint(n) => {
                    out.push(b'u');
                    out.extend_from_slice(&n.to_le_bytes());
                }
                Piece::Int(n) => {
                    out.push(b'i');
                    out.extend_from_slice(&n.to_le_bytes());
                }
                Piece::Float(x) => {
                    out.push(b'f');
                    out.extend_from_slice(&x.to_bits().to_le_bytes());
                }
                Piece::Float32(x) => {
                    out.push(b'g');
                    out.extend_from_slice(&x.to_bits().to_le_bytes());
                }
                // Texts are in the order of the pieces.
                Piece::Text { len, .. } => {
                    out.push(b't');
                    length(out, len);
                }
                Piece::Bytes { len, .. } => {
                    out.push(b'x');
                    length(out, len);
                }
                Piece::Key { len, .. } => {
                    out.push(b'k');
                    length(out, len);
                }
                Piece::List { end } => {
                    out.push(b'l');
                    length(out, end);
                }
                Piece::Object { end } => {
                    out.push(b'o');
                    length(out, end);
                }
            }
        }
    }

    /// Reads the output of [`write`](Self::write); `None` for anything else.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (len, rest) = bytes.split_first_chunk()?;
        let len = usize::try_from(u64::from_le_bytes(*len)).ok()?;
        let (text, mut rest) = rest.split_at_checked(len)?;
        let mut tape = Self { bytes: text.to_vec(), ..Self::default() };
        let mut at = 0;
        while let Some((tag, after)) = rest.split_first() {
            rest = after;
            let mut eight = || {
                let (eight, after) = rest.split_first_chunk()?;
                rest = after;
                Some(u64::from_le_bytes(*eight))
            };
            let piece = match tag {
                b'z' => Piece::Null,
                b'u' => Piece::Uint(eight()?),
                b'i' => Piece::Int(eight()?.cast_signed()),
                b'f' => Piece::Float(f64::from_bits(eight()?)),
                b't' | b'x' | b'k' => {
                    let len = usize::try_from(eight()?).ok()?;
                    let start = at;
                    at += len;
                    match tag {
                        b't' => Piece::Text { at: start, len },
                        b'x' => Piece::Bytes { at: start, len },
                        _ => Piece::Key { at: start, len },
                    }
                }
                b'l' => Piece::List { end: usize::try_from(eight()?).ok()? },
                b'o' => Piece::Object { end: usize::try_from(eight()?).ok()? },
                b'b' => {
                    let (b, after) = rest.split_first()?;
                    rest = after;
                    Piece::Bool(*b != 0)
                }
                b'g' => {
                    let (four, after) = rest.split_first_chunk()?;
                    rest = after;
                    Piece::Float32(f32::from_bits(u32::from_le_bytes(*four)))
                }
                _ => return None,
            };
            tape.pieces.push(piece);
        }
        Some(tape)
    }

    /// Returns the outermost value, if one was written.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.pieces.is_empty()).then_some(Node { tape: self, at: 0 })
    }

    /// Returns the value at an index; `null` if nothing was written there.
    pub(super) const fn node(&self, at: usize) -> Node<'_> {
        Node { tape: self, at }
    }

    fn keep(&mut self, bytes: &[u8]) -> (usize, usize) {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        (at, bytes.len())
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

    fn slice(&self, at: usize, len: usize) -> &[u8] {
        self.bytes.get(at..at + len).unwrap_or(&[])
    }

    /// Returns the index of the value after the one at `at`.
    fn behind(&self, at: usize) -> usize {
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
        let (at, len) = self.keep(text);
        self.pieces.push(Piece::Text { at, len });
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let (at, len) = self.keep(bytes);
        self.pieces.push(Piece::Bytes { at, len });
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
        let (at, len) = self.keep(key);
        self.pieces.push(Piece::Key { at, len });
    }

    fn end_object(&mut self) {
        self.end();
    }

    fn wants(&self, key: &[u8]) -> bool {
        self.open.len() != self.around + 1 || self.wanted.has(key)
    }
}

impl<'t> Node<'t> {
    /// Returns its type.
    #[must_use]
    pub fn json(&self) -> Json<'t> {
        let tape = self.tape;
        match tape.pieces.get(self.at) {
            None | Some(Piece::Null | Piece::Key { .. }) => Json::Null,
            Some(Piece::Bool(b)) => Json::Bool(*b),
            Some(Piece::Uint(n)) => Json::Uint(*n),
            Some(Piece::Int(n)) => Json::Int(*n),
            Some(Piece::Float(x)) => Json::Float(*x),
            Some(Piece::Float32(x)) => Json::Float32(*x),
            Some(Piece::Text { at, len }) => Json::Text(tape.slice(*at, *len)),
            Some(Piece::Bytes { at, len }) => Json::Bytes(tape.slice(*at, *len)),
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
                Piece::Text { at, len } => sink.text(self.tape.slice(at, len)),
                Piece::Bytes { at, len } => sink.bytes(self.tape.slice(at, len)),
                Piece::Key { at, len } => sink.key(self.tape.slice(at, len)),
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
            Some(Piece::Key { at, len }) => self.tape.slice(*at, *len),
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
        let mut found = None;
        for (name, value) in self {
            if name == key {
                found = Some(value);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonText;

    fn written(wanted: Wanted) -> Tape {
        let mut tape = Tape::only(wanted);
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
        let tape = written(Wanted::All);
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
        let tape = written(Wanted::Only(vec!["b".to_owned()]));
        assert_eq!(shown(tape.root().unwrap()), r#"{"b":[18446744073709551615,{"c":"/w=="},[]]}"#);
    }
}
