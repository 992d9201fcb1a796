//! Keys as bodies of transactions.

use snapscope_analyze::diff::Found;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::{Json, Row};
use snapscope_staged::{create_folder_in, create_in};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Operations a server takes in one transaction.
const MOST_OPERATIONS: usize = 64;
/// Bytes a body may have: servers take half a mebibyte unless told otherwise.
const MOST_BYTES: usize = 480 << 10;

/// The bodies that are written.
#[derive(Debug)]
pub(super) struct Keys {
    folder: PathBuf,
    operations: Vec<Vec<u8>>,
    size: usize,
    pub(super) count: u64,
    pub(super) bodies: u64,
    /// Values too large for a transaction.
    pub(super) large: Vec<Large>,
}

/// A value that is put by itself.
#[derive(Debug)]
pub(super) struct Large {
    pub(super) key: String,
    pub(super) flags: u64,
    /// The value's file, from the patch's folder.
    pub(super) file: String,
}

impl Keys {
    pub(super) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let folder = create_folder_in(folder, name)?;
        let (operations, large) = (Vec::new(), Vec::new());
        Ok(Self { folder, operations, size: 0, count: 0, bodies: 0, large })
    }

    /// Takes a key that differs; gives why it, or a part of it, can't be carried.
    pub(super) fn take(&mut self, found: &Found<'_>) -> io::Result<Option<&'static str>> {
        let (before, after) = (found.before, found.after);
        let Some(row) = after.or(before) else { return Ok(None) };
        let Ok(key) = std::str::from_utf8(row.text("Key")) else {
            return Ok(Some("its key is not UTF-8, which JSON can't say"));
        };
        let same =
            before.zip(after).is_some_and(|(b, a)| value(b) == value(a) && flags(b) == flags(a));
        if !same && let Err(why) = self.operation(key, after)? {
            return Ok(Some(why));
        }
        let holder = |row: Option<&Row>| row.map_or(Vec::new(), |row| row.text("Session").to_vec());
        // Without the key there is nothing to hold.
        Ok((after.is_some() && holder(before) != holder(after))
            .then_some("which session holds it can't be carried"))
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
        if let Some(row) = after
            && operation.len() > MOST_BYTES
        {
            if key.starts_with('/') || key.contains("//") {
                return Ok(Err(
                    "a value this large goes by the key's path, which has slashes that \
                               servers fold",
                ));
            }
            let name = format!("large-{:04}.value", self.large.len() + 1);
            create_in(&self.folder, &name)?.write_all(value(row))?;
            let file = format!("{}/{name}", super::KEYS);
            self.large.push(Large { key: key.to_owned(), flags: flags(row), file });
        } else {
            let full = self.operations.len() == MOST_OPERATIONS
                || self.size + operation.len() > MOST_BYTES;
            if full {
                self.flush()?;
            }
            self.size += operation.len() + 2;
            self.operations.push(operation);
        }
        self.count += 1;
        Ok(Ok(()))
    }

    /// Writes the operations that wait.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.operations.is_empty() {
            return Ok(());
        }
        self.bodies += 1;
        let mut body = b"[\n".to_vec();
        body.extend_from_slice(&self.operations.join(&b",\n"[..]));
        body.extend_from_slice(b"\n]\n");
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
