//! Snapshots that no server writes, and that a hostile one might: names, keys and IDs that are repeated, never
//! repeated, or in no order; lists and texts of any length. Each shape comes in any size.

use crate::msgpack::{Val, structure};
use crate::records::catalog::{Node, Service};
use crate::records::{Record, acl, config, kind, kv, set};
use crate::shapes::ConsulVersion;
use crate::snapshot::header;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A kind of hostile snapshot.
#[derive(Debug)]
pub struct Shape {
    /// Its name.
    pub name: &'static str,
    /// Writes its records: `size` records, or one with `size` parts.
    records: fn(u64, &mut Take<'_>) -> io::Result<()>,
    /// The change to each record's bytes.
    damage: Damage,
}

/// The change to the bytes of records.
#[derive(Debug, Clone, Copy)]
enum Damage {
    None,
    /// The last bytes of each record are missing.
    Cut,
    /// After this number of records comes an invalid byte.
    Broken(u64),
}

type Take<'t> = dyn FnMut(Record) -> io::Result<()> + 't;

/// All shapes.
pub static SHAPES: &[Shape] = &[
    shape("nothing", |_, _| Ok(())),
    shape("prefixes", prefixes),
    shape("keys in order", |n, take| keys(n, 0, take)),
    shape("keys in no order", |n, take| keys(n, 1, take)),
    shape("one key repeated", repeated_key),
    shape("versions of a large value", versions),
    shape("deep keys", deep_keys),
    shape("deletions", deletions),
    shape("one policy of matching rules", rules),
    shape("policies that match", policies),
    shape("one accessor repeated", accessors),
    shape("one config entry repeated", entries),
    shape("one service everywhere", instances),
    shape("large metadata", |n, take| metadata(n, "a", take)),
    shape("other large metadata", |n, take| metadata(n, "b", take)),
    shape("many sources", sources),
    shape("one token with many links", links),
    shape("one service with many tags", tags),
    shape("one node registered again", nodes),
    shape("one service registered again", services),
    shape("nested settings", nested),
    shape("one large value of secrets", secrets),
    shape("lengths that lie", lies),
    Shape { damage: Damage::Cut, ..shape("cut records", |n, take| keys(n, 0, take)) },
    Shape { damage: Damage::Broken(10_000), ..shape("islands", |n, take| keys(n, 0, take)) },
];

const fn shape(name: &'static str, records: fn(u64, &mut Take<'_>) -> io::Result<()>) -> Shape {
    Shape { name, records, damage: Damage::None }
}

impl Shape {
    /// The shape of this name.
    #[must_use]
    pub fn named(name: &str) -> &'static Self {
        SHAPES.iter().find(|shape| shape.name == name).expect("a shape of this name")
    }

    /// Writes a `state.bin` of this shape.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, size: u64, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&header(7))?;
        let mut bytes = Vec::new();
        let mut count = 0;
        (self.records)(size, &mut |record| {
            bytes.clear();
            record.encode(&mut bytes);
            count += 1;
            match self.damage {
                Damage::Cut => bytes.truncate(bytes.len().saturating_sub(3)),
                Damage::Broken(each) if count % each == 0 => bytes.push(0xff),
                _ => {}
            }
            out.write_all(&bytes)
        })
    }

    /// Writes a `state.bin` of this shape as a file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_to(&self, size: u64, path: &Path) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        self.write(size, &mut out)?;
        out.flush()
    }
}

const VERSION: ConsulVersion = ConsulVersion::V1_21_4;

fn prefixes(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| take(kv::entry(format!("prefix-{at:09}/key"), "value", 0, at + 1)))
}

/// Every key once; with a step of 1 in an order that is none.
fn keys(n: u64, step: u64, take: &mut Take<'_>) -> io::Result<()> {
    // Odd, so that with a power of two every number is met once.
    let (all, odd) = (n.next_power_of_two(), 0x9e37_79b9 | 1);
    let order = (0..all).map(|at| if step == 0 { at } else { at.wrapping_mul(odd) % all });
    for at in order.filter(|at| *at < n) {
        take(kv::entry(format!("app/{at:09}"), format!("value {at}"), 0, at + 1))?;
    }
    Ok(())
}

fn repeated_key(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| take(kv::entry("app/key", format!("value {at}"), 0, at + 1)))
}

fn versions(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let mut value = vec![b'x'; 64 << 10];
    for at in 0..n {
        let end = value.len() - 8;
        value[end..].copy_from_slice(format!("{at:08}").as_bytes());
        take(kv::entry("app/large", &value, 0, at + 1))?;
    }
    Ok(())
}

fn deep_keys(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let deep = "level/".repeat(100);
    (0..n).try_for_each(|at| take(kv::entry(format!("{deep}{at}/key"), "value", 0, at + 1)))
}

/// Tombstones of keys, and of much of what these begin with.
fn deletions(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| {
        let key = format!("app/{:09}", at / 16);
        let end = key.len() - usize::try_from(at % 4).unwrap_or(0);
        take(kv::tombstone(&key[..end], at + 1))
    })
}

fn uuid(at: u64) -> String {
    format!("00000000-0000-4000-8000-{at:012x}")
}

fn rules(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let rules =
        "key_prefix \"app/\" { policy = \"read\" }\n".repeat(usize::try_from(n).unwrap_or(0));
    take(acl::token(VERSION, &uuid(1), &uuid(2), "", &[(&uuid(3), "rules")], &[], 5))?;
    take(acl::policy(VERSION, &uuid(3), "rules", &rules, 5))
}

