//! Tables of links from tokens and roles to policies and roles.

use super::table::name_of;
use snapscope_objects::kind::{Link, ObjectKind};
use snapscope_objects::kinds::{self, KINDS};
use std::sync::LazyLock;

/// A table of links.
#[derive(Debug)]
pub struct LinkTable {
    /// `ONE_MANY`, named after the linking and the linked kind.
    pub name: String,
    /// The kind that has the links.
    pub from: &'static ObjectKind,
    /// The column with its key.
    pub from_column: String,
    /// Links to objects of another kind.
    pub link: &'static Link,
    /// The column with the key of a link's target, null if the target does not exist.
    pub to_column: String,
}

/// All of them.
pub static LINKS: LazyLock<Vec<LinkTable>> = LazyLock::new(|| {
    let of = |from: &'static ObjectKind| {
        from.traits.links.iter().map(move |link| {
            let to = kinds::of(link.to);
            LinkTable {
                name: name_of(&format!("{}_{}", from.one, to.name)),
                from,
                from_column: name_of(&format!("{}_id", from.one)),
                link,
                to_column: name_of(&format!("{}_id", to.one)),
            }
        })
    };
    KINDS.iter().flat_map(|kind| of(kind)).collect()
});

/// Returns the link tables of a kind, each with its number.
pub fn of(kind: &ObjectKind) -> impl Iterator<Item = (usize, &'static LinkTable)> {
    LINKS.iter().enumerate().filter(move |(_, link)| link.from == kind)
}
