//! Selects the objects of a snapshot that are applied.

use super::args::{ApplyArgs, Input};
use super::links::{Links, Nodes};
use crate::exit::Exit;
use crate::reading::{Asked, ReadArgs};
use crate::terminal::say;
use anyhow::{Result, anyhow, bail, ensure};
use snapscope_analyze::api::written::{self, of_row, text};
use snapscope_analyze::rows::{RowsOf, Sink, read};
use snapscope_decode::{Frame, Kind};
use snapscope_live::apply::Desired;
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds;
use snapscope_objects::row::{PackedRow, Row, RowOptions};
use snapscope_rewrite::extract::EntryName;
use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;

/// The selection of objects of one kind.
struct Selection<'a> {
    kind: &'static ObjectKind,
    args: &'a ApplyArgs,
    filter: Option<Filter>,
    /// Whether it is selected only because other objects need it.
    is_needed: bool,
}

impl Selection<'_> {
    fn has(&self, row: &Row) -> bool {
        if self.is_needed {
            return false;
        }
        let Self { kind, args, filter, .. } = self;
        let is_below = kind.id != KindId::Kv || args.has_prefix(row.text("Key"));
        is_below
            && (args.ids.is_empty() || args.ids.iter().any(|id| is_called(row, id)))
            && filter.as_ref().is_none_or(|filter| filter.holds(row.object()))
    }
}

fn is_called(row: &Row, id: &str) -> bool {
    row.names().iter().any(|name| name.as_ref() == id.as_bytes())
}

/// A row with its origin.
struct Taken {
    row: PackedRow,
    /// Whether it was requested itself.
    is_selected: bool,
}

#[derive(Default)]
struct Page {
    rows: Vec<Taken>,
    needs: Vec<(EntryName, Vec<EntryName>)>,
}

struct Collect<'a> {
    selections: Vec<Selection<'a>>,
    with_deps: bool,
}

impl Sink for Collect<'_> {
    type Page = Page;

    fn record(&self, frame: &Frame<'_>, page: &mut Page) -> bool {
        if frame.kind == Kind::KVS {
            let kv = self.selections.iter().find(|selection| selection.kind.id == KindId::Kv);
            return kv.is_some_and(|selection| {
                let id = selection.kind.stored_id(frame);
                id.is_none_or(|id| selection.args.has_prefix(id))
            });
        }
        if frame.kind == Kind::CONFIG_ENTRY && self.with_deps {
            page.needs.extend(super::links::needs_of(frame));
        }
        true
    }

    fn row(&self, of: usize, row: &Row, page: &mut Page) {
        let Some(selection) = self.selections.get(of) else { return };
        let is_selected = selection.has(row);
        if is_selected || selection.is_needed || self.may_be_needed(selection.kind.id) {
            page.rows.push(Taken { row: row.pack(), is_selected });
        }
    }
}

impl Collect<'_> {
    /// Whether others may need or name objects that were not requested.
    fn may_be_needed(&self, kind: KindId) -> bool {
        match kind {
            KindId::Policies | KindId::Roles | KindId::AuthMethods => true,
            KindId::ConfigEntries => self.with_deps,
            _ => false,
        }
    }
}

/// Kinds that are read although they were not requested.
fn read_too(kind: KindId) -> &'static [KindId] {
    match kind {
        KindId::Tokens => &[KindId::Policies, KindId::Roles, KindId::AuthMethods],
        KindId::Roles => &[KindId::Policies],
        KindId::BindingRules => &[KindId::AuthMethods, KindId::Policies, KindId::Roles],
        KindId::Nodes => &[KindId::Instances, KindId::Checks],
        KindId::Intentions => &[KindId::ConfigEntries],
        _ => &[],
    }
}

fn selections(args: &ApplyArgs) -> Result<Vec<Selection<'_>>> {
    let mut kinds: Vec<&'static ObjectKind> = args.types.clone();
    if kinds.is_empty() {
        ensure!(
            !args.prefix.is_empty(),
            "no --type, so nothing is applied; name the types, such as --type kv,policies"
        );
        kinds.push(kinds::of(KindId::Kv));
    }
    kinds.sort_by_key(|kind| kind.id);
    kinds.dedup();
    let has_keys = kinds.iter().any(|kind| kind.id == KindId::Kv);
    ensure!(
        has_keys || (args.prefix.is_empty() && args.rename_prefix.is_empty()),
        "--prefix and --rename-prefix work with kv, which is not among the types"
    );
    ensure!(
        !args.delete_extra || (args.ids.is_empty() && args.filter.is_none()),
        "--delete-extra deletes what the snapshot does not have, so no IDs or --filter can be given"
    );
    let mut selections = Vec::new();
    for kind in &kinds {
        let filter = args.filter.as_ref().map(|text| Filter::compile(text, &kind.shape()));
        let filter = filter.transpose().map_err(|e| anyhow!("--filter for {}: {e}", kind.name))?;
        selections.push(Selection { kind, args, filter, is_needed: false });
    }
    let more: BTreeSet<KindId> = kinds.iter().flat_map(|kind| read_too(kind.id)).copied().collect();
    for id in more {
        // Intentions are shown as parts of entries, which were not requested.
        if id != KindId::ConfigEntries && !kinds.iter().any(|kind| kind.id == id) {
            let kind = kinds::of(id);
            selections.push(Selection { kind, args, filter: None, is_needed: true });
        }
    }
    Ok(selections)
}