fn policies(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let ids: Vec<String> = (0..n).map(|at| uuid(at + 10)).collect();
    let links: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "rules")).collect();
    take(acl::token(VERSION, &uuid(1), &uuid(2), "", &links, &[], 5))?;
    ids.iter().enumerate().try_for_each(|(at, id)| {
        let rules = "key_prefix \"app/\" { policy = \"read\" }";
        take(acl::policy(VERSION, id, &format!("policy-{at}"), rules, 5))
    })
}

fn accessors(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| {
        let description = format!("token {at}");
        take(acl::token(VERSION, &uuid(1), &uuid(at + 10), &description, &[], &[], at + 1))
    })
}

fn entries(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| take(config::example(VERSION, "service-defaults", "web", at + 1)))
}

fn instances(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    for at in 0..n {
        let node = Node::new(&format!("node-{at}"), &uuid(at), at + 1);
        take(node.service_record(VERSION, &Service::new("web", "web", at + 1)))?;
    }
    Ok(())
}

/// An entry with this number of metadata keys, each with `value`.
fn metadata(n: u64, value: &str, take: &mut Take<'_>) -> io::Result<()> {
    let key = |at: u64| format!("key-{at:09}");
    let pairs = (0..n).map(|at| (key(at).as_str().into(), format!("{value} {at}").into()));
    let fields = vec![("Meta", Val::Map(pairs.collect()))];
    take(config::entry(VERSION, "service-defaults", "web", fields, 5))
}

/// An entry of intentions with this number of sources.
fn sources(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let source = |at: u64| {
        structure([
            ("Action", "allow".into()),
            ("Name", format!("source-{at}").into()),
            ("Precedence", 9u64.into()),
            ("Type", "consul".into()),
        ])
    };
    let entry = structure([
        ("CreateIndex", 5u64.into()),
        ("Kind", "service-intentions".into()),
        ("ModifyIndex", 5u64.into()),
        ("Name", "web".into()),
        ("Sources", Val::Array((0..n).map(source).collect())),
    ]);
    take(config::wrap("service-intentions", &entry))
}

/// A token that links this number of existing policies.
fn links(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let ids: Vec<String> = (0..n).map(|at| uuid(at + 10)).collect();
    let links: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "policy")).collect();
    take(acl::token(VERSION, &uuid(1), &uuid(2), "", &links, &[], 5))?;
    let rules = "key \"other\" { policy = \"read\" }";
    ids.iter().try_for_each(|id| take(acl::policy(VERSION, id, id, rules, 5)))
}

/// One instance with this number of tags and metadata keys.
fn tags(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let node = Node::new("node", &uuid(1), 5);
    let mut record = node.service_record(VERSION, &Service::new("web", "web", 5));
    if let Val::Map(fields) = &mut record.body
        && let Some((_, service)) = fields.iter_mut().find(|(name, _)| *name == "Service".into())
    {
        let tags = (0..n).map(|at| format!("tag-{at}").into());
        set(service, "Tags", Val::Array(tags.collect()));
        let pairs = (0..n).map(|at| (format!("key-{at:09}").into(), "value".into()));
        set(service, "Meta", Val::Map(pairs.collect()));
    }
    take(record)
}

/// One name with changing IDs.
fn nodes(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| take(Node::new("node", &uuid(at), at + 1).record(VERSION)))
}

fn services(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let node = Node::new("node", &uuid(1), 5);
    (0..n)
        .try_for_each(|at| take(node.service_record(VERSION, &Service::new("web", "web", at + 1))))
}

/// Settings of this depth, encoded by hand: a value would be too deep for the encoder.
fn nested(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let mut entry = vec![0x85];
    Val::from("Config").encode(&mut entry);
    (0..n).for_each(|_| entry.extend_from_slice(b"\x81\xa1a"));
    Val::from("text").encode(&mut entry);
    for (field, value) in [
        ("CreateIndex", Val::Uint(5)),
        ("Kind", "proxy-defaults".into()),
        ("ModifyIndex", Val::Uint(5)),
        ("Name", "global".into()),
    ] {
        Val::from(field).encode(&mut entry);
        value.encode(&mut entry);
    }
    let mut body = Val::from("proxy-defaults").bytes();
    let request = structure([
        ("Datacenter", "".into()),
        ("Entry", Val::Raw(entry)),
        ("Op", "".into()),
        ("Token", "".into()),
    ]);
    request.encode(&mut body);
    take(Record::new(kind::CONFIG_ENTRY, Val::Raw(body)))
}

fn secrets(n: u64, take: &mut Take<'_>) -> io::Result<()> {
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

/// Records whose values claim to be a mebibyte long but have a few bytes.
fn lies(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let mut lie = kv::entry("app/key", "", 0, 5).bytes();
    // The last field except for one byte of an empty value.
    let value = lie.windows(6).position(|w| w == b"\xa5Value").map_or(0, |at| at + 6);
    lie.truncate(value);
    lie.extend_from_slice(b"\xdb\x00\x10\x00\x00abcdefgh");
    let lies = lie.repeat(usize::try_from(n).unwrap_or(0));
    // Every record starts with an invalid type, so that no part of it can be read.
    take(Record::new(0xc1, Val::Raw(lies)))
}
