//! Searches the names of all objects.

use super::super::ask::{Ask, reference};
use super::super::reply::Reply;
use super::super::rights::{fields, may_see};
use super::objects::each;
use serde_json::{Value, json};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds::KINDS;
use snapscope_objects::value::Projection;
use std::ops::ControlFlow;

/// Maximum number of objects shown.
const HITS: usize = 200;

pub(super) fn search(ask: &Ask<'_>) -> Result<Value, Reply> {
    let text = ask.text("q").to_lowercase();
    if text.is_empty() {
        return Ok(json!({"hits": [], "has_more": false}));
    }
    let mut hits = Vec::new();
    keys(ask, &text, &mut hits);
    // Keys are searched separately; kinds that show the same objects in another way would repeat
    // results.
    let others = KINDS.iter().filter(|kind| {
        !matches!(kind.id, KindId::Kv | KindId::Keys | KindId::Locks | KindId::Indexes)
    });
    for kind in others {
        if hits.len() > HITS {
            break;
        }
        let mut projection = Projection::Only(Vec::new());
        let names = kind.names.iter().filter_map(|name| name.split('.').next());
        projection.add(
            kind.id_fields.iter().copied().chain(names).chain(fields(kind)).chain(["Description"]),
        );
        each(ask, kind, projection, &mut |row| {
            let names = row.names();
            let Some(found) = names.iter().find(|name| contains(name, &text)) else {
                return ControlFlow::Continue(());
            };
            if may_see(ask, row) {
                let id = row.id();
                let is_id = found.as_ref() == id.as_slice();
                let also = names.iter().find(|name| name.as_ref() != id.as_slice());
                let also = if is_id { also } else { Some(found) };
                hits.push(json!({
                    "kind": kind.name, "one": kind.one, "ref": reference(&id), "name": ask.shown(&id),
                    "also": also.map(|name| ask.shown(name)).unwrap_or_default(),
                }));
            }
            if hits.len() > HITS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
    let has_more = hits.len() > HITS;
    hits.truncate(HITS);
    Ok(json!({"hits": hits, "has_more": has_more}))
}

/// There are far more keys than other objects, so they are read without building objects. They get
/// half of the results.
fn keys(ask: &Ask<'_>, text: &str, hits: &mut Vec<Value>) {
    let spool = ask.view.spool;
    for at in 0..spool.key_count() {
        let Some(kv) = spool.key_at(at) else { continue };
        let key = kv.key.0;
        if contains(key, text) && ask.may(Resource::Key, Access::Read, key) {
            hits.push(json!({
                "kind": "kv", "one": "key", "ref": reference(key), "name": ask.shown(key), "also": "",
            }));
            if hits.len() >= HITS / 2 {
                return;
            }
        }
    }
}

/// Whether a name contains a text, ignoring case.
fn contains(name: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    name.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text))
        || !name.is_ascii()
            && String::from_utf8_lossy(name)
                .to_lowercase()
                .as_bytes()
                .windows(text.len())
                .any(|part| part == text)
}
