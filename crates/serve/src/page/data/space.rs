//! The treemap: types, then prefixes of keys or names of other objects, down to single records.

use super::super::ask::{Ask, quoted, reference};
use super::super::reply::Reply;
use serde_json::{Value, json};
use snapscope_decode::records::KvRef;
use snapscope_decode::{Frame, Kind};
use snapscope_objects::printable::{byte_size, counted};
use snapscope_pictures::{Area, Block, fitted_label, treemap};
use std::collections::HashMap;

/// Number of groups in the picture and in the table.
const GROUPS: usize = 120;
/// Maximum number of distinct groups; beyond it the smallest are merged.
const MOST: usize = 200_000;

/// A group of records.
struct Group {
    name: Vec<u8>,
    count: u64,
    bytes: u64,
    go: Go,
}

/// The target of a click on a group.
enum Go {
    /// A type.
    Type,
    /// The keys below its name, which continues a prefix.
    Folder,
    /// One key.
    Key,
    /// A search for its name.
    Search,
}

impl Group {
    /// The target of a click on it; its name continues a prefix.
    fn target(&self, prefix: &[u8]) -> Value {
        let whole = || reference(&[prefix, &self.name].concat());
        let text = || String::from_utf8_lossy(&self.name);
        match self.go {
            Go::Type => json!({"view": "space", "to": {"type": text()}}),
            Go::Folder => json!({"view": "space", "to": {"type": "KVS", "prefix": whole()}}),
            Go::Key => json!({"view": "keys", "to": {"key": whole()}}),
            Go::Search => json!({"view": "search", "to": {"q": text()}}),
        }
    }
}

pub(super) fn space(ask: &Ask<'_>) -> Result<Value, Reply> {
    ask.whole()?;
    let (type_name, prefix) = (ask.text("type"), ask.name("prefix"));
    let mut crumbs = vec![json!({"name": "all types", "go": {}})];
    let (groups, command) = if type_name.is_empty() {
        (types(ask)?, "breakdown".to_owned())
    } else {
        crumbs.push(json!({"name": type_name, "go": {"type": type_name}}));
        let Some(kind) = Kind::by_name(&type_name) else {
            return Err(Reply::error(404, format!("Unknown type {type_name:?}.")));
        };
        if kind == Kind::KVS {
            prefix_crumbs(ask, &type_name, &prefix, &mut crumbs);
            (keys(ask, &prefix), breakdown(&prefix))
        } else {
            (records(ask, kind), format!("top --type {type_name}"))
        }
    };
    Ok(answer(ask, groups, &prefix, &crumbs, &command))
}

fn answer(
    ask: &Ask<'_>,
    mut groups: Vec<Group>,
    prefix: &[u8],
    crumbs: &[Value],
    command: &str,
) -> Value {
    groups.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    let (count, bytes) = groups.iter().fold((0, 0), |(c, b), g| (c + g.count, b + g.bytes));
    let more = groups.len().saturating_sub(GROUPS);
    groups.truncate(GROUPS);
    let area = Area::sized(ask.side("width", 1000.0), ask.side("height", 460.0));
    let blocks: Vec<Block> = groups.iter().enumerate().map(|(at, g)| block(ask, g, at)).collect();
    let tiles = treemap::layout(&blocks, area);
    let tiles = tiles.iter().filter_map(|tile| {
        let at = *tile.path.first()?;
        let (group, block) = (groups.get(at)?, blocks.get(at)?);
        let is_high = tile.area.height >= 18.0;
        let label = fitted_label(&block.name, tile.area.width - 8.0).filter(|_| is_high);
        let area = tile.area;
        Some(json!({
            "x": area.x, "y": area.y, "width": area.width, "height": area.height,
            "colour": block.colour % snapscope_pictures::COLOURS, "label": label, "about": block.about,
            "go": group.target(prefix),
        }))
    });
    let rows = groups.iter().map(|group| {
        json!({"name": ask.shown(&group.name), "count": group.count, "bytes": group.bytes, "go": group.target(prefix)})
    });
    json!({
        "crumbs": crumbs,
        "count": count,
        "bytes": bytes,
        "tiles": tiles.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
        "more": more,
        "command": ask.command(command),
    })
}

