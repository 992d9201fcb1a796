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
pub use instances::{stored_checks, write_service};

use crate::kind::{KindId, ObjectKind, object_kinds};
use snapscope_decode::Kind;

macro_rules! table {
    ($($_listed:ident = $row:path),*; $($_bare:ident = $bare:path),* $(,)?) => {
        /// All kinds, in the order of `list --help`.
        pub static KINDS: &[&ObjectKind] = &[$(&$row,)*];

        /// Kinds whose objects are compared but not listed. The last one is for records of types that
        /// belong to no other kind.
        pub static BARE_KINDS: &[&ObjectKind] = &[$(&$bare,)*];
    };
}
object_kinds!(table);

/// All kinds, by number.
pub fn all() -> impl Iterator<Item = &'static ObjectKind> {
    KINDS.iter().chain(BARE_KINDS).copied()
}

/// The kind with this number.
#[must_use]
pub fn of(id: KindId) -> &'static ObjectKind {
    let bare = || id.index().checked_sub(KINDS.len()).and_then(|at| BARE_KINDS.get(at));
    KINDS.get(id.index()).or_else(bare).copied().unwrap_or(&bare::RECORDS)
}

/// All kinds of objects that can be compared, in the order of summaries.
pub fn compared_kinds() -> impl Iterator<Item = &'static ObjectKind> {
    all().filter(|kind| kind.object.is_some())
}

/// Returns the kinds of the objects in a record, for comparisons. Every record holds objects of
/// some kind.
pub fn compared(record: Kind) -> impl Iterator<Item = &'static ObjectKind> {
    let all =
        move || all().filter(move |kind| kind.object.is_some() && kind.from.contains(&record));
    // The last kind covers all other records.
    let unknown = all().nth(1).is_none();
    all().filter(move |kind| unknown || kind.id != KindId::Records)
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
    all().find(|kind| kind.object == Some(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_named_in_the_table_is_there() {
        for kind in all() {
            let shape = kind.shape();
            let known = |path: &str| {
                let found =
                    path.split('.').try_fold(shape.clone(), |s, name| s.member(name.as_bytes()));
                assert!(found.is_some(), "{}: {path}", kind.name);
            };
            kind.id_fields.iter().copied().for_each(known);
            kind.names.iter().copied().for_each(known);
            kind.bookkeeping.iter().copied().for_each(known);
            let traits = &kind.traits;
            traits.sets.iter().chain(traits.repeats).copied().for_each(known);
            traits
                .in_columns
                .iter()
                .filter(|field| **field != "KeyBase64")
                .copied()
                .for_each(known);
            traits.value.into_iter().for_each(known);
            traits.parts.iter().for_each(|parts| known(parts.field));
            for reference in traits.references {
                reference.fields.iter().chain(&reference.peer).copied().for_each(known);
            }
            for link in traits.links {
                let item = shape
                    .member(link.list.as_bytes())
                    .and_then(|list| list.member(link.field.as_bytes()));
                assert!(item.is_some(), "{}: {}", kind.name, link.list);
            }
            for column in kind.columns {
                match &column.cell {
                    crate::kind::Cell::Field(path) => known(path),
                    crate::kind::Cell::Made { from, .. } => from.iter().copied().for_each(known),
                }
            }
        }
    }

    #[test]
    fn a_kind_is_where_its_number_says() {
        for (at, kind) in all().enumerate() {
            assert_eq!(kind.id.index(), at, "{}", kind.name);
            assert!(std::ptr::eq(of(kind.id), kind), "{}", kind.name);
            if let Some(whole) = kind.traits.excerpt_of {
                assert_eq!((of(whole).from, kind.object), (kind.from, None), "{}", kind.name);
            }
            if kind.traits.keyed {
                assert_eq!(kind.id_fields, ["Key"], "{}", kind.name);
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
