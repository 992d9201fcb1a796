//! The one table of kinds of objects: what can be listed, got, exported, compared.
//!
//! A kind says which records its rows come from, what fields they have, what a table shows of
//! them, what they are called, and what in them is secret or only the servers' bookkeeping. One
//! file per area of Consul holds its kinds and makes their rows.

mod acl;
mod bare;
mod config_entries;
mod connect;
mod credentials;
mod enterprise;
mod feature_gates;
mod harmless;
mod id;
mod instances;
mod intentions;
mod kv;
mod locks;
mod mesh_gateways;
mod nodes;
mod peering;
mod queries;
mod resources;
mod second_catalog;
mod servers;
mod services;
mod sessions;
mod virtual_ips;

pub use credentials::Disclosure;
pub use harmless::{is_harmless, is_harmless_metadata};
pub(crate) use intentions::IntentionsJoin;
pub(crate) use locks::LocksJoin;
pub(crate) use services::ServicesJoin;

use crate::filter::{Filter, Shape};
use crate::row::{Chosen, Column, Join, Maker, Node, Record, Wanted};
use snapscope_decode::{Frame, Kind};

/// A kind of object.
#[derive(Debug)]
#[non_exhaustive]
pub struct ObjectKind {
    /// What it is called in commands: `nodes`.
    pub name: &'static str,
    /// What one of it is called: `node`.
    pub one: &'static str,
    /// What comparisons and findings call one of these objects, beside its id; `None` if they are
    /// objects of another kind seen otherwise, as locks are keys. In them a `service` is an
    /// instance, `NODE/SERVICE-ID`.
    pub object: Option<&'static str>,
    /// What it is, in a line.
    pub about: &'static str,
    /// The types of the records its rows come from.
    pub from: &'static [Kind],
    /// How rows come from them.
    pub(crate) rows: Rows,
    /// What fields it has.
    pub(crate) shape: fn() -> Shape,
    /// The columns of its table.
    pub columns: &'static [Column],
    /// Writes what tells one from the others.
    pub(crate) id: fn(Node<'_>, &mut Vec<u8>),
    /// The outermost fields the id is made of.
    pub id_fields: &'static [&'static str],
    /// Fields by whose text one can be got besides by its id: paths with dots.
    pub names: &'static [&'static str],
    /// Outermost fields that are the servers' bookkeeping, and no difference between two objects.
    pub bookkeeping: &'static [&'static str],
}

/// How rows come from records.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rows {
    /// Each record is a row, as `decode` shows it.
    Record,
    /// Each record is some rows.
    Direct(fn(&Record<'_>, &mut Maker<'_>)),
    /// Rows are known when all records were seen.
    Joined(fn() -> Join),
}

/// All kinds, in the order `list --help` shows them.
pub static KINDS: &[&ObjectKind] = &[
    &kv::KV,
    &kv::KEYS,
    &nodes::NODES,
    &services::SERVICES,
    &instances::INSTANCES,
    &instances::CHECKS,
    &sessions::SESSIONS,
    &locks::LOCKS,
    &queries::QUERIES,
    &acl::TOKENS,
    &acl::POLICIES,
    &acl::ROLES,
    &acl::BINDING_RULES,
    &acl::AUTH_METHODS,
    &config_entries::CONFIG_ENTRIES,
    &intentions::INTENTIONS,
    &connect::CA_ROOTS,
    &peering::PEERINGS,
    &peering::TRUST_BUNDLES,
    &nodes::COORDINATES,
    &virtual_ips::VIRTUAL_IPS,
    &kv::TOMBSTONES,
    &mesh_gateways::FEDERATION,
    &servers::METADATA,
    &servers::INDEXES,
    &enterprise::NAMESPACES,
    &enterprise::PARTITIONS,
    &feature_gates::FEATURE_GATES,
    &resources::RESOURCES,
    &second_catalog::V2_SERVICES,
    &second_catalog::V2_WORKLOADS,
    &second_catalog::V2_HEALTH,
    &second_catalog::V2_PERMISSIONS,
];

/// Kinds whose objects are compared, but not listed; the last one is for records of types that no
/// other kind's rows come from.
pub static BARE_KINDS: &[&ObjectKind] = &[
    &bare::AUTOPILOT,
    &bare::CA_CONFIG,
    &bare::CA_PROVIDER_STATE,
    &bare::PEERING_SECRETS,
    &bare::CHUNKING_STATE,
    &bare::RECORDS,
];

/// The kinds of the objects a record holds, each of which is compared with its like. Every record
/// holds objects of some kind.
pub fn compared(record: Kind) -> impl Iterator<Item = &'static ObjectKind> {
    let of = move |kind: &&&ObjectKind| kind.object.is_some() && kind.from.contains(&record);
    let last = BARE_KINDS.len() - 1;
    let known = move || KINDS.iter().chain(&BARE_KINDS[..last]).filter(of).copied();
    let unknown = known().next().is_none();
    known().chain(BARE_KINDS.get(last).copied().filter(move |_| unknown))
}

/// The kind of this name, in the plural or the singular and any case.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static ObjectKind> {
    let is_it = |kind: &&&ObjectKind| {
        kind.name.eq_ignore_ascii_case(name) || kind.one.eq_ignore_ascii_case(name)
    };
    KINDS.iter().find(is_it).copied()
}

