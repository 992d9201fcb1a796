//! Bytes that look like records but are not.

use super::record::Take;
use crate::msgpack::Val;
use crate::records::{Record, kv};
use std::io;

/// Records whose values claim to be a mebibyte long but have only a few bytes.
pub(super) fn lies(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    lies_of(n, 1 << 20, take)
}

/// Records whose values claim to be half as long as all of them together.
pub(super) fn large_lies(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    lies_of(n, u32::try_from(n * 40).unwrap_or(u32::MAX), take)
}

fn lies_of(n: u64, size: u32, take: &mut Take<'_>) -> io::Result<()> {
    let mut lie = kv::entry("app/key", "", 0, 5).bytes();
    // The last field, without the single byte of its empty value.
    let value = lie.windows(6).position(|w| w == b"\xa5Value").map_or(0, |at| at + 6);
    lie.truncate(value);
    lie.push(0xdb);
    lie.extend_from_slice(&size.to_be_bytes());
    lie.extend_from_slice(b"abcdefgh");
    let lies = lie.repeat(usize::try_from(n).unwrap_or(0));
    // Every record starts with an invalid type, so that no part of it can be read.
    take(Record::new(0xc1, Val::Raw(lies)))
}

/// Beginnings of keys whose lists claim to contain everything after them.
pub(super) fn lists(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let begun = b"\x02\x82\xabCreateIndex\xdd\x00\x00\xff\xff";
    take(Record::new(0xc1, Val::Raw(begun.repeat(usize::try_from(n).unwrap_or(0)))))
}

/// Values that contain records and end inside one.
pub(super) fn inside(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let inner: Vec<u8> = (0..3000)
        .flat_map(|at| kv::entry(format!("inner/{at:05}"), "value", 0, 5).bytes())
        .collect();
    take(Record::new(0xc1, Val::Raw(vec![0; 9])))?;
    (0..n).try_for_each(|at| take(kv::entry(format!("app/{at:09}"), &inner, 0, at + 1)))
}
