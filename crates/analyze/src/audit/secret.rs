//! The secret scan: which parts of a snapshot are scanned, and which hits become findings.

use super::acl::{SecretHash, secret_hash};
use super::finding::{Finding, Findings};
use super::messages;
use super::options::AuditOptions;
use super::owner::{KeptOwner, Owner};
use super::resource;
use super::rule::AuditRule;
use super::rules::{
    SECRET001, SECRET002, SECRET003, SECRET004, SECRET005, SECRET006, SECRET007, SECRET008,
    SECRET009, SECRET010, SECRET011,
};
use super::texts::{Text, Walk, has_text};
use crate::secrets::{Certainty, Hit, SecretClass, VaultRoots, is_credential_header};
use snapscope_decode::Frame;
use snapscope_decode::records::{
    ConfigEntryRef, HealthCheckRef, KvRef, NodeServiceRef, PEERING, PeeringRef, RESOURCE,
    RegisterRef, ResourceRef, record_schema,
};
use snapscope_decode::schema::{Schema, WireStruct as _};
use snapscope_decode::text::is_uuid;
use snapscope_decode::wire::{Entries, Value};
use snapscope_objects::filter::Shape;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds::{Disclosure, is_harmless};
use std::collections::HashMap;

/// Maximum number of plain UUID values that are compared with the SecretIDs.
const MOST_UUIDS: usize = 50_000;

/// Data held until all tokens and all marks of Vault are known.
#[derive(Debug, Default)]
pub(super) struct SecretRules {
    vaults: VaultRoots,
    uuids: Vec<(SecretHash, KeptOwner)>,
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
        let place = Owner::new(KindId::Kv, key, number, kv.modify_index);
        if options.scanner.masked_key(key).is_some() {
            let message = "the key name contains a string that looks like a secret";
            out.add(place.finding(&SECRET010, message));
        }
        let trimmed = value.trim_ascii();
        if is_uuid(trimmed) && self.uuids.len() < MOST_UUIDS {
            let kept = KeptOwner { id: key.to_vec(), number, index: kv.modify_index };
            self.uuids.push((secret_hash(trimmed), kept));
        }
        if !value.is_empty() {
            report(&place, "", value, &options.scanner.scan(key, value), options, out);
        }
    }

    /// The name of a key that was deleted.
    pub(super) fn tombstone(
        number: u64,
        kv: &KvRef<'_>,
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        if options.scanner.masked_key(kv.key.0).is_some() {
            let message = "the key name contains a string that looks like a secret";
            let finding = Finding::new(&SECRET010, KindId::Tombstones, kv.key.0, message);
            out.add(finding.at(number, kv.modify_index));
        }
    }

    /// A node, a service or checks. The node's own fields are repeated in the records of its
    /// services and checks, so they are scanned once.
    pub(super) fn register(
        frame: &Frame<'_>,
        register: &RegisterRef<'_>,
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        let Ok(Value::Map(fields)) = frame.value() else { return };
        let find = |name: &[u8]| fields.find(name).ok().flatten().filter(|value| !value.is_nil());
        let (service, check, checks) = (find(b"Service"), find(b"Check"), find(b"Checks"));
        let mut look = Looker { number: frame.number, options, out };
        if service.is_none() && check.is_none() && checks.is_none() {
            let id = register.called(b"");
            look.fields(
                KindId::Nodes,
                (&id, register.modify_index),
                fields,
                RegisterRef::schema(),
                &NODE,
            );
        }
        let text = |fields: &Entries<'_>, name: &[u8]| match fields.find(name) {
            Ok(Some(Value::Raw(text))) => text.to_vec(),
            _ => Vec::new(),
        };
        if let Some(Value::Map(fields)) = service {
            let id = register.called(&text(&fields, b"ID"));
            let place = (id.as_slice(), index_of(&fields));
            look.fields(KindId::Instances, place, fields, NodeServiceRef::schema(), &SERVICE);
        }
        let listed = match checks {
            Some(Value::Array(items)) => Some(items),
            _ => None,
        };
        for check in check.into_iter().chain(listed.into_iter().flat_map(Iterator::flatten)) {
            if let Value::Map(fields) = check {
                let id = register.called(&text(&fields, b"CheckID"));
                let place = (id.as_slice(), index_of(&fields));
                look.fields(KindId::Checks, place, fields, HealthCheckRef::schema(), &CHECK);
            }
        }
    }

    pub(super) fn config_entry(
        number: u64,
        entry: &ConfigEntryRef<'_>,
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        let kind = str::from_utf8(entry.kind.0).ok();
        let id = [entry.kind.0, b"/", entry.name().0].concat();
        let index = match &entry.entry {
            Value::Map(fields) => index_of(fields),
            _ => 0,
        };
        let place = Owner { kind: KindId::ConfigEntries, id: &id, number, index };
        let disclosure = Disclosure::of(Shape::config_entry(kind));
        // The private key of a certificate has a rule of its own.
        let except: &[&[u8]] = match kind {
            Some("inline-certificate") => &[b"PrivateKey"],
            _ => &[],
        };
        let mut see = |text: Text<'_>| look(&place, &text, options, out);
        Walk::new(except, &mut see).value(entry.entry, &disclosure);
    }

    pub(super) fn resource(
        number: u64,
        resource: &ResourceRef<'_>,
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        let (id, index) = (resource::name_of(resource.message), resource::index_of(resource));
        let place = Owner { kind: KindId::Resources, id: &id, number, index };
        messages::texts(resource.message, &RESOURCE, &mut |text| look(&place, &text, options, out));
    }

    pub(super) fn peering(
        number: u64,
        peering: &PeeringRef<'_>,
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        let (id, index) = (peering.name.0, peering.modify_index);
        let place = Owner { kind: KindId::Peerings, id, number, index };
        messages::texts(peering.message, &PEERING, &mut |text| look(&place, &text, options, out));
    }

    /// A record of which all texts are scanned, except for some fields.
    pub(super) fn record(
        place: &Owner<'_>,
        frame: &Frame<'_>,
        except: &[&[u8]],
        options: &AuditOptions,
        out: &mut Findings,
    ) {
        let Ok(value) = frame.value() else { return };
        let disclosure = match record_schema(frame.kind) {
            Some(schema) => Disclosure::of(Shape::Struct(schema)),
            None => Disclosure::harmless(),
        };
        let mut see = |text: Text<'_>| look(place, &text, options, out);
        Walk::new(except, &mut see).value(value, &disclosure);
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
        for (hash, key) in self.uuids {
            if let Some(accessor) = by_secret.get(&hash) {
                let accessor = String::from_utf8_lossy(accessor);
                let message = format!("its value is the SecretID of token {accessor}");
                out.add(key.place(KindId::Kv).finding(&SECRET011, message));
            }
        }
        let vaults = self.vaults;
        out.retain(|f| {
            !(f.subject == KindId::Kv.into() && f.rule.group() == "SECRET" && vaults.holds(&f.id))
        });
        vaults
    }
}

