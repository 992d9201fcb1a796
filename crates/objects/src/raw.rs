//! Renders a record as stored, as JSON without loss, and back.
//!
//! | stored | shown |
//! |---|---|
//! | raw bytes that are UTF-8 | text |
//! | raw bytes that are not | `{"$raw": base64}` |
//! | 64-bit float | a number, always with a point or an exponent; `{"$f64": hex of its bits}` if it is not finite |
//! | 32-bit float | `{"$f32": number}`, `{"$f32": hex of its bits}` likewise |
//! | map with text keys, all different | an object, in stored order |
//! | any other map | `{"$map": [[key, value], ...]}` |
//! | a value in another form than Consul's writer would choose | `{"$msgpack": base64 of its bytes}` |
//!
//! A map with a text key that starts with `$` becomes a `$map`, so the tags are unambiguous.

use crate::json::{JsonText, Sink};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value as Json;
use snapscope_decode::wire::encode::{list_head, map_head, negative, raw, raw_head, scalar, uint};
use snapscope_decode::wire::{Cursor, Entries, Value, WireError};
use std::fmt::Write as _;

/// Renders the value at `cursor`; returns what could not be read.
///
/// # Errors
/// If the bytes are not a value, or nested deeper than `depth`.
pub fn render(cursor: &mut Cursor<'_>, depth: u32, out: &mut JsonText) -> Result<(), WireError> {
    let mut ahead = *cursor;
    let bytes = ahead.take_bytes()?;
    let value = Value::read(bytes)?;
    if depth == 0 || !is_canonical(bytes, value) {
        tagged(out, b"$msgpack", |out| out.bytes(bytes));
        *cursor = ahead;
        return Ok(());
    }
    match value {
        Value::Nil => out.null(),
        Value::Bool(b) => out.bool(b),
        Value::Int(n) => out.int(n),
        Value::Uint(n) => out.uint(n),
        Value::F32(x) if x.is_finite() => tagged(out, b"$f32", |out| float(out, &format!("{x:?}"))),
        Value::F32(x) => {
            tagged(out, b"$f32", |out| out.text(format!("{:08x}", x.to_bits()).as_bytes()));
        }
        Value::F64(x) if x.is_finite() => float(out, &format!("{x:?}")),
        Value::F64(x) => {
            tagged(out, b"$f64", |out| out.text(format!("{:016x}", x.to_bits()).as_bytes()));
        }
        Value::Raw(text) if std::str::from_utf8(text).is_ok() => out.text(text),
        Value::Raw(bytes) => tagged(out, b"$raw", |out| out.bytes(bytes)),
        Value::Array(items) => {
            out.begin_list();
            let mut inside = Cursor::starting_at(bytes, items.at());
            for _ in 0..items.len() {
                render(&mut inside, depth - 1, out)?;
            }
            out.end_list();
        }
        Value::Map(entries) if is_object(bytes, entries) => object(bytes, entries, depth - 1, out)?,
        Value::Map(entries) => pairs(bytes, entries, depth - 1, out)?,
        // Consul's dialect has no extension values.
        Value::Ext(..) => tagged(out, b"$msgpack", |out| out.bytes(bytes)),
    }
    *cursor = ahead;
    Ok(())
}

/// Whether a map can be shown as an object: all its keys are text and distinct.
fn is_object(bytes: &[u8], entries: Entries<'_>) -> bool {
    let mut keys = Vec::new();
    let plain = entries.into_iter().flatten().all(|(key, _)| match key {
        Value::Raw(key) => {
            keys.push(key);
            std::str::from_utf8(key).is_ok() && !key.starts_with(b"$")
        }
        _ => false,
    });
    if !plain || !all_canonical_keys(bytes, &entries) {
        return false;
    }
    keys.sort_unstable();
    keys.windows(2).all(|pair| pair.first() != pair.last())
}

