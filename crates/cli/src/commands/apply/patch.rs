//! A patch: the folder that `diff -o patch` and `undo` write.

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::{Value, json};
use snapscope_analyze::api::path::unescaped;
use snapscope_analyze::api::written::{Object, key_object};
use snapscope_export::patch_files::{ENTRIES, INCOMPLETE, KEYS, NOT_COVERED, STEPS};
use snapscope_live::apply::Desired;
use snapscope_objects::kind::KindId;
use std::fs;
use std::path::{Path, PathBuf};

/// Whether a folder is a patch.
pub(super) fn is_one(path: &Path) -> bool {
    path.join(NOT_COVERED).is_file()
        && path.join(ENTRIES).join(STEPS).is_file()
        && path.join(KEYS).is_dir()
}

/// The objects that a patch writes and deletes.
pub(super) fn read(path: &Path, incomplete: bool) -> Result<Vec<Desired>> {
    if path.join(INCOMPLETE).exists() && !incomplete {
        bail!(
            "{}: made from a damaged snapshot (see {INCOMPLETE} in it); --incomplete applies it",
            path.display()
        );
    }
    let mut wanted = keys(&path.join(KEYS))?;
    wanted.extend(entries(&path.join(ENTRIES))?);
    Ok(wanted)
}

fn keys(folder: &Path) -> Result<Vec<Desired>> {
    let mut names: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        names.push(entry?.path());
    }
    names.sort();
    let mut wanted = Vec::new();
    for name in names {
        let wrong = |what: &str| anyhow!("{}: {what}", name.display());
        match name.extension().and_then(|ending| ending.to_str()) {
            Some("json") => {
                let Value::Array(operations) = json_of(&name)? else {
                    return Err(wrong("not a list of operations"));
                };
                for operation in operations {
                    wanted.push(key_of(&operation).ok_or_else(|| wrong("unknown operation"))?);
                }
            }
            Some("path") => wanted.push(large(&name)?),
            // The value of a path.
            Some("value") => {}
            _ => return Err(wrong("not a file of a patch")),
        }
    }
    Ok(wanted)
}

fn key_of(operation: &Value) -> Option<Desired> {
    let kv = operation.get("KV")?;
    let delete = match kv.get("Verb")?.as_str()? {
        "set" => false,
        "delete" => true,
        _ => return None,
    };
    let mut object = Object::new();
    object.insert("Key".to_owned(), kv.get("Key")?.as_str()?.into());
    if !delete {
        object.insert("Value".to_owned(), kv.get("Value").cloned().unwrap_or(Value::Null));
        object.insert("Flags".to_owned(), kv.get("Flags").cloned().unwrap_or(json!(0)));
    }
    Some(Desired { delete, ..Desired::new(KindId::Kv, object, 0) })
}

/// A value in its own file, and the path that contains its key.
fn large(name: &Path) -> Result<Desired> {
    let text = fs::read_to_string(name).with_context(|| name.display().to_string())?;
    let wrong = || anyhow!("{}: not the path of a key", name.display());
    let (key, flags) = text.trim_end_matches('\n').split_once("?flags=").ok_or_else(wrong)?;
    let key = unescaped(key).ok_or_else(wrong)?;
    let flags: u64 = flags.parse().map_err(|_| wrong())?;
    let file = name.with_extension("value");
    let value = fs::read(&file).with_context(|| file.display().to_string())?;
    Ok(Desired::new(KindId::Kv, key_object(&key, &value, flags), 0))
}

fn entries(folder: &Path) -> Result<Vec<Desired>> {
    let steps = folder.join(STEPS);
    let text = fs::read_to_string(&steps).with_context(|| steps.display().to_string())?;
    let mut wanted = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = || anyhow!("{}: line {} is unknown", steps.display(), at + 1);
        match line.split_once(':') {
            // A plain file name in the folder.
            Some(("PUT", file)) if Path::new(file).file_name().is_some_and(|name| name == file) => {
                let Value::Object(entry) = json_of(&folder.join(file))? else {
                    return Err(wrong());
                };
                wanted.push(Desired::new(KindId::ConfigEntries, entry, 0));
            }
            Some(("DELETE", path)) => {
                let (kind, name) = path.split_once('/').ok_or_else(wrong)?;
                let kind = unescaped(kind).ok_or_else(wrong)?;
                let name = unescaped(name).ok_or_else(wrong)?;
                let entry = json!({"Kind": kind, "Name": name});
                let entry = entry.as_object().cloned().unwrap_or_default();
                let gone = Desired::new(KindId::ConfigEntries, entry, 0);
                wanted.push(Desired { delete: true, ..gone });
            }
            _ => return Err(wrong()),
        }
    }
    Ok(wanted)
}

fn json_of(name: &Path) -> Result<Value> {
    let text = fs::read(name).with_context(|| name.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| format!("{}: not JSON", name.display()))
}
