//! Fields that differ.

use snapscope_analyze::compare::{Detail, Digest, FieldChange};
use snapscope_objects::json::{JsonText, List, Members as _, Object, Sink as _};
use snapscope_objects::row::Row;
use snapscope_objects::value::{Json, Node, Tape};

/// Writes the ID of an object as members of an open one. An ID that is not UTF-8 also gets its
/// base64, so that it stays unambiguous.
pub fn id_members(id: &[u8], json: &mut JsonText) {
    json.member("id", id);
    if std::str::from_utf8(id).is_err() {
        json.key(b"id_base64");
        json.bytes(id);
    }
}

/// Writes how fields differ as a member of an open object.
pub fn fields_member(fields: &[FieldChange], json: &mut JsonText) {
    let fields = |json: &mut JsonText| {
        for field in fields {
            json.member(&field.path, Object(|json: &mut JsonText| detail(&field.detail, json)));
        }
    };
    json.member("fields", Object(fields));
}

/// Writes the states of an object before and after as members of an open one.
pub fn states_members(before: Option<&Row>, after: Option<&Row>, json: &mut JsonText) {
    for (key, row) in [("before", before), ("after", after)] {
        json.key(key.as_bytes());
        match row {
            Some(row) => Row::render(row, json),
            None => json.null(),
        }
    }
}

/// How a field differs: its values `before` and `after`; or `lines`, each with a leading sign; or
/// the items `removed` from a set and `added` to it.
fn detail(detail: &Detail, json: &mut JsonText) {
    match detail {
        Detail::Value { before, after } => {
            for (name, tape) in [("before", before), ("after", after)] {
                json.key(name.as_bytes());
                match tape.as_ref().and_then(Tape::root) {
                    Some(node) => value_json(node, json),
                    None => json.null(),
                }
            }
        }
        Detail::Lines(lines) => {
            json.member("lines", List(lines.iter().map(ToString::to_string)));
        }
        Detail::Bytes { before, after } => {
            let digest = |digest: &'_ Option<Digest>| {
                digest.clone().map(|Digest { bytes, sha256 }| {
                    Object(move |json: &mut JsonText| {
                        json.member("bytes", bytes).member("sha256", sha256);
                    })
                })
            };
            json.member("before", digest(before)).member("after", digest(after));
        }
        Detail::Set { removed, added } => {
            for (name, items) in [("removed", removed), ("added", added)] {
                json.key(name.as_bytes());
                json.begin_list();
                items.iter().filter_map(Tape::root).for_each(|item| item.render(json));
                json.end_list();
            }
        }
    }
}

/// A value. Bytes that are UTF-8 are shown as text, like the texts next to them.
fn value_json(node: Node<'_>, json: &mut JsonText) {
    match node.json() {
        Json::Bytes(bytes) if std::str::from_utf8(bytes).is_ok() => json.text(bytes),
        _ => node.render(json),
    }
}