fn object(
    bytes: &[u8],
    entries: Entries<'_>,
    depth: u32,
    out: &mut JsonText,
) -> Result<(), WireError> {
    let mut inside = Cursor::starting_at(bytes, entries.at());
    out.begin_object();
    for _ in 0..entries.len() {
        if let Value::Raw(key) = inside.value()? {
            out.key(key);
        }
        render(&mut inside, depth, out)?;
    }
    out.end_object();
    Ok(())
}

/// Any other map: a list of keys and values.
fn pairs(
    bytes: &[u8],
    entries: Entries<'_>,
    depth: u32,
    out: &mut JsonText,
) -> Result<(), WireError> {
    let mut inside = Cursor::starting_at(bytes, entries.at());
    let mut pair = |out: &mut JsonText| {
        out.begin_list();
        render(&mut inside, depth, out)?;
        render(&mut inside, depth, out)?;
        out.end_list();
        Ok(())
    };
    let mut rendered = Ok(());
    tagged(out, b"$map", |out| {
        out.begin_list();
        rendered = (0..entries.len()).try_for_each(|_| pair(out));
        out.end_list();
    });
    rendered
}

fn tagged(out: &mut JsonText, tag: &[u8], value: impl FnOnce(&mut JsonText)) {
    out.begin_object();
    out.key(tag);
    value(out);
    out.end_object();
}

/// Writes digits unchanged: a point or an exponent distinguishes a float from an integer.
fn float(out: &mut JsonText, digits: &str) {
    out.number(digits);
}

/// Whether Consul's writer would choose this form for the value. Items of a list or map are checked
/// when they are rendered.
fn is_canonical(bytes: &[u8], value: Value<'_>) -> bool {
    let mut head = Vec::with_capacity(9);
    match value {
        Value::Ext(..) => return false,
        Value::Raw(raw) => raw_head(raw.len(), &mut head),
        Value::Array(items) => list_head(u64::from(items.len()), &mut head),
        Value::Map(entries) => map_head(u64::from(entries.len()), &mut head),
        other => scalar(other, &mut head),
    }
    bytes.starts_with(&head)
}

/// Whether all keys of a map (which are raw) have the form that the writer chooses.
fn all_canonical_keys(bytes: &[u8], entries: &Entries<'_>) -> bool {
    let mut cursor = Cursor::starting_at(bytes, entries.at());
    (0..entries.len()).all(|_| {
        let key = cursor.take_bytes();
        let canonical = key.is_ok_and(|key| Value::read(key).is_ok_and(|v| is_canonical(key, v)));
        canonical && cursor.skip().is_ok()
    })
}

/// JSON that was not made by [`render`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} in the JSON of a stored value")]
pub struct NotRaw {
    what: String,
}

/// Restores the stored bytes from the output of [`render`].
///
/// # Errors
/// If a tagged object is not as [`render`] writes it.
pub fn encode(json: &Json, out: &mut Vec<u8>) -> Result<(), NotRaw> {
    match json {
        Json::Null => out.push(0xc0),
        Json::Bool(b) => scalar(Value::Bool(*b), out),
        Json::Number(n) => match (n.as_u64(), n.as_i64(), n.as_f64()) {
            (Some(n), _, _) => uint(n, out),
            (_, Some(n), _) => negative(n, out),
            (_, _, Some(x)) => scalar(Value::F64(x), out),
            _ => return Err(wrong(format!("the number {n}"))),
        },
        Json::String(text) => raw(text.as_bytes(), out),
        Json::Array(items) => {
            list_head(items.len() as u64, out);
            for item in items {
                encode(item, out)?;
            }
        }
        Json::Object(object) => match object.iter().next() {
            Some((tag, value)) if tag.starts_with('$') => encode_tagged(tag, value, out)?,
            _ => {
                map_head(object.len() as u64, out);
                for (key, value) in object {
                    raw(key.as_bytes(), out);
                    encode(value, out)?;
                }
            }
        },
    }
    Ok(())
}

