//! What TYPE means: object kinds and record types, by the names of either.
//!
//! A kind has the name that `list` uses, in the plural or singular (`tokens`, `token`), or that of
//! its objects in comparisons and findings. A record type is spelled as Consul spells it
//! (`ACLToken`). Every command takes all of these.

use crate::place::{Likeness, likeness};
use crate::suggest::{unknown, unknown_text};
use crate::terminal::note;
use anyhow::{Error, Result, anyhow, bail};
use snapscope_decode::Kind;
use snapscope_decode::stream::KINDS as RECORD_TYPES;
use snapscope_objects::kind::{KindId, ObjectKind, PeerSelection};
use snapscope_objects::kinds::{KINDS, all, by_name, by_object, compared_kinds, of};
use snapscope_objects::nearest;
use std::ffi::OsStr;

/// The record type with this spelling.
fn record_type(name: &str) -> Option<Kind> {
    let is_known = RECORD_TYPES.iter().any(|known| known.versions.is_some() && known.name == name);
    Kind::by_name(name).filter(|_| is_known)
}

/// The name that was probably meant: kinds first, because few people type record types.
fn meant(name: &str) -> impl Iterator<Item = &'static str> {
    let of_kinds = KINDS.iter().map(|kind| kind.name).chain(KINDS.iter().map(|kind| kind.one));
    let of_objects = compared_kinds().filter_map(|kind| kind.object);
    let found = nearest(name, of_kinds.chain(of_objects));
    found.or_else(|| nearest(name, names_of_records())).into_iter()
}

fn names_of_records() -> impl Iterator<Item = &'static str> {
    RECORD_TYPES.iter().filter(|known| known.versions.is_some()).map(|known| known.name)
}

/// The kinds of whole objects in records of a type.
fn kinds_in(record: Kind) -> Vec<&'static ObjectKind> {
    // Unknown record types belong to a kind that takes any record.
    let whole = all().filter(|kind| kind.object.is_some() && kind.id != KindId::Records);
    let mut kinds: Vec<&'static ObjectKind> =
        whole.filter(|kind| kind.from.contains(&record)).collect();
    // Intentions are also stored as config entries, whose kind has the name of the record type.
    let plain = |name: &str| name.replace('-', "").to_ascii_lowercase();
    let name = record.consul_name().map(plain);
    if let Some(at) = kinds.iter().position(|kind| Some(plain(kind.one)) == name) {
        kinds = vec![kinds.swap_remove(at)];
    }
    kinds
}

/// Whether a kind can be listed.
fn is_listed(kind: &ObjectKind) -> bool {
    KINDS.contains(&kind)
}

/// The error about a word in the place of TYPE.
fn unknown_type(name: &str, known: &str) -> Error {
    if matches!(likeness(OsStr::new(name)), Likeness::Name | Likeness::Snapshot) {
        return anyhow!(
            "{name:?} is a snapshot, not a type; the type comes first, such as kv or tokens"
        );
    }
    if name.contains('/') {
        return anyhow!("unknown type {name:?}; the type comes first: kv {name:?} for a key");
    }
    unknown("type", name, meant(name), known)
}

/// Finds the kind that TYPE names.
pub(crate) fn kind_named(name: &str) -> Result<&'static ObjectKind> {
    if let Some(kind) = by_name(name) {
        return Ok(kind);
    }
    let object = by_object(&name.to_ascii_lowercase());
    let in_records = record_type(name).map(kinds_in).unwrap_or_default();
    let only = match in_records.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    match (object.or(only), in_records.as_slice()) {
        (Some(kind), _) if is_listed(kind) => Ok(kind),
        (Some(kind), _) => {
            let record = kind.from.first().and_then(|record| record.consul_name());
            bail!(
                "{name} cannot be listed; `snapscope decode --type {}` prints it",
                record.unwrap_or(name)
            )
        }
        (None, []) if record_type(name).is_some() => {
            bail!("{name} cannot be listed; `snapscope decode --type {name}` prints it")
        }
        (None, []) => {
            let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            let known = format!("known types: {}", known.join(", "));
            Err(unknown_type(name, &known))
        }
        (None, several) => {
            let kinds: Vec<&str> = several.iter().map(|kind| kind.object_name()).collect();
            bail!(
                "records of type {name} hold several kinds of objects; name one of: {}",
                kinds.join(", ")
            )
        }
    }
}

/// The kind of an object, as a user names it: NODE/SERVICE-ID is an instance, which comparisons and
/// findings call a service.
pub(crate) fn kind_of(name: &str, id: &str) -> Result<&'static ObjectKind> {
    let kind = kind_named(name)?;
    let is_instance = kind.id == KindId::Services && id.contains('/');
    Ok(if is_instance { of(KindId::Instances) } else { kind })
}

