//! An encoder of Consul's msgpack dialect, independent of the decoder, so that it can check it.
//!
//! The dialect is the old specification: text and bytes are both "raw" (no str8, bin or ext), non-negative
//! integers take the shortest unsigned form, negative ones the shortest signed form, structs are maps with keys
//! sorted by bytes.

/// A msgpack value that Consul can write.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    /// `nil`.
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// A signed integer, written as unsigned if it is not negative.
    Int(i64),
    /// An unsigned integer.
    Uint(u64),
    /// A 4-byte float.
    F32(f32),
    /// An 8-byte float.
    F64(f64),
    /// Text or bytes.
    Raw(Vec<u8>),
    /// A list.
    Array(Vec<Val>),
    /// A map, written in the given order.
    Map(Vec<(Val, Val)>),
}

impl From<&str> for Val {
    fn from(text: &str) -> Self {
        Val::Raw(text.as_bytes().to_vec())
    }
}
impl From<String> for Val {
    fn from(text: String) -> Self {
        Val::Raw(text.into_bytes())
    }
}
impl From<&[u8]> for Val {
    fn from(bytes: &[u8]) -> Self {
        Val::Raw(bytes.to_vec())
    }
}
impl From<bool> for Val {
    fn from(b: bool) -> Self {
        Val::Bool(b)
    }
}
impl From<u64> for Val {
    fn from(n: u64) -> Self {
        Val::Uint(n)
    }
}
impl From<i64> for Val {
    fn from(n: i64) -> Self {
        Val::Int(n)
    }
}
impl From<f64> for Val {
    fn from(n: f64) -> Self {
        Val::F64(n)
    }
}

/// A map with text keys sorted by bytes: how Go structs are written.
#[must_use]
pub fn structure<const N: usize>(fields: [(&str, Val); N]) -> Val {
    let mut fields = fields.to_vec();
    fields.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    Val::Map(fields.into_iter().map(|(k, v)| (k.into(), v)).collect())
}

/// A map with text keys in the given order: how user maps (node meta, tagged addresses) are written.
#[must_use]
pub fn user_map(entries: &[(&str, &str)]) -> Val {
    Val::Map(entries.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect())
}

/// A list of texts.
#[must_use]
pub fn texts(items: &[&str]) -> Val {
    Val::Array(items.iter().map(|t| (*t).into()).collect())
}

/// Seconds from the year 1, where Go's clock starts, to 1970.
pub const YEAR_ONE_TO_UNIX: i64 = 62_135_596_800;

/// A time in Go's binary form: 15 raw bytes. `zone` is the offset in minutes; -1 is UTC.
#[must_use]
pub fn time(unix_seconds: i64, nanos: u32, zone: i16) -> Val {
    go_time(unix_seconds + YEAR_ONE_TO_UNIX, nanos, zone)
}

/// Go's zero time: the value of unset time fields.
#[must_use]
pub fn zero_time() -> Val {
    go_time(0, 0, -1)
}

fn go_time(seconds: i64, nanos: u32, zone: i16) -> Val {
    let mut out = vec![1];
    out.extend_from_slice(&seconds.to_be_bytes());
    out.extend_from_slice(&nanos.to_be_bytes());
    out.extend_from_slice(&zone.to_be_bytes());
    Val::Raw(out)
}

/// An IPv4 address as the 16 raw bytes Go stores.
#[must_use]
pub fn ipv4(octets: [u8; 4]) -> Val {
    let mut out = vec![0; 10];
    out.extend_from_slice(&[0xff, 0xff]);
    out.extend_from_slice(&octets);
    Val::Raw(out)
}