#[allow(clippy::cast_precision_loss)] // an area needs no more than a few digits
fn block(ask: &Ask<'_>, group: &Group, colour: usize) -> Block {
    let name = ask.shown(&group.name);
    let about = format!(
        "{name}: {}, {}",
        byte_size(group.bytes),
        counted(group.count, "record", "records")
    );
    Block { about, ..Block::new(name, group.bytes as f64, colour) }
}

fn types(ask: &Ask<'_>) -> Result<Vec<Group>, Reply> {
    let (inspection, _) = ask.quick()?;
    let groups = inspection.types.iter().map(|(kind, tally)| {
        let name = kind.consul_label();
        Group { name: name.into_bytes(), count: tally.count, bytes: tally.size, go: Go::Type }
    });
    Ok(groups.collect())
}

/// The command that groups keys by the segment after a prefix.
fn breakdown(prefix: &[u8]) -> String {
    let depth = prefix.iter().filter(|byte| **byte == b'/').count() + 1;
    match prefix {
        [] => "breakdown --by prefix".to_owned(),
        _ => format!("breakdown --by prefix --depth {depth} --prefix {}", quoted(prefix, "PREFIX")),
    }
}

/// The next segments of the keys below a prefix.
fn keys(ask: &Ask<'_>, prefix: &[u8]) -> Vec<Group> {
    let spool = ask.view.spool;
    let mut groups: Vec<Group> = Vec::new();
    for at in spool.keys_below(prefix) {
        let Some(frame) = spool.key_frame(at) else { continue };
        let Ok(kv) = KvRef::of(&frame) else { continue };
        let key = kv.key.0;
        let rest = key.get(prefix.len()..).unwrap_or(&[]);
        let end = rest.iter().position(|byte| *byte == b'/').map(|end| end + 1);
        let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
        // Keys are sorted, so those of a folder are adjacent.
        match groups.last_mut().filter(|last| end.is_some() && last.name == part) {
            Some(last) => (last.count, last.bytes) = (last.count + 1, last.bytes + frame.size()),
            None => {
                let go = if end.is_some() { Go::Folder } else { Go::Key };
                groups.push(Group { name: part.to_vec(), count: 1, bytes: frame.size(), go });
            }
        }
        if groups.len() > MOST {
            groups.sort_by_key(|group| std::cmp::Reverse(group.bytes));
            groups.truncate(MOST / 2);
        }
    }
    groups
}

/// The objects of a type by name.
fn records(ask: &Ask<'_>, kind: Kind) -> Vec<Group> {
    let mut groups: HashMap<Vec<u8>, Group> = HashMap::new();
    for frame in ask.view.spool.all_of(kind) {
        let name = name_of(&frame);
        if groups.len() >= MOST && !groups.contains_key(&name) {
            continue;
        }
        let group = groups.entry(name).or_insert_with_key(|name| Group {
            name: name.clone(),
            count: 0,
            bytes: 0,
            go: Go::Search,
        });
        group.count += 1;
        group.bytes += frame.size();
    }
    groups.into_values().collect()
}

fn name_of(frame: &Frame<'_>) -> Vec<u8> {
    let name = frame.record().and_then(|record| record.identity()).unwrap_or_default();
    if name.is_empty() { frame.kind.to_string().into_bytes() } else { name }
}

fn prefix_crumbs(ask: &Ask<'_>, type_name: &str, prefix: &[u8], crumbs: &mut Vec<Value>) {
    let mut start = 0;
    for (at, _) in prefix.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
        let name = ask.shown(prefix.get(start..at).unwrap_or(&[]));
        let whole = prefix.get(..=at).unwrap_or(prefix);
        crumbs.push(json!({"name": name, "go": {"type": type_name, "prefix": reference(whole)}}));
        start = at + 1;
    }
}