/// The kind whose objects comparisons and findings call by this name.
#[must_use]
pub fn by_object(object: &str) -> Option<&'static ObjectKind> {
    KINDS.iter().chain(BARE_KINDS).find(|kind| kind.object == Some(object)).copied()
}

impl ObjectKind {
    /// What fields its objects have, for selectors.
    #[must_use]
    pub fn shape(&self) -> Shape {
        (self.shape)()
    }

    /// Whether each record is some rows, which stream; else rows come when all records were seen.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        matches!(self.rows, Rows::Record | Rows::Direct(_))
    }

    /// The id of the one object a record is, without making a row of it; `None` where it takes a
    /// row to know, or the record is none or several.
    #[must_use]
    pub fn id_of_record<'f>(&self, record: &Record<'f>) -> Option<&'f [u8]> {
        match (self.rows, self.id_fields) {
            (Rows::Record, [field]) if self.from.contains(&record.frame.kind) => {
                record.fields()?.get(field)?.as_raw()
            }
            _ => None,
        }
    }

    /// The id of the row a record becomes, where it stands in the record: of kinds whose ids can be
    /// told before anything else is read, which are keys. `None` of all others.
    #[must_use]
    pub fn stored_id<'f>(&self, frame: &Frame<'f>) -> Option<&'f [u8]> {
        if !self.has_stored_ids() || !self.from.contains(&frame.kind) {
            return None;
        }
        frame.entries()?.find(b"Key").ok()??.as_raw()
    }

    /// Whether it is of the kinds whose ids [`stored_id`](Self::stored_id) tells.
    #[must_use]
    pub fn has_stored_ids(&self) -> bool {
        (self.from == [Kind::KVS] || self.from == [Kind::TOMBSTONE]) && self.is_direct()
    }

    /// The columns of its table, those of a wide one too if `wide`.
    #[must_use]
    pub fn table(&'static self, wide: bool) -> Vec<Chosen> {
        self.columns.iter().filter(|c| wide || !c.wide).map(Chosen::Column).collect()
    }

    /// The fields that must be rendered to show these columns, to filter, and to tell the ids.
    #[must_use]
    pub fn wanted(&self, columns: &[Chosen], filter: Option<&Filter>) -> Wanted {
        let mut wanted = Wanted::Only(Vec::new());
        wanted.add(self.id_fields.iter().copied());
        wanted.add(self.names.iter().filter_map(|name| name.split('.').next()));
        for column in columns {
            wanted.add(column.fields().iter().map(String::as_str));
        }
        if let Some(filter) = filter {
            wanted.add(filter.fields());
        }
        wanted
    }
}

/// Declares columns: `"name" = "Path.To.Field"`, or `"name" = made_of(["Field"], function)`;
/// `wide` before those that only wide tables show.
macro_rules! columns {
    ($($(@$wide:ident)? $name:literal = $cell:expr),* $(,)?) => {
        &[$($crate::row::Column {
            name: $name,
            cell: $cell,
            wide: columns!(@is $($wide)?),
        },)*]
    };
    (@is wide) => { true };
    (@is) => { false };
}
use columns;

const fn field(path: &'static str) -> crate::row::Cell {
    crate::row::Cell::Field(path)
}

const fn made(
    from: &'static [&'static str],
    make: for<'t> fn(Node<'t>) -> crate::row::CellValue<'t>,
) -> crate::row::Cell {
    crate::row::Cell::Made { from, make }
}

/// What every stored object carries of its place in the log.
const INDEXES: &[&str] = &["CreateIndex", "ModifyIndex"];

/// The same, for those that carry a hash of what is in them.
const INDEXES_AND_HASH: &[&str] = &["CreateIndex", "ModifyIndex", "Hash"];

fn schema_shape(kind: Kind) -> Shape {
    snapscope_decode::records::record_schema(kind).map_or(Shape::Any, Shape::Struct)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_named_in_the_table_is_there() {
        for kind in KINDS.iter().chain(BARE_KINDS) {
            let shape = kind.shape();
            let known = |path: &str| {
                let found =
                    path.split('.').try_fold(shape.clone(), |s, name| s.member(name.as_bytes()));
                assert!(found.is_some(), "{}: {path}", kind.name);
            };
            kind.id_fields.iter().copied().for_each(known);
            kind.names.iter().copied().for_each(known);
            kind.bookkeeping.iter().copied().for_each(known);
            for column in kind.columns {
                match &column.cell {
                    crate::row::Cell::Field(path) => known(path),
                    crate::row::Cell::Made { from, .. } => from.iter().copied().for_each(known),
                }
            }
        }
    }

    #[test]
    fn names_are_unique_and_found() {
        let mut seen: Vec<&str> = Vec::new();
        for kind in KINDS {
            assert!(!seen.contains(&kind.name) && !seen.contains(&kind.one), "{}", kind.name);
            if let Some(object) = kind.object {
                assert_eq!(by_object(object).map(|k| k.name), Some(kind.name));
            }
            seen.push(kind.name);
            seen.push(kind.one);
            assert_eq!(by_name(kind.name).map(|k| k.name), Some(kind.name));
            assert_eq!(by_name(&kind.one.to_uppercase()).map(|k| k.name), Some(kind.name));
            assert!(kind.columns.iter().any(|c| !c.wide), "{}", kind.name);
            let mut columns: Vec<&str> = kind.columns.iter().map(|c| c.name).collect();
            columns.sort_unstable();
            columns.dedup();
            assert_eq!(columns.len(), kind.columns.len(), "{}", kind.name);
        }
    }
}
