//! JSON laid out as Go's `json.MarshalIndent` does with Consul's three spaces.

use snapscope_objects::json::{JsonText, Sink as _};
use std::io::{self, Write};

/// A JSON value to print; objects keep their order.
pub(crate) enum Json {
    Null,
    Bool(bool),
    Uint(u64),
    Int(i64),
    /// Text that may not be UTF-8.
    Text(Vec<u8>),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub(crate) fn text(text: impl AsRef<[u8]>) -> Self {
        Self::Text(text.as_ref().to_vec())
    }

    /// The value, or `null`.
    pub(crate) fn or_null<T>(value: Option<T>, json: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, json)
    }

    /// Lays it out over several lines.
    #[cfg(any(test, feature = "live"))]
    pub(crate) fn indented(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut Vec<u8>, depth: usize) {
        let mut scalar = JsonText::new();
        match self {
            Self::Null => scalar.null(),
            Self::Bool(b) => scalar.bool(*b),
            Self::Uint(n) => scalar.uint(*n),
            Self::Int(n) => scalar.int(*n),
            Self::Text(text) => scalar.text(text),
            Self::List(items) => {
                list(out, depth, b"[]", items, |item, out| item.write(out, depth + 1));
            }
            Self::Object(fields) => list(out, depth, b"{}", fields, |(key, value), out| {
                let mut text = JsonText::new();
                text.text(key.as_bytes());
                out.extend_from_slice(text.as_bytes());
                out.extend_from_slice(b": ");
                value.write(out, depth + 1);
            }),
        }
        out.extend_from_slice(scalar.as_bytes());
    }
}

fn list<T>(
    out: &mut Vec<u8>,
    depth: usize,
    ends: &[u8; 2],
    items: &[T],
    mut item: impl FnMut(&T, &mut Vec<u8>),
) {
    let line = |out: &mut Vec<u8>, depth: usize| {
        out.push(b'\n');
        out.resize(out.len() + 3 * depth, b' ');
    };
    out.push(ends[0]);
    for (at, each) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        line(out, depth + 1);
        item(each, out);
    }
    if !items.is_empty() {
        line(out, depth);
    }
    out.push(ends[1]);
}

/// An object that is written member by member. A list in it may have any length.
pub(crate) struct Members<'o> {
    out: &'o mut dyn Write,
    any: bool,
}

impl<'o> Members<'o> {
    /// Begins an object.
    pub(crate) fn begin(out: &'o mut dyn Write) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self { out, any: false })
    }

    fn key(&mut self, key: &str) -> io::Result<()> {
        let mut text = JsonText::new();
        text.text(key.as_bytes());
        let comma: &[u8] = if self.any { b",\n   " } else { b"\n   " };
        self.any = true;
        self.out.write_all(comma)?;
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b": ")
    }

    /// Writes a member.
    pub(crate) fn member(&mut self, key: &str, value: &Json) -> io::Result<()> {
        self.key(key)?;
        let mut text = Vec::new();
        value.write(&mut text, 1);
        self.out.write_all(&text)
    }

    /// Writes a member that is a list of the values from `items`.
    pub(crate) fn list(
        &mut self,
        key: &str,
        items: impl FnOnce(&mut dyn FnMut(&Json) -> io::Result<()>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.key(key)?;
        self.out.write_all(b"[")?;
        let mut any = false;
        let mut text = Vec::new();
        items(&mut |item| {
            text.clear();
            text.extend_from_slice(if any { b",\n      " } else { b"\n      " });
            any = true;
            item.write(&mut text, 2);
            self.out.write_all(&text)
        })?;
        self.out.write_all(if any { b"\n   ]" } else { b"]" })
    }

    /// Ends the object.
    pub(crate) fn end(self) -> io::Result<()> {
        self.out.write_all(if self.any { b"\n}" } else { b"}" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_by_member_it_is_the_same() {
        let item = |n| Json::Object(vec![("N", Json::Uint(n)), ("L", Json::List(vec![]))]);
        for count in [0, 1, 3] {
            let whole = Json::Object(vec![
                ("A", Json::text("x")),
                ("B", Json::List((0..count).map(item).collect())),
                ("C", Json::Object(vec![("D", Json::List(vec![Json::Null]))])),
            ]);
            let mut out = Vec::new();
            let mut members = Members::begin(&mut out).unwrap();
            members.member("A", &Json::text("x")).unwrap();
            members.list("B", |each| (0..count).try_for_each(|n| each(&item(n)))).unwrap();
            let last = Json::Object(vec![("D", Json::List(vec![Json::Null]))]);
            members.member("C", &last).unwrap();
            members.end().unwrap();
            assert_eq!(String::from_utf8(out), String::from_utf8(whole.indented()));
        }
        let mut out = Vec::new();
        Members::begin(&mut out).unwrap().end().unwrap();
        assert_eq!(out, Json::Object(vec![]).indented());
    }

    #[test]
    fn lays_out_as_go_does() {
        let json = Json::Object(vec![
            ("A", Json::List(vec![Json::Uint(1), Json::Null])),
            ("B", Json::List(vec![])),
            ("C", Json::text(b"<\xff")),
        ]);
        assert_eq!(
            String::from_utf8(json.indented()).unwrap(),
            "{\n   \"A\": [\n      1,\n      null\n   ],\n   \"B\": [],\n   \"C\": \"\\u003c\\ufffd\"\n}"
        );
    }
}
