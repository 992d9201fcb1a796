//! Snapshots that no server writes, but a hostile person might: names, keys and IDs that are repeated, never
//! repeated, or in no order; lists and texts of any length. Each shape can have any size.

mod acl;
mod catalog;
mod config;
mod damaged;
mod keys;
mod logs;
mod record;
mod values;

use crate::raftlog::{command, raft_db};
use crate::snapshot::header;
use record::Take;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A kind of hostile snapshot.
#[derive(Debug)]
pub struct Shape {
    /// Its name.
    pub name: &'static str,
    /// Writes its records: `size` records, or one with `size` parts.
    records: fn(u64, &mut Take<'_>) -> io::Result<()>,
    /// The change to each record's bytes.
    damage: Damage,
    /// Whether it is a Raft log, in which each record is a command.
    is_log: bool,
}

/// The change to the bytes of records.
#[derive(Debug, Clone, Copy)]
enum Damage {
    None,
    /// The last bytes of each record are missing.
    Cut,
    /// After this number of records comes an invalid byte.
    Broken(u64),
}

/// All shapes.
pub static SHAPES: &[Shape] = &[
    shape("nothing", |_, _| Ok(())),
    shape("prefixes", keys::prefixes),
    shape("keys in order", |n, take| keys::in_steps(n, 0, take)),
    shape("keys in no order", |n, take| keys::in_steps(n, 1, take)),
    shape("one key repeated", keys::repeated_key),
    shape("versions of a large value", keys::versions),
    shape("deep keys", keys::deep_keys),
    shape("deletions", keys::deletions),
    shape("one policy of matching rules", acl::rules),
    shape("policies that match", acl::policies),
    shape("one accessor repeated", acl::accessors),
    shape("one config entry repeated", config::entries),
    shape("one service everywhere", catalog::instances),
    shape("large metadata", |n, take| config::metadata(n, "a", take)),
    shape("other large metadata", |n, take| config::metadata(n, "b", take)),
    shape("many sources", config::sources),
    shape("one token with many links", acl::links),
    shape("one service with many tags", catalog::tags),
    shape("one node registered again", catalog::nodes),
    shape("one service registered again", catalog::services),
    shape("nested settings", config::nested),
    shape("one large value of secrets", values::secrets),
    shape("lengths that lie", damaged::lies),
    shape("large lengths that lie", damaged::large_lies),
    shape("lists without end", damaged::lists),
    shape("records in values", damaged::inside),
    shape("one role of many policies", acl::role),
    shape("one token with many rules", acl::rules_of_many),
    shape("one policy with many names", acl::rules_of_one),
    shape("one token with many templates", acl::templated),
    shape("many binding rules", acl::bindings),
    shape("variables without end", acl::variables),
    shape("many routes", |n, take| config::routes(n, "a", take)),
    shape("other routes", |n, take| config::routes(n, "b", take)),
    shape("one setting repeated", config::repeated),
    shape("one long name", config::long_name),
    shape("many services of a node", catalog::on_one_node),
    shape("one long key", values::long_key),
    shape("runs of base64", values::base64),
    shape("unknown fields", values::fields),
    shape("one secret named often", values::named_secrets),
    shape("many vaults", values::vaults),
    log("one key written again", logs::one_key),
    log("one large transaction", logs::transaction),
    log("one service registered everywhere", logs::registrations),
    log("many resolvers written", logs::entries),
    Shape { damage: Damage::Cut, ..shape("cut records", |n, take| keys::in_steps(n, 0, take)) },
    Shape {
        damage: Damage::Broken(10_000),
        ..shape("islands", |n, take| keys::in_steps(n, 0, take))
    },
];

const fn shape(name: &'static str, records: fn(u64, &mut Take<'_>) -> io::Result<()>) -> Shape {
    Shape { name, records, damage: Damage::None, is_log: false }
}

const fn log(name: &'static str, records: fn(u64, &mut Take<'_>) -> io::Result<()>) -> Shape {
    Shape { is_log: true, ..shape(name, records) }
}

impl Shape {
    /// The shape of this name.
    #[must_use]
    pub fn named(name: &str) -> &'static Self {
        SHAPES.iter().find(|shape| shape.name == name).expect("a shape of this name")
    }

    /// Writes a `state.bin` of this shape, or a `raft.db`.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&self, size: u64, out: &mut dyn Write) -> io::Result<()> {
        if self.is_log {
            let mut commands = Vec::new();
            (self.records)(size, &mut |record| {
                commands.push(command(record.kind, &record.body));
                Ok(())
            })?;
            return out.write_all(&raft_db(commands));
        }
        out.write_all(&header(7))?;
        let mut bytes = Vec::new();
        let mut count = 0;
        (self.records)(size, &mut |record| {
            bytes.clear();
            record.encode(&mut bytes);
            count += 1;
            match self.damage {
                Damage::Cut => bytes.truncate(bytes.len().saturating_sub(3)),
                Damage::Broken(each) if count % each == 0 => bytes.push(0xff),
                _ => {}
            }
            out.write_all(&bytes)
        })
    }

    /// Writes the same as a file.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write_to(&self, size: u64, path: &Path) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        self.write(size, &mut out)?;
        out.flush()
    }
}
