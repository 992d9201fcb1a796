//! Intentions as parts of config entries.

use super::config_entries;
use super::config_entry::{Entry, new_intentions};
use crate::document::{Applied, Doc, Refused, list, refused};
use crate::entry_hash;
use crate::machine::{Machine, unknown_operation};
use crate::table::{Table, key_of};

const KIND: &[u8] = b"service-intentions";

pub(super) fn apply(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let op = request.text("Op");
    if !request.is_nil("Mutation") {
        return mutate(machine, op, &request.doc("Mutation")?);
    }
    if op == b"delete-all" {
        return super::legacy_intentions::delete_all(machine);
    }
    super::legacy_intentions::apply(machine, op, request.doc("Intention")?)
}

fn mutate(machine: &mut Machine, op: &[u8], mutation: &Doc<'_>) -> Applied {
    if !machine.has_metadata(b"intention-format") {
        return refused("this version has no config entries for intentions");
    }
    let destination = mutation.doc("Destination")?.text("Name").to_vec();
    let source = mutation.doc("Source")?.text("Name").to_vec();
    let id = mutation.text("ID").to_vec();
    let value = || mutation.doc("Value");
    match op {
        b"create" => change(machine, Found::Named(destination), true, |sources| {
            sources.push(value()?.bytes());
            Ok(true)
        }),
        b"upsert" => change(machine, Found::Named(destination), false, |sources| {
            let value = value()?.bytes();
            match position(sources, "Name", &source)? {
                Some(at) => sources.splice(at..=at, [value]).for_each(drop),
                None => sources.push(value),
            }
            Ok(true)
        }),
        b"update" => change(machine, Found::ById(id.clone()), true, |sources| {
            let Some(at) = position(sources, "LegacyID", &id)? else {
                return refused("the intention doesn't exist");
            };
            sources.splice(at..=at, [value()?.bytes()]).for_each(drop);
            Ok(true)
        }),
        b"delete" if id.is_empty() => {
            change(machine, Found::Named(destination), false, |sources| {
                let at = position(sources, "Name", &source)?;
                at.map(|at| sources.remove(at));
                Ok(at.is_some())
            })
        }
        b"delete" => change(machine, Found::ById(id.clone()), true, |sources| {
            let Some(at) = position(sources, "LegacyID", &id)? else {
                return refused("the intention doesn't exist");
            };
            sources.remove(at);
            Ok(true)
        }),
        _ => unknown_operation(),
    }
}

/// The key of the entry.
enum Found {
    Named(Vec<u8>),
    ById(Vec<u8>),
}

fn position(sources: &[Vec<u8>], field: &str, value: &[u8]) -> Result<Option<usize>, Refused> {
    for (at, source) in sources.iter().enumerate() {
        if Doc::read(source)?.text(field) == value {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Changes the sources of an entry. An entry without sources is deleted.
fn change(
    machine: &mut Machine,
    found: Found,
    is_legacy: bool,
    edit: impl FnOnce(&mut Vec<Vec<u8>>) -> Result<bool, Refused>,
) -> Applied {
    let (name, body) = match found {
        Found::Named(name) => {
            let body = machine.get(Table::ConfigEntries, &key_of(&[KIND, &name]));
            (name, body)
        }
        Found::ById(id) => match by_id(machine, &id)? {
            Some((name, body)) => (name, Some(body)),
            None => return refused("the intention doesn't exist"),
        },
    };
    let mut entry = match body.as_deref() {
        Some(body) => Entry::of_record(body)?,
        None => new_intentions(&name, template(machine)?),
    };
    if is_legacy && body.is_some() {
        for source in entry.entry.items("Sources") {
            if Doc::read(source)?.text("LegacyID").is_empty() {
                return refused("the entry was replaced in the meantime");
            }
        }
    }
    let mut sources: Vec<Vec<u8>> =
        entry.entry.items("Sources").into_iter().map(<[u8]>::to_vec).collect();
    // Nothing to delete.
    if !edit(&mut sources)? {
        return Ok(());
    }
    if sources.is_empty() {
        return config_entries::delete(machine, KIND, &name);
    }
    normalize(&mut entry.entry, sources, is_legacy)?;
    config_entries::ensure(machine, entry, false)
}

fn by_id(machine: &Machine, id: &[u8]) -> Result<Option<(Vec<u8>, crate::rows::Body)>, Refused> {
    for (_, body) in machine.tables.below(Table::ConfigEntries, &key_of(&[KIND])) {
        let entry = Entry::of_record(&body)?;
        for source in entry.entry.items("Sources") {
            if Doc::read(source)?.text("LegacyID") == id {
                let name = entry.name().to_vec();
                return Ok(Some((name, body)));
            }
        }
    }
    Ok(None)
}

/// An empty entry with the fields of another one, or else of the version.
fn template(machine: &Machine) -> Result<Doc<'static>, Refused> {
    let entries = machine.tables.below(Table::ConfigEntries, &key_of(&[KIND]));
    let like = match entries.first() {
        Some((_, body)) => Some(Entry::of_record(body)?),
        None => None,
    };
    let has = |field| match &like {
        Some(like) => like.entry.has(field),
        None => machine.rules.hashed_intentions(),
    };
    let mut out = Doc::default();
    if has("JWT") {
        out.set_nil("JWT");
    }
    out.set_nil("Meta");
    out.set_nil("Sources");
    if has("Hash") {
        out.set_uint("Hash", 0);
    }
    Ok(out)
}

/// Sets the precedence of the sources, sorts them by it, and sets the hash of the entry.
fn normalize(entry: &mut Doc<'_>, sources: Vec<Vec<u8>>, is_legacy: bool) -> Applied {
    let destination = entry.text("Name").to_vec();
    let mut sorted = Vec::new();
    for source in &sources {
        let mut source = Doc::read(source)?;
        if source.text("Type").is_empty() {
            source.set_text("Type", b"consul");
        }
        if !is_legacy && !source.text("LegacyID").is_empty() {
            // The intention keeps its ID.
        } else if !is_legacy {
            for field in ["LegacyCreateTime", "LegacyUpdateTime"] {
                source.set_nil(field);
            }
        }
        if is_legacy && source.is_nil("LegacyMeta") {
            source.set("LegacyMeta", vec![0x80]);
        }
        let precedence = precedence(source.text("Name"), &destination);
        source.set_uint("Precedence", precedence);
        sorted.push((precedence, source.bytes()));
    }
    sorted.sort_by_key(|(precedence, _)| std::cmp::Reverse(*precedence));
    let sources: Vec<Vec<u8>> = sorted.into_iter().map(|(_, source)| source).collect();
    entry.set("Sources", list(&sources));
    if entry.has("Hash") {
        entry.set_uint("Hash", entry_hash::of_intentions(&entry.bytes()));
    }
    Ok(())
}

fn precedence(source: &[u8], destination: &[u8]) -> u64 {
    match (destination == b"*", source == b"*") {
        (false, false) => 9,
        (false, true) => 8,
        (true, false) => 6,
        (true, true) => 5,
    }
}