fn encode_tagged(tag: &str, value: &Json, out: &mut Vec<u8>) -> Result<(), NotRaw> {
    let bytes = || {
        let text = value.as_str().ok_or_else(|| wrong(format!("{tag} without text")))?;
        BASE64.decode(text).map_err(|e| wrong(format!("{tag}: {e}")))
    };
    match (tag, value) {
        ("$raw", _) => raw(&bytes()?, out),
        ("$msgpack", _) => out.extend_from_slice(&bytes()?),
        ("$f32", Json::Number(n)) => {
            let x: f32 = n.to_string().parse().map_err(|_| wrong(format!("$f32 {n}")))?;
            scalar(Value::F32(x), out);
        }
        ("$f32", Json::String(hex)) => {
            let bits = u32::from_str_radix(hex, 16).map_err(|e| wrong(format!("$f32: {e}")))?;
            scalar(Value::F32(f32::from_bits(bits)), out);
        }
        ("$f64", Json::String(hex)) => {
            let bits = u64::from_str_radix(hex, 16).map_err(|e| wrong(format!("$f64: {e}")))?;
            scalar(Value::F64(f64::from_bits(bits)), out);
        }
        ("$map", Json::Array(pairs)) => {
            map_head(pairs.len() as u64, out);
            for pair in pairs {
                let [key, value] = pair.as_array().map(Vec::as_slice).unwrap_or_default() else {
                    return Err(wrong("a $map entry that is not a pair".to_owned()));
                };
                encode(key, out)?;
                encode(value, out)?;
            }
        }
        _ => {
            let mut what = String::new();
            let _ = write!(what, "the tag {tag:?}");
            return Err(wrong(what));
        }
    }
    Ok(())
}

const fn wrong(what: String) -> NotRaw {
    NotRaw { what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(bytes: &[u8]) -> String {
        let mut out = JsonText::new();
        render(&mut Cursor::new(bytes), 64, &mut out).unwrap();
        String::from_utf8(out.into_bytes()).unwrap()
    }

    fn made_again(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        encode(&serde_json::from_str(&shown(bytes)).unwrap(), &mut out).unwrap();
        out
    }

    #[test]
    fn what_is_stored_can_be_read() {
        for (bytes, json) in [
            (
                &b"\x83\xa1b\x01\xa1a\xa3\xff\x00\x01\xa1c\xcb\x40\x3e\0\0\0\0\0\0"[..],
                r#"{"b":1,"a":{"$raw":"/wAB"},"c":30.0}"#,
            ),
            (b"\x81\x05\xc0", r#"{"$map":[[5,null]]}"#),
            (b"\x81\xa2$f\xc3", r#"{"$map":[["$f",true]]}"#),
            (b"\x82\xa1a\x01\xa1a\x02", r#"{"$map":[["a",1],["a",2]]}"#),
            (b"\xca\x42\x05\x33\x33", r#"{"$f32":33.3}"#),
            (b"\xcb\x7f\xf0\0\0\0\0\0\0", r#"{"$f64":"7ff0000000000000"}"#),
            (b"\xcc\x05", r#"{"$msgpack":"zAU="}"#),
            (b"\x81\xd9\x01a\x01", r#"{"$map":[[{"$msgpack":"2QFh"},1]]}"#),
            (b"\x80", "{}"),
            (b"\x90", "[]"),
        ] {
            assert_eq!(shown(bytes), json);
            assert_eq!(made_again(bytes), bytes);
        }
    }

    proptest! {
        #[test]
        fn any_value_is_made_again(bytes in proptest::collection::vec(any::<u8>(), 1..200)) {
            if let Ok(value) = Cursor::new(&bytes).take_bytes() {
                prop_assert_eq!(made_again(value), value);
            }
        }

        #[test]
        fn any_float_is_made_again(x in any::<f64>(), y in any::<f32>()) {
            let mut bytes = Vec::from(b"\x92");
            scalar(Value::F64(x), &mut bytes);
            scalar(Value::F32(y), &mut bytes);
            prop_assert_eq!(made_again(&bytes), bytes);
        }
    }
}
