//! The secret scan: which parts of a snapshot are scanned, and which hits become findings.

use super::acl::{SecretHash, secret_hash};
use super::catalog::below_node;
use super::finding::{Finding, Findings};
use super::fold::AuditOptions;
use super::resource;
use super::rule::AuditRule;
use super::rules::{
    SECRET001, SECRET002, SECRET003, SECRET004, SECRET005, SECRET006, SECRET007, SECRET008,
    SECRET009, SECRET010, SECRET011,
};
use crate::secrets::{Certainty, Hit, SecretClass, VaultRoots};
use snapscope_decode::Frame;
use snapscope_decode::records::{
    ConfigEntryRef, HealthCheckRef, KvRef, NodeServiceRef, RegisterRef, ResourceRef,
};
use snapscope_decode::text::is_uuid;
use snapscope_decode::wire::Value;
use std::collections::HashMap;

/// Maximum number of plain UUID values that are compared with the SecretIDs.
const MOST_UUIDS: usize = 50_000;
/// Maximum nesting of values that is scanned.
const DEPTH: usize = 32;

/// Data held until all tokens and all marks of Vault are known.
#[derive(Debug, Default)]
pub(super) struct SecretRules {
    vaults: VaultRoots,
    uuids: Vec<(SecretHash, Vec<u8>, u64, u64)>,
}

/// The object a text belongs to.
struct Place<'p> {
    kind: &'static str,
    id: &'p [u8],
    number: u64,
    index: u64,
}

impl SecretRules {
    pub(super) fn key(
        &mut self,
        number: u64,
        kv: &KvRef<'_>,
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        let (key, value) = (kv.key.0, kv.value.0);
        self.vaults.see(key);
        let place = Place { kind: "kv", id: key, number, index: kv.modify_index };
        if options.scanner.masked_key(key).is_some() {
            let message = "the key name contains a string that looks like a secret";
            out.add(Finding::new(&SECRET010, "kv", key, message).at(number, kv.modify_index));
        }
        let trimmed = value.trim_ascii();
        if is_uuid(trimmed) && self.uuids.len() < MOST_UUIDS {
            self.uuids.push((secret_hash(trimmed), key.to_vec(), number, kv.modify_index));
        }
        if !value.is_empty() {
            report(&place, "", value, &options.scanner.scan(key, value), options, out);
        }
    }

    /// A node, a service or a check. The node's own fields are repeated in the records of its
    /// services and checks, so they are scanned once.
    pub(super) fn register(
        frame: &Frame<'_>,
        (register, service, check): (
            &RegisterRef<'_>,
            Option<&NodeServiceRef<'_>>,
            Option<&HealthCheckRef<'_>>,
        ),
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        let number = frame.number;
        let Ok(Value::Map(fields)) = frame.value() else { return };
        let find = |name: &[u8]| fields.find(name).ok().flatten();
        let mut path = String::new();
        if service.is_none() && check.is_none() {
            let id = below_node(register, b"");
            let place = Place { kind: "node", id: &id, number, index: register.modify_index };
            if let Some(meta) = find(b"NodeMeta") {
                path.push_str("Meta");
                walk(&place, meta, &mut path, b"Meta", DEPTH, options, out);
            }
        }
        if let Some(service) = service {
            let id = below_node(register, service.id.0);
            let place = Place { kind: "service", id: &id, number, index: service.modify_index };
            if let Some(Value::Map(service)) = find(b"Service") {
                for field in ["Meta", "Tags", "Proxy", "Connect"] {
                    if let Ok(Some(value)) = service.find(field.as_bytes()) {
                        path.clear();
                        path.push_str(field);
                        walk(&place, value, &mut path, field.as_bytes(), DEPTH, options, out);
                    }
                }
            }
        }
        if let Some(check) = check {
            let id = below_node(register, check.check_id.0);
            let place = Place { kind: "check", id: &id, number, index: check.modify_index };
            if let Some(Value::Map(check)) = find(b"Check") {
                for field in ["Output", "Notes", "Definition"] {
                    if let Ok(Some(value)) = check.find(field.as_bytes()) {
                        path.clear();
                        path.push_str(field);
                        walk(&place, value, &mut path, field.as_bytes(), DEPTH, options, out);
                    }
                }
            }
        }
    }

    pub(super) fn config_entry(
        number: u64,
        entry: &ConfigEntryRef<'_>,
        index: u64,
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        // Its private key has a rule of its own.
        if entry.kind.0 == b"inline-certificate" {
            return;
        }
        let id = [entry.kind.0, b"/", entry.name().0].concat();
        let place = Place { kind: "config-entry", id: &id, number, index };
        walk(&place, entry.entry, &mut String::new(), b"", DEPTH, options, out);
    }

