//! Shows keys as a tree.

use super::super::ask::{Ask, quoted, reference};
use super::super::reply::Reply;
use serde_json::{Value, json};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::text::hex;
use snapscope_objects::printable::is_unprintable;

/// Maximum number of rows of a level.
const ROWS: usize = 200;
/// Maximum number of keys examined for a level if the reader may not read all of them.
const LOOKED_AT: usize = 200_000;
/// Maximum number of bytes shown of a value.
const VALUE: usize = 64 << 10;

pub(super) fn level(ask: &Ask<'_>) -> Result<Value, Reply> {
    let (spool, prefix) = (ask.view.spool, ask.name("prefix"));
    if ask.view.authorizer.key_list_policy() && !ask.may(Resource::Key, Access::List, &prefix) {
        return Err(Reply::denied("key:list"));
    }
    let range = spool.keys_below(&prefix);
    let mut at = range.start.max(ask.number("from"));
    let sees_all = ask.whole().is_ok();
    let may = |key: &[u8]| sees_all || ask.may(Resource::Key, Access::Read, key);
    let mut rows: Vec<Value> = Vec::new();
    let (mut looked_at, mut is_filtered) = (0, false);
    while at < range.end && rows.len() < ROWS && looked_at < LOOKED_AT {
        let Some(kv) = spool.key_at(at) else { break };
        let key = kv.key.0;
        let rest = key.get(prefix.len()..).unwrap_or(&[]);
        let Some(end) = rest.iter().position(|byte| *byte == b'/') else {
            looked_at += 1;
            at += 1;
            if may(key) {
                let name = if rest.is_empty() { key } else { rest };
                rows.push(json!({
                    "name": ask.shown(name), "ref": reference(key), "is_folder": false, "bytes": kv.value.0.len(),
                }));
            } else {
                is_filtered = true;
            }
            continue;
        };
        let folder = key.get(..prefix.len() + end + 1).unwrap_or(key);
        let below = spool.keys_below(folder);
        let count = if sees_all {
            below.len()
        } else {
            let below = below.clone().take(LOOKED_AT);
            looked_at += below.len();
            below.filter_map(|at| spool.key_at(at)).filter(|kv| may(kv.key.0)).count()
        };
        if count > 0 {
            let name = rest.get(..=end).unwrap_or(rest);
            rows.push(json!({
                "name": ask.shown(name), "ref": reference(folder), "is_folder": true, "count": count,
            }));
        }
        is_filtered |= count < below.len();
        at = below.end.max(at + 1);
    }
    let words = match prefix.as_slice() {
        [] => "list keys".to_owned(),
        prefix => format!("list keys --prefix {}", quoted(prefix, "PREFIX")),
    };
    Ok(json!({
        "crumbs": crumbs(ask, &prefix),
        "rows": rows,
        "next": (at < range.end).then_some(at),
        "is_filtered": is_filtered,
        "command": ask.command(&words),
    }))
}

/// The prefixes that lead to a prefix or key.
fn crumbs(ask: &Ask<'_>, prefix: &[u8]) -> Vec<Value> {
    let mut all = vec![json!({"name": "all keys", "ref": ""})];
    let mut start = 0;
    for (at, _) in prefix.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
        let name = prefix.get(start..at).unwrap_or(&[]);
        let whole = prefix.get(..=at).unwrap_or(prefix);
        all.push(json!({"name": ask.shown(name), "ref": reference(whole)}));
        start = at + 1;
    }
    all
}

pub(super) fn key(ask: &Ask<'_>) -> Result<Value, Reply> {
    let key = ask.name("key");
    if !ask.may(Resource::Key, Access::Read, &key) {
        return Err(Reply::denied("key:read on this key"));
    }
    let Some(kv) = ask.view.spool.key(&key) else {
        return Err(Reply::error(404, "This key does not exist."));
    };
    let value = kv.value.0;
    let start = value.get(..VALUE).unwrap_or(value);
    let is_shown = ask.text("show") == "1";
    let command = format!("get kv {}", quoted(&key, "KEY"));
    let folder = key.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    let (folder, last) = key.split_at(folder);
    let mut crumbs = crumbs(ask, folder);
    crumbs.push(json!({"name": ask.shown(last), "ref": ""}));
    Ok(json!({
        "name": ask.shown(&key),
        "crumbs": crumbs,
        "bytes": value.len(),
        "flags": kv.flags,
        "create_index": kv.create_index,
        "modify_index": kv.modify_index,
        "lock_index": kv.lock_index,
        "session": ask.shown(kv.session.0),
        "value": is_shown.then(|| written(start, &ask.text("as"))),
        "is_cut": start.len() < value.len(),
        "command": ask.command(&command),
    }))
}

/// A value in the requested form.
fn written(value: &[u8], form: &str) -> String {
    match form {
        "hex" => lines_of_hex(value),
        "json" => match serde_json::from_slice::<Value>(value) {
            Ok(json) => serde_json::to_string_pretty(&json).unwrap_or_default(),
            Err(_) => "(the value is not JSON)".to_owned(),
        },
        _ => String::from_utf8_lossy(value)
            .chars()
            .map(|c| if is_unprintable(c) && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c })
            .collect(),
    }
}

/// A hex dump: sixteen bytes a line, with their offset and as text.
fn lines_of_hex(value: &[u8]) -> String {
    let mut out = String::new();
    for (nth, line) in value.chunks(16).enumerate() {
        let pairs: Vec<String> = line.iter().map(|byte| hex(&[*byte])).collect();
        let text: String = line
            .iter()
            .map(
                |byte| {
                    if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' }
                },
            )
            .collect();
        out.push_str(&format!("{:08x}  {:<47}  {text}\n", nth * 16, pairs.join(" ")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_three_forms() {
        assert_eq!(written(b"a\x1bb\xff\n", "text"), "a\u{fffd}b\u{fffd}\n");
        assert_eq!(written(b"{\"a\":1}", "json"), "{\n  \"a\": 1\n}");
        assert_eq!(written(b"{", "json"), "(the value is not JSON)");
        let hex = "00000000  41 00".to_owned() + &" ".repeat(44) + "A.\n";
        assert_eq!(written(b"A\0", "hex"), hex);
    }
}
