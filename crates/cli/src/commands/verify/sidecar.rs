//! Compares a file with the hash in the agent's sidecar.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use snapscope_archive::{Source, Stream};
use snapscope_decode::text::hex;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Maximum size of a sidecar; real ones have a few hundred bytes.
const LIMIT: u64 = 1 << 20;

/// A snapshot's sidecar.
pub(super) enum Beside {
    /// The hash the file should have, in hex.
    File(String),
    /// The same for a stream, which is hashed while it is read.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    Stream { expected: String, hashed: Arc<Mutex<Hashed>> },
}

/// The bytes of a stream so far.
#[derive(Default)]
pub(super) struct Hashed {
    sha: Sha256,
    size: u64,
}

/// Returns the sidecar of a file; `None` if there is none, or it is not the agent's.
pub(super) fn beside(snapshot: &Path) -> Option<Beside> {
    let mut name = snapshot.as_os_str().to_owned();
    name.push(".json");
    let about = fs::symlink_metadata(&name).ok()?;
    if !about.is_file() || about.len() > LIMIT {
        return None;
    }
    let object: Value = serde_json::from_slice(&fs::read(&name).ok()?).ok()?;
    let sha256 = object.get("sha256")?.as_str()?;
    Some(Beside::File(sha256.to_owned()))
}

impl Beside {
    /// A stream that is hashed while it is read, with the expected hash.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    pub(super) fn of_stream(expected: String, source: &Source) -> (Source, Self) {
        let hashed = Arc::new(Mutex::new(Hashed::default()));
        let beside = Self::Stream { expected, hashed: Arc::clone(&hashed) };
        let (of, size) = (source.clone(), source.size().unwrap_or(0));
        let open = move || {
            *hashed.lock().unwrap_or_else(PoisonError::into_inner) = Hashed::default();
            let reader = of.reader().map_err(io::Error::other)?;
            Ok(Box::new(Hashing { reader, hashed: Arc::clone(&hashed) }) as Box<dyn Read + Send>)
        };
        (Source::Stream(Stream::reopening(source.name(), size, open)), beside)
    }

    /// Compares the hash once everything is read; returns what is wrong.
    ///
    /// # Errors
    /// If the file can't be read.
    pub(super) fn differs(&self, source: &Source) -> io::Result<Option<String>> {
        let (expected, actual) = match (self, source) {
            (Self::File(expected), Source::File(path)) => {
                let hashed = Arc::new(Mutex::new(Hashed::default()));
                let reader = Box::new(File::open(path)?);
                let mut hashing = Hashing { reader, hashed: Arc::clone(&hashed) };
                io::copy(&mut hashing, &mut io::sink())?;
                (expected, hex(&taken(&hashed).sha.finalize()))
            }
            (Self::Stream { expected, hashed }, _) => {
                let Hashed { sha, size } = taken(hashed);
                // A stream that was not read to its end is damaged, which is already reported.
                if Some(size) != source.size() {
                    return Ok(None);
                }
                (expected, hex(&sha.finalize()))
            }
            _ => return Ok(None),
        };
        let is_same = expected.eq_ignore_ascii_case(&actual);
        Ok((!is_same).then(|| format!("the file has SHA-256 {actual}, not {expected:?}")))
    }
}

fn taken(hashed: &Mutex<Hashed>) -> Hashed {
    std::mem::take(&mut *hashed.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Hashing {
    reader: Box<dyn Read + Send>,
    hashed: Arc<Mutex<Hashed>>,
}

impl Read for Hashing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(out)?;
        let mut hashed = self.hashed.lock().unwrap_or_else(PoisonError::into_inner);
        hashed.sha.update(out.get(..n).unwrap_or(&[]));
        hashed.size += n as u64;
        Ok(n)
    }
}