    pub(super) fn resource(
        number: u64,
        resource: &ResourceRef<'_>,
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        let (id, index) = (resource::name_of(resource.message), resource::index_of(resource));
        let place = Place { kind: "resource", id: &id, number, index };
        resource::texts(resource.message, &mut |path, name, text| {
            look(&place, path, name, text, options, out);
        });
    }

    /// A record of which all texts are scanned, except for some fields.
    pub(super) fn fields(
        (kind, id, number, index): (&'static str, &[u8], u64, u64),
        frame: &Frame<'_>,
        except: &[&[u8]],
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        let Ok(Value::Map(fields)) = frame.value() else { return };
        let place = Place { kind, id, number, index };
        for (name, value) in fields.flatten() {
            let Value::Raw(name) = name else { continue };
            if !except.contains(&name) {
                let mut path = String::from_utf8_lossy(name).into_owned();
                walk(&place, value, &mut path, name, DEPTH, options, out);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.vaults.merge(other.vaults);
        self.uuids.extend(other.uuids);
    }

    /// Returns where Vaults keep their data.
    pub(super) fn finish(
        self,
        by_secret: &HashMap<SecretHash, &[u8]>,
        out: &mut Findings,
    ) -> VaultRoots {
        for (hash, key, number, index) in self.uuids {
            if let Some(accessor) = by_secret.get(&hash) {
                let accessor = String::from_utf8_lossy(accessor);
                let message = format!("its value is the SecretID of token {accessor}");
                out.add(Finding::new(&SECRET011, "kv", key, message).at(number, index));
            }
        }
        let vaults = self.vaults;
        out.retain(|f| !(f.kind == "kv" && f.rule.group() == "SECRET" && vaults.holds(&f.id)));
        vaults
    }
}

/// Scans every text in a value; the name before it hints at its meaning.
fn walk(
    place: &Place<'_>,
    value: Value<'_>,
    path: &mut String,
    name: &[u8],
    depth: usize,
    options: &AuditOptions,
    out: &mut Findings,
) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Raw(text) => look(place, path, name, text, options, out),
        Value::Array(items) => {
            for item in items.flatten() {
                walk(place, item, path, name, depth - 1, options, out);
            }
        }
        Value::Map(entries) => {
            for (key, value) in entries.flatten() {
                let Value::Raw(key) = key else { continue };
                // Headers of checks have a rule of their own.
                if key == b"Header" && place.kind == "check" {
                    continue;
                }
                let length = path.len();
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&String::from_utf8_lossy(key));
                walk(place, value, path, key, depth - 1, options, out);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// A text outside KV, where a text that only looks generated is an ID.
fn look(
    place: &Place<'_>,
    path: &str,
    name: &[u8],
    text: &[u8],
    options: &AuditOptions,
    out: &mut Findings,
) {
    if text.len() >= 4 {
        let mut hits = options.scanner.scan(name, text);
        hits.retain(|hit| hit.class != SecretClass::Random);
        report(place, path, text, &hits, options, out);
    }
}

const fn rule_of(hit: &Hit) -> &'static AuditRule {
    match (hit.class, hit.certainty) {
        (_, Certainty::Guess)
        | (SecretClass::PrivateKey, Certainty::Likely)
        | (SecretClass::Random, _) => &SECRET009,
        (SecretClass::PrivateKey, Certainty::Sure) => &SECRET001,
        (SecretClass::CloudKey, _) => &SECRET002,
        (SecretClass::ServiceToken, _) => &SECRET003,
        (SecretClass::HashiCorpToken, _) => &SECRET004,
        (SecretClass::Jwt, _) => &SECRET005,
        (SecretClass::ConnectionString, Certainty::Sure) => &SECRET006,
        (SecretClass::ConnectionString, Certainty::Likely) | (SecretClass::Assigned, _) => {
            &SECRET007
        }
        (SecretClass::Named, _) => &SECRET008,
    }
}

/// One finding per text and rule, however often it matches there.
fn report(
    place: &Place<'_>,
    field: &str,
    text: &[u8],
    hits: &[Hit],
    options: &AuditOptions,
    out: &mut Findings,
) {
    let mut told: Vec<&'static str> = Vec::new();
    for hit in hits {
        let rule = rule_of(hit);
        if told.contains(&rule.id) {
            continue;
        }
        told.push(rule.id);
        let count = hits.iter().filter(|other| rule_of(other).id == rule.id).count();
        let place_of = if field.is_empty() { "in the value" } else { "in the field" };
        let wrapped = if hit.wrapped { ", encoded in base64" } else { "" };
        let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
        let message = format!("{place_of}{wrapped}{more}");
        let excerpt = match text.get(hit.range.clone()) {
            Some(secret) if options.show_secrets => String::from_utf8_lossy(secret).into_owned(),
            _ => hit.excerpt.clone(),
        };
        let mut finding = Finding::new(rule, place.kind, place.id, message)
            .at(place.number, place.index)
            .showing(excerpt);
        if !field.is_empty() {
            finding = finding.in_field(field);
        }
        out.add(finding);
    }
}