/// The kinds that TYPE means in a comparison, which needs whole objects: keys and locks are `kv`,
/// and services are compared instance by instance.
pub(crate) fn compared_named(name: &str) -> Result<Vec<&'static ObjectKind>> {
    if let Some(kind) = by_object(&name.to_ascii_lowercase()) {
        return Ok(vec![kind]);
    }
    if let Some(kind) = by_name(name) {
        let whole = kind.traits.excerpt_of.map(of);
        let same = match kind.object {
            Some(_) => Some(kind),
            None if kind.id == KindId::Services => Some(of(KindId::Instances)),
            None => whole.or_else(|| kinds_in(*kind.from.first()?).first().copied()),
        };
        if let Some(kind) = same {
            return Ok(vec![kind]);
        }
    }
    let in_records = record_type(name).map(kinds_in).unwrap_or_default();
    if !in_records.is_empty() {
        return Ok(in_records);
    }
    // Records that belong to no kind are compared as they are.
    if record_type(name).is_some() {
        return Ok(vec![of(KindId::Records)]);
    }
    let known: Vec<&str> = compared_kinds().filter_map(|kind| kind.object).collect();
    let known = format!("known types: {}", known.join(", "));
    Err(unknown_type(name, &known))
}

/// The record types that TYPE means; `None` if none is given.
pub(crate) fn record_types(names_given: &[String]) -> Result<Option<Vec<Kind>>> {
    let mut records = Vec::new();
    for name in names_given {
        if let Some(record) = Kind::by_name(name) {
            records.push(record);
            continue;
        }
        let Some(kind) = by_name(name).or_else(|| by_object(&name.to_ascii_lowercase())) else {
            let known: Vec<&str> = names_of_records().collect();
            let known = format!("known types: {}, and Unknown(N) for any number", known.join(", "));
            bail!(unknown_text("record type", name, names_of_records(), &known));
        };
        for record in kind.from {
            let others = kinds_in(*record).into_iter().filter(|other| *other != kind);
            let others: Vec<&str> = others.map(|kind| kind.name).collect();
            if kind.object.is_some() && !others.is_empty() {
                let record = record.consul_name().unwrap_or_default();
                let others = others.join(" and ");
                note!("snapscope: note: records of type {record} hold {name} and {others}");
            }
            records.push(*record);
        }
    }
    Ok((!records.is_empty()).then_some(records))
}

/// The objects that `--peer` selects.
pub(crate) fn peers(kind: &ObjectKind, peer: Option<&str>) -> Result<PeerSelection> {
    Ok(match peer {
        None => PeerSelection::Local,
        Some(_) if !kind.traits.by_peer => {
            let with: Vec<&str> =
                KINDS.iter().filter(|kind| kind.traits.by_peer).map(|kind| kind.name).collect();
            bail!(
                "objects of type {} are never imported from peers; --peer works with {}",
                kind.name,
                with.join(", ")
            )
        }
        Some("all") => PeerSelection::All,
        Some(name) => PeerSelection::Named(name.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_kind_means_it_everywhere() {
        for kind in KINDS {
            for name in [kind.name, kind.one, &kind.name.to_uppercase()] {
                assert_eq!(kind_named(name).unwrap().name, kind.name, "{name}");
                assert!(!compared_named(name).unwrap().is_empty(), "{name}");
                assert!(record_types(&[name.to_owned()]).unwrap().is_some(), "{name}");
            }
        }
        for kind in compared_kinds() {
            let object = kind.object_name();
            assert_eq!(compared_named(object).unwrap(), [kind], "{object}");
        }
        for record in names_of_records() {
            assert!(!compared_named(record).unwrap().is_empty(), "{record}");
            assert!(record_types(&[record.to_owned()]).unwrap().is_some(), "{record}");
            // A kind, or what to do instead.
            let said =
                kind_named(record).map_or_else(|e| e.to_string(), |kind| kind.name.to_owned());
            assert!(!said.contains("unknown"), "{record}: {said}");
        }
        assert_eq!(kind_named("KVS").unwrap().name, "kv");
        assert_eq!(kind_named("ConfigEntry").unwrap().name, "config-entries");
        assert_eq!(kind_named("ACLToken").unwrap().name, "tokens");
        let said = kind_named("kvs").unwrap_err().to_string();
        assert_eq!(said, "unknown type \"kvs\"; did you mean \"kv\"?");
    }
}
