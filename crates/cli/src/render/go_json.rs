//! JSON laid out as Go's `json.MarshalIndent` does with Consul's three spaces.

use snapscope_objects::json::{JsonText, Sink as _};

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

    /// Lays it out over lines.
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

#[cfg(test)]
mod tests {
    use super::*;

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
