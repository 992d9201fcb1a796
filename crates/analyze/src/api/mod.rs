//! What the HTTP API of servers accepts, and what it changes.
//!
//! Objects in a snapshot have passed the checks of some server. They may not pass those of another:
//! names that a URL cannot express, fields that are newer than the server, objects that servers
//! create themselves. Code that writes to a cluster, generates files for that, or warns about it
//! uses this module. What a server's *state machine* refuses when it restores a snapshot is in
//! `obstacles`.
//!
//! - [`path`]: names in the path of a URL.
//! - [`keys`]: keys in transactions, in paths, in `consul kv import`, and in the checks of newer servers.
//! - [`entries`]: config entries.
//! - [`acl`]: policies, roles, tokens, auth methods, binding rules.
//! - [`fields`]: the first version in which a body may have a field.
//! - [`written`]: kinds of objects that can be written one by one: order, identity, what is compared.
//! - [`rights`]: the rights that writing an object takes.
//!
//! Facts were taken from the source of the first release of each minor version from 1.5 to 1.22, and
//! of 1.8.7 and 1.21.5; those about 1.8.7 are tested against it.

pub mod acl;
pub mod entries;
pub mod fields;
pub mod keys;
pub mod path;
pub mod rights;
pub mod written;

use snapscope_decode::VersionRange;

/// The servers that refuse something, and why.
pub type Refusal = (VersionRange, String);

/// The largest value of a key that servers accept unless `kv_max_value_size` is set, and the
/// largest body of a transaction.
pub const LARGEST_VALUE: usize = 512 << 10;
