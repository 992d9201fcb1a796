//! Tables of links from tokens and roles to policies and roles.

use snapscope_objects::kinds::ObjectKind;

/// A table of links.
#[derive(Debug)]
pub(crate) struct LinkTable {
    pub(crate) name: &'static str,
    /// The kind that has the links.
    pub(crate) from: &'static str,
    /// The column with its key.
    pub(crate) from_column: &'static str,
    /// The field with the links.
    pub(crate) list: &'static str,
    /// The field of a link with the key of its target.
    pub(crate) field: &'static str,
    /// The column with that key; null if the target does not exist.
    pub(crate) to_column: &'static str,
    /// The kind of the target.
    pub(crate) to: &'static str,
}

/// All of them.
pub(crate) static LINKS: &[LinkTable] = &[
    LinkTable {
        name: "token_policies",
        from: "tokens",
        from_column: "token_id",
        list: "Policies",
        field: "ID",
        to_column: "policy_id",
        to: "policies",
    },
    LinkTable {
        name: "token_roles",
        from: "tokens",
        from_column: "token_id",
        list: "Roles",
        field: "ID",
        to_column: "role_id",
        to: "roles",
    },
    LinkTable {
        name: "role_policies",
        from: "roles",
        from_column: "role_id",
        list: "Policies",
        field: "ID",
        to_column: "policy_id",
        to: "policies",
    },
];

/// Returns the link tables of a kind, each with its number.
pub(crate) fn of(kind: &ObjectKind) -> impl Iterator<Item = (usize, &'static LinkTable)> {
    LINKS.iter().enumerate().filter(move |(_, link)| link.from == kind.name)
}