/// Fields of a node, a service and a check that hold names, addresses and numbers, or belong to
/// another object.
const NODE: [&[u8]; 9] = [
    b"Address",
    b"Check",
    b"Checks",
    b"Datacenter",
    b"ID",
    b"Node",
    b"PeerName",
    b"Service",
    b"TaggedAddresses",
];
const SERVICE: [&[u8]; 6] =
    [b"Address", b"ID", b"Kind", b"PeerName", b"Service", b"TaggedAddresses"];
const CHECK: [&[u8]; 8] = [
    b"CheckID",
    b"Node",
    b"PeerName",
    b"ServiceID",
    b"ServiceName",
    b"ServiceTags",
    b"Status",
    b"Type",
];

/// Examines the parts of one record.
struct Looker<'l> {
    number: u64,
    options: &'l AuditOptions,
    out: &'l mut Findings,
}

impl Looker<'_> {
    fn fields(
        &mut self,
        kind: KindId,
        (id, index): (&[u8], u64),
        fields: Entries<'_>,
        schema: &'static Schema,
        except: &[&[u8]],
    ) {
        let place = Owner { kind, id, number: self.number, index };
        let disclosure = Disclosure::of(Shape::Struct(schema));
        let (options, out) = (self.options, &mut *self.out);
        let mut see = |text: Text<'_>| {
            // Headers of checks whose names indicate a credential have a rule of their own.
            let header = text.path.starts_with("Definition.Header.");
            if !(kind == KindId::Checks && header && is_credential_header(text.name)) {
                look(&place, &text, options, out);
            }
        };
        let mut walk = Walk::new(&[], &mut see);
        for (name, value) in fields.flatten() {
            if let Value::Raw(name) = name
                && has_text(&value)
                && !except.contains(&name)
            {
                let shown = if name == b"NodeMeta" { b"Meta" } else { name };
                walk.field(shown, value, &disclosure.member(name));
            }
        }
    }
}

/// The Raft index at which an object was changed.
fn index_of(fields: &Entries<'_>) -> u64 {
    match fields.find(b"ModifyIndex") {
        Ok(Some(Value::Uint(index))) => index,
        _ => 0,
    }
}

/// A text outside KV, where a text that only looks generated is an ID unless it is a setting.
fn look(place: &Owner<'_>, text: &Text<'_>, options: &AuditOptions, out: &mut Findings) {
    if text.bytes.len() < 4 {
        return;
    }
    let scanner = &options.scanner;
    let pattern = text.path.ends_with("Regex") || text.path.ends_with("regex");
    let mut hits = if text.any && !pattern && !is_harmless(text.name) {
        scanner.scan_setting(text.name, text.bytes)
    } else {
        scanner.scan_field(text.name, text.bytes)
    };
    // Words in rules are names of resources and policies, so only certain hits count there.
    if text.path.ends_with("Rules") {
        hits.retain(|hit| hit.certainty == Certainty::Sure);
    }
    report(place, text.path, text.bytes, &hits, options, out);
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
    place: &Owner<'_>,
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
        let mut finding = place.finding(rule, message).showing(excerpt);
        if !field.is_empty() {
            finding = finding.in_field(field);
        }
        out.add(finding);
    }
}