impl Val {
    /// Appends the value's bytes to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Val::Nil => out.push(0xc0),
            Val::Bool(b) => out.push(if *b { 0xc3 } else { 0xc2 }),
            Val::Int(n) => put_int(out, *n),
            Val::Uint(n) => put_uint(out, *n),
            Val::F32(f) => {
                out.push(0xca);
                out.extend_from_slice(&f.to_be_bytes());
            }
            Val::F64(f) => {
                out.push(0xcb);
                out.extend_from_slice(&f.to_be_bytes());
            }
            Val::Raw(bytes) => put_raw(out, bytes),
            Val::Array(items) => {
                put_length(out, items.len(), 0x90, 0xdc);
                items.iter().for_each(|item| item.encode(out));
            }
            Val::Map(entries) => {
                put_length(out, entries.len(), 0x80, 0xde);
                for (key, value) in entries {
                    key.encode(out);
                    value.encode(out);
                }
            }
        }
    }

    /// The value's bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }

    /// The value of a map's text key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Val> {
        let Val::Map(entries) = self else { return None };
        entries
            .iter()
            .find(|(k, _)| matches!(k, Val::Raw(r) if r == key.as_bytes()))
            .map(|(_, v)| v)
    }

    /// The same, mutable.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Val> {
        let Val::Map(entries) = self else { return None };
        entries
            .iter_mut()
            .find(|(k, _)| matches!(k, Val::Raw(r) if r == key.as_bytes()))
            .map(|(_, v)| v)
    }
}

/// Appends an unsigned integer in its shortest form.
pub fn put_uint(out: &mut Vec<u8>, n: u64) {
    if n < 0x80 {
        out.push(n as u8);
    } else if n <= 0xff {
        out.extend_from_slice(&[0xcc, n as u8]);
    } else if n <= 0xffff {
        out.push(0xcd);
        out.extend_from_slice(&(n as u16).to_be_bytes());
    } else if n <= 0xffff_ffff {
        out.push(0xce);
        out.extend_from_slice(&(n as u32).to_be_bytes());
    } else {
        out.push(0xcf);
        out.extend_from_slice(&n.to_be_bytes());
    }
}

/// Appends a signed integer: in an unsigned form if it is not negative, otherwise in the shortest signed form.
pub fn put_int(out: &mut Vec<u8>, n: i64) {
    if n >= 0 {
        put_uint(out, n as u64);
    } else if n >= -32 {
        out.push(n as u8);
    } else if let Ok(n) = i8::try_from(n) {
        out.push(0xd0);
        out.extend_from_slice(&n.to_be_bytes());
    } else if let Ok(n) = i16::try_from(n) {
        out.push(0xd1);
        out.extend_from_slice(&n.to_be_bytes());
    } else if let Ok(n) = i32::try_from(n) {
        out.push(0xd2);
        out.extend_from_slice(&n.to_be_bytes());
    } else {
        out.push(0xd3);
        out.extend_from_slice(&n.to_be_bytes());
    }
}

/// Appends only the length that precedes `len` raw bytes.
pub fn put_raw_length(out: &mut Vec<u8>, len: usize) {
    if len < 32 {
        out.push(0xa0 | len as u8);
    } else if len <= 0xffff {
        out.push(0xda);
        out.extend_from_slice(&(len as u16).to_be_bytes());
    } else {
        out.push(0xdb);
        out.extend_from_slice(&(len as u32).to_be_bytes());
    }
}

/// Appends raw bytes (text or not).
pub fn put_raw(out: &mut Vec<u8>, bytes: &[u8]) {
    put_raw_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Lengths of lists and maps: `short | len` below 16, then the two- and four-byte forms at `long`, `long + 1`.
fn put_length(out: &mut Vec<u8>, len: usize, short: u8, long: u8) {
    if len < 16 {
        out.push(short | len as u8);
    } else if len <= 0xffff {
        out.push(long);
        out.extend_from_slice(&(len as u16).to_be_bytes());
    } else {
        out.push(long + 1);
        out.extend_from_slice(&(len as u32).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_fixture_s_bytes() {
        // CreateTime of the anonymous token in consul-1.8.7/empty.snap, a server in a zone of offset 0.
        let Val::Raw(bytes) = time(1_795_403_413, 703_271_431, 0) else { panic!("a time is raw") };
        assert_eq!(hex(&bytes), "010000000ee295a59529eb12070000");
        let Val::Raw(bytes) = zero_time() else { panic!("a time is raw") };
        assert_eq!(hex(&bytes), "01000000000000000000000000ffff");
    }

    #[test]
    fn structs_are_sorted_by_bytes() {
        let v = structure([("b", Val::Nil), ("B", true.into()), ("ab", 1u64.into())]);
        assert_eq!(v.bytes(), b"\x83\xa1B\xc3\xa2ab\x01\xa1b\xc0");
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }
}
