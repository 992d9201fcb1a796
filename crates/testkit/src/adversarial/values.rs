//! Keys and values with a lot of content.

use super::record::{Take, VERSION, uuid};
use crate::msgpack::Val;
use crate::records::{acl, kv};
use std::io;

pub(super) fn secrets(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let parts = [
        "\"kty\" {\"kty\" ",
        "password = x7Kq2Lm9Rt ",
        "-----BEGIN PRIVATE KEY----- ",
        "QUtJQUtJQUtJQ LS0tLS1CRUdJTi ",
        "://a:b@ eyJhbGciOi.eyJ. Bearer Basic token: secret: ",
    ];
    let value = parts.concat().repeat(usize::try_from(n).unwrap_or(0));
    take(kv::entry("app/secrets", &value, 0, 5))
}

/// Runs of base64 in which a key or token could start anywhere, but none does.
pub(super) fn base64(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    for (at, part) in ["LS0tLS1CRUdJTi", "eyJrZXlzI", "-eyJ", "QUtJQ"].into_iter().enumerate() {
        let run = part.repeat(usize::try_from(n).unwrap_or(0));
        let value = format!("{run}.eyJ{run}.{run}");
        take(kv::entry(format!("app/{at}"), &value, 0, 5))?;
    }
    Ok(())
}

/// A key of this number of bytes among ordinary ones.
pub(super) fn long_key(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let long = "long/".repeat(usize::try_from(n / 5).unwrap_or(0));
    for at in 0..2000u64 {
        take(kv::entry(format!("app/{at:05}"), "value", 0, at + 1))?;
    }
    take(kv::entry(&long, "value", 0, 5))
}

/// A key with this number of unknown fields.
pub(super) fn fields(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let mut record = kv::entry("app/key", "value", 0, 5);
    if let Val::Map(fields) = &mut record.body {
        fields.extend((0..n).map(|at| (format!("Z{at:09}").into(), "value".into())));
    }
    take(record)
}

/// A policy that names a key's value this number of times.
pub(super) fn named_secrets(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    take(kv::entry("app/secret", "x7Kq2Lm9Rt4Vw8Zp", 0, 5))?;
    let rule = "key \"x7Kq2Lm9Rt4Vw8Zp\" { policy = \"read\" }\n";
    let rules = rule.repeat(usize::try_from(n).unwrap_or(0));
    take(acl::policy(VERSION, &uuid(3), "rules", &rules, 5))
}

/// Prefixes under which Vault servers keep their data, with a secret in each.
pub(super) fn vaults(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| {
        take(kv::entry(format!("vault-{at:09}/core/keyring"), "value", 0, at + 1))?;
        let key = format!("vault-{at:09}/password");
        take(kv::entry(key, "password = x7Kq2Lm9Rt4Vw8Zp", 0, at + 1))
    })
}
