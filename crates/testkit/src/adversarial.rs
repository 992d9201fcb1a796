//! Snapshots that no server writes, and that a hostile one might: names, keys and IDs that are repeated, never
//! repeated, or in no order; lists and texts of any length. Each shape comes in any size.

use crate::msgpack::{Val, structure};
use crate::records::catalog::{Node, Service};
use crate::records::{Record, acl, config, kv};
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
}

type Take<'t> = dyn FnMut(Record) -> io::Result<()> + 't;

/// All shapes.
pub static SHAPES: &[Shape] = &[
    Shape { name: "nothing", records: |_, _| Ok(()) },
    Shape { name: "prefixes", records: prefixes },
    Shape { name: "keys in order", records: |n, take| keys(n, 0, take) },
    Shape { name: "keys in no order", records: |n, take| keys(n, 1, take) },
    Shape { name: "one key repeated", records: repeated_key },
    Shape { name: "versions of a large value", records: versions },
    Shape { name: "deep keys", records: deep_keys },
    Shape { name: "deletions", records: deletions },
    Shape { name: "one policy of matching rules", records: rules },
    Shape { name: "policies that match", records: policies },
    Shape { name: "one accessor repeated", records: accessors },
    Shape { name: "one config entry repeated", records: entries },
    Shape { name: "one service everywhere", records: instances },
    Shape { name: "large metadata", records: |n, take| metadata(n, "a", take) },
    Shape { name: "other large metadata", records: |n, take| metadata(n, "b", take) },
    Shape { name: "many sources", records: sources },
];

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
        (self.records)(size, &mut |record| {
            bytes.clear();
            record.encode(&mut bytes);
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
