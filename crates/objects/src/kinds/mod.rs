//! The only table of object kinds: everything that can be listed, shown, exported or compared.
//!
//! A kind defines which records its rows come from, their fields, the columns of its table, the
//! IDs, and which fields are secret or bookkeeping. One file per area of Consul holds its kinds and
//! creates their rows.

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

/// An object kind.
#[derive(Debug)]
#[non_exhaustive]
pub struct ObjectKind {
    /// Its name in commands: `nodes`.
    pub name: &'static str,
    /// Its singular: `node`.
    pub one: &'static str,
    /// The type of its objects in comparisons and findings; `None` if they are another view of
    /// another kind's objects, as locks are keys. There a `service` is an instance,
    /// `NODE/SERVICE-ID`.
    pub object: Option<&'static str>,
    /// A one-line description.
    pub about: &'static str,
    /// The record types that its rows come from.
    pub from: &'static [Kind],
    /// How its rows are created.
    pub(crate) rows: Rows,
    /// Its fields.
    pub(crate) shape: fn() -> Shape,
    /// The columns of its table.
    pub columns: &'static [Column],
    /// Writes an object's ID.
    pub(crate) id: fn(Node<'_>, &mut Vec<u8>),
    /// The outermost fields that form the ID.
    pub id_fields: &'static [&'static str],
    /// Fields whose text also identifies an object: paths with dots.
    pub names: &'static [&'static str],
    /// Outermost fields that are bookkeeping, which are never a difference between two objects.
    pub bookkeeping: &'static [&'static str],
}

/// How rows are created from records.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rows {
    /// Each record is a row, as `decode` prints it.
    Record,
    /// Each record yields some rows.
    Direct(fn(&Record<'_>, &mut Maker<'_>)),
    /// Rows are known once all records were read.
    Joined(fn() -> Join),
}

/// All kinds, in the order of `list --help`.
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

/// Kinds whose objects are compared but not listed. The last one is for records of types that
/// belong to no other kind.
pub static BARE_KINDS: &[&ObjectKind] = &[
    &bare::AUTOPILOT,
    &bare::CA_CONFIG,
    &bare::CA_PROVIDER_STATE,
    &bare::PEERING_SECRETS,
    &bare::CHUNKING_STATE,
    &bare::RECORDS,
];

/// Returns the kinds of the objects in a record, for comparisons. Every record holds objects of
/// some kind.
pub fn compared(record: Kind) -> impl Iterator<Item = &'static ObjectKind> {
    let of = move |kind: &&&ObjectKind| kind.object.is_some() && kind.from.contains(&record);
    let last = BARE_KINDS.len() - 1;
    let known = move || KINDS.iter().chain(&BARE_KINDS[..last]).filter(of).copied();
    let unknown = known().next().is_none();
    known().chain(BARE_KINDS.get(last).copied().filter(move |_| unknown))
}

/// Returns the kind with this name, in plural or singular and any case.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static ObjectKind> {
    let is_it = |kind: &&&ObjectKind| {
        kind.name.eq_ignore_ascii_case(name) || kind.one.eq_ignore_ascii_case(name)
    };
    KINDS.iter().find(is_it).copied()
}

/// Returns the kind with this type name in comparisons and findings.
#[must_use]
pub fn by_object(object: &str) -> Option<&'static ObjectKind> {
    KINDS.iter().chain(BARE_KINDS).find(|kind| kind.object == Some(object)).copied()
}

impl ObjectKind {
    /// Returns the shape of its objects, for selectors.
    #[must_use]
    pub fn shape(&self) -> Shape {
        (self.shape)()
    }

    /// Whether each record yields rows, which stream; otherwise rows come after all records were
    /// read.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        matches!(self.rows, Rows::Record | Rows::Direct(_))
    }

    /// Returns the ID of the one object in a record without creating its row; `None` if that needs
    /// a row, or the record holds none or several.
    #[must_use]
    pub fn id_of_record<'f>(&self, record: &Record<'f>) -> Option<&'f [u8]> {
        match (self.rows, self.id_fields) {
            (Rows::Record, [field]) if self.from.contains(&record.frame.kind) => {
                record.fields()?.get(field)?.as_raw()
            }
            _ => None,
        }
    }

    /// Returns the ID of a record's row as stored in the record, for kinds whose ID can be read
    /// before anything else, which are keys; `None` for all others.
    #[must_use]
    pub fn stored_id<'f>(&self, frame: &Frame<'f>) -> Option<&'f [u8]> {
        if !self.has_stored_ids() || !self.from.contains(&frame.kind) {
            return None;
        }
        frame.entries()?.find(b"Key").ok()??.as_raw()
    }

    /// Whether [`stored_id`](Self::stored_id) supports this kind.
    #[must_use]
    pub fn has_stored_ids(&self) -> bool {
        (self.from == [Kind::KVS] || self.from == [Kind::TOMBSTONE]) && self.is_direct()
    }

    /// Returns the columns of its table, including those of the wide table if `wide`.
    #[must_use]
    pub fn table(&'static self, wide: bool) -> Vec<Chosen> {
        self.columns.iter().filter(|c| wide || !c.wide).map(Chosen::Column).collect()
    }

    /// Returns the fields that must be rendered to show these columns, to filter, and to know the
    /// IDs.
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

/// The index fields of every stored object.
const INDEXES: &[&str] = &["CreateIndex", "ModifyIndex"];

/// The same, for objects with a hash of their content.
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
