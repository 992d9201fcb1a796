//! Keys as bodies of transactions, and large values as separate files.

use snapscope_analyze::api::keys::{MOST_OPERATIONS, in_transaction};
use snapscope_analyze::api::{LARGEST_VALUE, path};
use snapscope_analyze::diff::Found;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::Row;
use snapscope_objects::value::Json;
use snapscope_staged::{create_folder_in, create_in};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Maximum size of a body: servers accept as much as for a value by default.
const MOST_BYTES: usize = LARGEST_VALUE - BEGIN.len() - END.len();
const BEGIN: &[u8] = b"[\n";
const END: &[u8] = b"\n]\n";
const BETWEEN: &[u8] = b",\n";

/// The bodies written so far.
#[derive(Debug)]
pub(super) struct Keys {
    folder: PathBuf,
    operations: Vec<Vec<u8>>,
    size: usize,
    pub(super) count: u64,
    pub(super) bodies: u64,
    /// Number of values written separately.
    pub(super) large: u64,
}

impl Keys {
    pub(super) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let folder = create_folder_in(folder, name)?;
        Ok(Self { folder, operations: Vec::new(), size: 0, count: 0, bodies: 0, large: 0 })
    }

    /// Adds a key that differs. Returns why the patch does not cover it, or a part of it.
    pub(super) fn take(&mut self, found: &Found<'_>) -> io::Result<Option<&'static str>> {
        let (before, after) = (found.before, found.after);
        let Some(row) = after.or(before) else { return Ok(None) };
        let key = match in_transaction(row.text("Key")) {
            Ok(key) => key,
            Err(why) => return Ok(Some(why)),
        };
        let same =
            before.zip(after).is_some_and(|(b, a)| value(b) == value(a) && flags(b) == flags(a));
        if !same && let Err(why) = self.operation(key, after)? {
            return Ok(Some(why));
        }
        let holder = |row: Option<&Row>| row.map_or(Vec::new(), |row| row.text("Session").to_vec());
        // A lock needs its key.
        Ok((after.is_some() && holder(before) != holder(after))
            .then_some("a patch cannot set which session holds it"))
    }

    fn operation(
        &mut self,
        key: &str,
        after: Option<&Row>,
    ) -> io::Result<Result<(), &'static str>> {
        let mut json = JsonText::new();
        json.begin_object();
        json.key(b"KV");
        json.begin_object();
        json.key(b"Verb");
        json.text(if after.is_some() { b"set" } else { b"delete" });
        json.key(b"Key");
        json.text(key.as_bytes());
        if let Some(row) = after {
            json.key(b"Value");
            json.bytes(value(row));
            json.key(b"Flags");
            json.uint(flags(row));
        }
        json.end_object();
        json.end_object();
        let operation = json.into_bytes();
        if operation.len() > MOST_BYTES {
            let Some(row) = after else { return Ok(Err("its key is too long for a transaction")) };
            if let Err(why) = self.alone(key, row)? {
                return Ok(Err(why));
            }
        } else {
            let full = self.operations.len() == MOST_OPERATIONS
                || self.size + operation.len() > MOST_BYTES;
            if full {
                self.flush()?;
            }
            self.size += operation.len() + BETWEEN.len();
            self.operations.push(operation);
        }
        self.count += 1;
        Ok(Ok(()))
    }

    /// Writes a separate value: in base64 it is too large for a transaction, so its key has to be
    /// part of a URL path.
    fn alone(&mut self, key: &str, row: &Row) -> io::Result<Result<(), &'static str>> {
        let value = value(row);
        if value.len() > LARGEST_VALUE {
            return Ok(Err("servers accept values up to 512 KiB by default"));
        }
        let Ok(path) = path::escaped(key) else {
            return Ok(Err(
                "a value this large needs the key in a path, and this key is not safe in a path",
            ));
        };
        self.large += 1;
        let name = format!("large-{:04}", self.large);
        create_in(&self.folder, &format!("{name}.value"))?.write_all(value)?;
        let path = format!("{path}?flags={}\n", flags(row));
        create_in(&self.folder, &format!("{name}.path"))?.write_all(path.as_bytes())?;
        Ok(Ok(()))
    }

    /// Writes the pending operations.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.operations.is_empty() {
            return Ok(());
        }
        self.bodies += 1;
        let body = [BEGIN, &self.operations.join(BETWEEN), END].concat();
        create_in(&self.folder, &format!("{:08}.json", self.bodies))?.write_all(&body)?;
        self.operations.clear();
        self.size = 0;
        Ok(())
    }
}

fn value(row: &Row) -> &[u8] {
    match row.get("Value").map(|node| node.json()) {
        Some(Json::Bytes(value) | Json::Text(value)) => value,
        _ => &[],
    }
}

fn flags(row: &Row) -> u64 {
    row.get("Flags").and_then(|node| node.uint()).unwrap_or(0)
}
