//! Config entries.

use super::record::{Take, VERSION};
use crate::msgpack::{Val, structure};
use crate::records::{Record, config, kind};
use std::io;

pub(super) fn entries(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| take(config::example(VERSION, "service-defaults", "web", at + 1)))
}

/// An entry with this number of metadata keys, each with `value`.
pub(super) fn metadata(n: u64, value: &str, take: &mut Take<'_>) -> io::Result<()> {
    let key = |at: u64| format!("key-{at:09}");
    let pairs = (0..n).map(|at| (key(at).as_str().into(), format!("{value} {at}").into()));
    let fields = vec![("Meta", Val::Map(pairs.collect()))];
    take(config::entry(VERSION, "service-defaults", "web", fields, 5))
}

/// An entry of intentions with this number of sources.
pub(super) fn sources(n: u64, take: &mut Take<'_>) -> io::Result<()> {
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

/// A router with this number of routes, each to `service`.
pub(super) fn routes(n: u64, service: &str, take: &mut Take<'_>) -> io::Result<()> {
    let route = |at: u64| {
        let http = structure([("PathPrefix", format!("/{at}").into())]);
        structure([
            ("Destination", structure([("Service", service.into())])),
            ("Match", structure([("HTTP", http)])),
        ])
    };
    let routes = Val::Array((0..n).map(route).collect());
    take(config::entry(VERSION, "service-router", "web", vec![("Routes", routes)], 5))
}

/// Settings that repeat one name, which belongs to an object that another name refers to.
pub(super) fn repeated(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let pairs = (0..n).map(|at| ("Value".into(), format!("value {at}").into()));
    let settings = structure([("settings", Val::Map(pairs.collect()))]);
    take(config::entry(VERSION, "service-defaults", "web", vec![("Meta", settings.clone())], 5))?;
    take(config::entry(VERSION, "proxy-defaults", "global", vec![("Config", settings)], 5))
}

/// An entry of intentions. Both the length of its name and its number of providers are `n`.
pub(super) fn long_name(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let name = "n".repeat(usize::try_from(n).unwrap_or(0));
    let provider = |at: u64| structure([("Name", format!("provider-{at}").into())]);
    let providers = Val::Array((0..n).map(provider).collect());
    let entry = structure([
        ("CreateIndex", 5u64.into()),
        ("JWT", structure([("Providers", providers)])),
        ("Kind", "service-intentions".into()),
        ("ModifyIndex", 5u64.into()),
        ("Name", name.into()),
        ("Sources", Val::Nil),
    ]);
    take(config::wrap("service-intentions", &entry))
}

/// Settings of this depth, encoded by hand, because the encoder cannot nest values that deeply.
pub(super) fn nested(n: u64, take: &mut Take<'_>) -> io::Result<()> {
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
