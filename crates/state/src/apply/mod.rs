//! The effect of each type of command. A new type takes a row.

mod acl_links;
mod acl_login;
mod acl_policies;
mod acl_tokens;
mod ca;
mod catalog;
mod catalog_indexes;
mod chains;
mod checks;
mod config_entries;
mod config_entry;
mod coordinates;
mod gateway_addresses;
mod gateways;
mod intentions;
mod kv;
mod kv_entry;
mod legacy_intentions;
mod legacy_tokens;
mod nodes;
mod queries;
mod registered;
mod service_names;
mod services;
mod sessions;
mod settings;
mod topology;
mod topology_of_records;
mod txn;
mod virtual_ips;

use crate::document::Applied;
use crate::machine::Machine;
use snapscope_decode::Kind;

/// A type of command.
pub(crate) struct CommandRow {
    pub(crate) kind: Kind,
    pub(crate) apply: fn(&mut Machine, &[u8]) -> Applied,
}

const fn row(kind: u8, apply: fn(&mut Machine, &[u8]) -> Applied) -> CommandRow {
    CommandRow { kind: Kind(kind), apply }
}

/// The supported types.
pub(crate) const COMMANDS: &[CommandRow] = &[
    row(0, catalog::register),
    row(1, catalog::deregister),
    row(2, kv::apply),
    row(3, sessions::apply),
    row(4, legacy_tokens::apply),
    row(5, kv::reap),
    row(6, coordinates::apply),
    row(7, queries::apply),
    row(8, txn::apply),
    row(9, settings::autopilot),
    row(11, acl_tokens::bootstrap),
    row(12, intentions::apply),
    row(13, ca::apply),
    row(17, acl_tokens::set),
    row(18, acl_tokens::delete),
    row(19, acl_policies::set_policies),
    row(20, acl_policies::delete_policies),
    row(21, ca::leaf),
    row(22, config_entries::apply),
    row(23, acl_policies::set_roles),
    row(24, acl_policies::delete_roles),
    row(25, acl_login::set_rules),
    row(26, acl_login::delete_rules),
    row(27, acl_login::set_methods),
    row(28, acl_login::delete_methods),
    row(30, settings::federation),
    row(31, settings::metadata),
    row(41, settings::nothing),
    row(43, virtual_ips::set_by_hand),
];

pub(crate) use gateways::rebuild as rebuild_gateways;
pub(crate) use service_names::rebuild as rebuild_names;
pub(crate) use topology_of_records::rebuild as rebuild_topology;
