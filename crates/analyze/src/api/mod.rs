//! What the HTTP API of servers accepts, and as what it arrives there.
//!
//! What is in a snapshot got through some server's checks once. It doesn't have to get through
//! another's: names that can't be said in a URL, fields that are newer than the server, objects that
//! servers make themselves. Whatever writes to a cluster, makes files for that, or warns of it asks
//! here. What a server's *state machine* refuses when it restores a snapshot is another matter.
//!
//! - [`path`]: names in the path of a URL.
//! - [`keys`]: keys in transactions, in paths, in `consul kv import`, and in the checks of newer servers.
//! - [`entries`]: config entries.
//! - [`acl`]: policies, roles, tokens, auth methods, binding rules.
//! - [`fields`]: since which version a body may have a field.
//!
//! Facts were taken from the source of the first release of each minor version from 1.5 to 1.22, and
//! of 1.8.7 and 1.21.5; those about 1.8.7 are tested against it.

pub mod acl;
pub mod entries;
pub mod fields;
pub mod keys;
pub mod path;

/// The largest value of a key that servers take unless `kv_max_value_size` says otherwise, and the
/// largest body of a transaction.
pub const LARGEST_VALUE: usize = 512 << 10;
