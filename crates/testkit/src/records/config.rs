//! Config entries: one raw value that holds the kind, then the request map around the entry.

mod examples;

use super::{Record, kind};
use crate::msgpack::{Val, put_raw, structure};
use crate::shapes::{ConsulVersion, build};

/// The kinds that 1.8.7 knows.
pub const KINDS_1_8_7: [&str; 7] = [
    "ingress-gateway",
    "proxy-defaults",
    "service-defaults",
    "service-resolver",
    "service-router",
    "service-splitter",
    "terminating-gateway",
];

/// The kinds that 1.21.4 knows.
pub const KINDS_1_21_4: [&str; 18] = [
    "api-gateway",
    "bound-api-gateway",
    "exported-services",
    "file-system-certificate",
    "http-route",
    "ingress-gateway",
    "inline-certificate",
    "jwt-provider",
    "mesh",
    "proxy-defaults",
    "sameness-group",
    "service-defaults",
    "service-intentions",
    "service-resolver",
    "service-router",
    "service-splitter",
    "tcp-route",
    "terminating-gateway",
];

/// A config entry whose stored struct is `entry`.
#[must_use]
pub fn wrap(config_kind: &str, entry: &Val) -> Record {
    // proxy-defaults has its own marshaller, which nests it twice.
    let entry =
        if config_kind == "proxy-defaults" { Val::Raw(entry.bytes()) } else { entry.clone() };
    let request = structure([
        ("Datacenter", "".into()),
        ("Entry", entry),
        ("Op", "".into()),
        ("Token", "".into()),
    ]);
    let mut inner = Vec::new();
    put_raw(&mut inner, config_kind.as_bytes());
    request.encode(&mut inner);
    Record::new(kind::CONFIG_ENTRY, Val::Raw(inner))
}

/// A config entry with the given fields; the others are zero. Kind and indexes are filled in where stored.
#[must_use]
pub fn entry(
    version: ConsulVersion,
    config_kind: &str,
    name: &str,
    mut fields: Vec<(&str, Val)>,
    index: u64,
) -> Record {
    // These three store no kind, and a mesh stores no name either.
    if !matches!(config_kind, "mesh" | "exported-services" | "sameness-group") {
        fields.push(("Kind", config_kind.into()));
    }
    if config_kind != "mesh" {
        fields.push(("Name", name.into()));
    }
    fields.push(("CreateIndex", index.into()));
    fields.push(("ModifyIndex", index.into()));
    wrap(config_kind, &build(config_kind, version, fields))
}

/// An entry of that kind with typical content.
///
/// # Panics
/// If the kind is unknown.
#[must_use]
pub fn example(version: ConsulVersion, config_kind: &str, name: &str, index: u64) -> Record {
    entry(version, config_kind, name, examples::fields(version, config_kind), index)
}