/// The requested objects of a snapshot, and those that they need; or the exit code, if the snapshot
/// is damaged.
pub(super) fn input(args: &ApplyArgs) -> Result<std::result::Result<Input, Exit>> {
    let selections = selections(args)?;
    let source = ReadArgs::source(&args.file)?;
    let rows: Vec<RowsOf> = selections
        .iter()
        .map(|selection| RowsOf { kind: selection.kind, options: RowOptions::default() })
        .collect();
    let sink = Collect { selections, with_deps: !args.no_deps };
    let mut all = Page::default();
    let Asked { exit, .. } = args.read.ask_of(&source, |blocks| {
        Ok(read(blocks, args.read.jobs(), &rows, &sink, |page: &mut Page| {
            all.rows.append(&mut page.rows);
            all.needs.append(&mut page.needs);
            Ok(ControlFlow::Continue(()))
        })?)
    })?;
    if exit != Exit::Done {
        say!(
            "snapscope: the snapshot is damaged and nothing was applied; `snapscope salvage` writes what is \
             intact as a snapshot"
        );
        return Ok(Err(exit));
    }
    let mut links = Links::new(all.needs);
    let mut nodes = Nodes::default();
    let mut chosen = Vec::new();
    let mut others = Vec::new();
    for Taken { row, is_selected } in all.rows {
        let Some(row) = row.unpack() else { continue };
        links.learn(&row);
        match row.kind.id {
            KindId::Instances | KindId::Checks => nodes.add(&row),
            _ if is_selected => chosen.push(row),
            _ => others.push(row),
        }
    }
    missing(args, &chosen)?;
    let wanted = objects(args, &mut links, &nodes, chosen, others)?;
    Ok(Ok(with_prefixes(args, wanted)))
}

/// IDs that match nothing are mistakes.
fn missing(args: &ApplyArgs, chosen: &[Row]) -> Result<()> {
    for id in &args.ids {
        if !chosen.iter().any(|row| is_called(row, id)) {
            bail!(
                "{id:?} not found among the selected objects of the snapshot; nothing was written"
            );
        }
    }
    Ok(())
}

fn objects(
    args: &ApplyArgs,
    links: &mut Links,
    nodes: &Nodes,
    chosen: Vec<Row>,
    others: Vec<Row>,
) -> Result<Vec<Desired>> {
    let mut wanted: Vec<Desired> = chosen.iter().map(|row| one(args, links, nodes, row)).collect();
    if !args.no_deps {
        let others: Vec<Desired> = others.iter().map(|row| one(args, links, nodes, row)).collect();
        wanted.extend(links.needed(&wanted, others));
    }
    let mut keys = HashSet::new();
    for key in wanted.iter().filter(|wanted| wanted.kind == KindId::Kv) {
        let key = text(&key.object, "Key");
        ensure!(
            keys.insert(key),
            "--rename-prefix gives two keys the name {key:?}; nothing was written"
        );
    }
    Ok(wanted)
}

/// The object to write for a row.
fn one(args: &ApplyArgs, links: &Links, nodes: &Nodes, row: &Row) -> Desired {
    let kind = row.kind.id;
    let index = row.get("ModifyIndex").and_then(|index| index.uint()).unwrap_or(0);
    let (mut object, refused) = match of_row(row) {
        Ok(object) => (object, None),
        Err(why) => {
            let object: Option<written::Object> = serde_json::from_slice(&row.to_json()).ok();
            (object.unwrap_or_default(), Some(why.to_owned()))
        }
    };
    match kind {
        KindId::Kv => {
            let key = args.renamed(text(&object, "Key"));
            object.insert("Key".to_owned(), key.into());
        }
        KindId::Nodes => nodes.complete(&mut object),
        _ => links.by_name(&mut object),
    }
    Desired { refused, ..Desired::new(kind, object, index) }
}

fn with_prefixes(args: &ApplyArgs, wanted: Vec<Desired>) -> Input {
    // The destinations of the keys. A prefix is read as a whole, single keys one by one.
    let below: Vec<String> = args.prefix.iter().map(|prefix| args.renamed(prefix)).collect();
    let has_keys = wanted.iter().any(|wanted| wanted.kind == KindId::Kv);
    let reads_all = has_keys && args.ids.is_empty() && args.filter.is_none();
    let prefixes = match (reads_all, below.is_empty()) {
        (true, true) if args.rename_prefix.is_empty() => vec![String::new()],
        (true, false) => below.clone(),
        _ => Vec::new(),
    };
    let extra = if args.delete_extra { below } else { Vec::new() };
    Input { wanted, prefixes, extra, folder: None }
}
