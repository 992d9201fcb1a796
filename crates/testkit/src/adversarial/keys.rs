//! Keys, and tombstones of keys.

use super::record::Take;
use crate::records::kv;
use std::io;

pub(super) fn prefixes(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| take(kv::entry(format!("prefix-{at:09}/key"), "value", 0, at + 1)))
}

/// Every key once: in order if `step` is 0, in no order if it is 1.
pub(super) fn in_steps(n: u64, step: u64, take: &mut Take<'_>) -> io::Result<()> {
    // An odd factor reaches every number below a power of two exactly once.
    let (all, odd) = (n.next_power_of_two(), 0x9e37_79b9 | 1);
    let order = (0..all).map(|at| if step == 0 { at } else { at.wrapping_mul(odd) % all });
    for at in order.filter(|at| *at < n) {
        take(kv::entry(format!("app/{at:09}"), format!("value {at}"), 0, at + 1))?;
    }
    Ok(())
}

pub(super) fn repeated_key(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| take(kv::entry("app/key", format!("value {at}"), 0, at + 1)))
}

pub(super) fn versions(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let mut value = vec![b'x'; 64 << 10];
    for at in 0..n {
        let end = value.len() - 8;
        value[end..].copy_from_slice(format!("{at:08}").as_bytes());
        take(kv::entry("app/large", &value, 0, at + 1))?;
    }
    Ok(())
}

pub(super) fn deep_keys(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let deep = "level/".repeat(100);
    (0..n).try_for_each(|at| take(kv::entry(format!("{deep}{at}/key"), "value", 0, at + 1)))
}

/// Tombstones of keys and of many of their prefixes.
pub(super) fn deletions(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| {
        let key = format!("app/{:09}", at / 16);
        let end = key.len() - usize::try_from(at % 4).unwrap_or(0);
        take(kv::tombstone(&key[..end], at + 1))
    })
}
