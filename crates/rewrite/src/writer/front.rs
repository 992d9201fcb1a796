//! The data before `state.bin`: `meta.json`, and the header with the size of `state.bin`.

use super::tar;
use crc32fast::Hasher;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use snapscope_archive::Meta;
use snapscope_decode::text::hex;
use std::io;

/// Maximum size of a stored deflate block.
const STORED: usize = u16::MAX as usize;
/// Size of a gzip member without its data: its header, checksum and length.
const GZIP: usize = 10 + 8;
/// Size of a stored block's header.
const STORED_HEAD: usize = 5;

/// The front of a file, of which only the size of `state.bin` is unknown.
#[derive(Debug)]
pub(super) struct Front {
    meta: Map<String, Value>,
    mtime: u64,
    /// Blocks of tar kept for `meta.json`.
    blocks: usize,
}

/// The front of a file.
pub(super) struct FrontBytes {
    pub(super) bytes: Vec<u8>,
    pub(super) mtime: u64,
}

impl Front {
    pub(super) fn new(meta: &Map<String, Value>) -> io::Result<Self> {
        let mut meta = meta.clone();
        meta.remove("CRC");
        // The largest number takes the most space.
        let blocks = text(&mut meta, u64::MAX)?.len().div_ceil(tar::BLOCK);
        let mtime = mtime(&meta);
        Ok(Self { meta, mtime, blocks })
    }

    /// Bytes it has in the file.
    pub(super) fn len(&self) -> u64 {
        let data = (self.blocks + 2) * tar::BLOCK;
        (GZIP + data.div_ceil(STORED) * STORED_HEAD + data) as u64
    }

    /// Its bytes, and the hash of `meta.json` in hex.
    pub(super) fn bytes(mut self, state_size: u64) -> io::Result<(FrontBytes, String)> {
        let mut meta = text(&mut self.meta, state_size)?;
        // White space may follow the object. It is needed if a shorter number takes one block less.
        let least = (self.blocks.saturating_sub(1)) * tar::BLOCK + 1;
        if meta.len() < least {
            meta.pop();
            meta.resize(least - 1, b' ');
            meta.push(b'\n');
        }
        let size = meta.len() as u64;
        let mut data = tar::header(tar::META, size, self.mtime).to_vec();
        data.extend(&meta);
        data.extend(tar::padding(size));
        data.extend(tar::header(tar::STATE, state_size, self.mtime));
        let mut bytes = Vec::with_capacity(data.len() + GZIP + STORED_HEAD);
        stored(&data, &mut bytes);
        Ok((FrontBytes { bytes, mtime: self.mtime }, hex(&Sha256::digest(&meta))))
    }
}

/// `meta.json`, one line, with this size.
fn text(meta: &mut Map<String, Value>, size: u64) -> io::Result<Vec<u8>> {
    meta.insert("Size".to_owned(), size.into());
    let mut text = serde_json::to_vec(meta)?;
    text.push(b'\n');
    Ok(text)
}

/// When the snapshot was taken, in seconds since 1970, so that its copy does not depend on the
/// current time.
fn mtime(meta: &Map<String, Value>) -> u64 {
    let id = meta.get("ID").and_then(Value::as_str).unwrap_or_default();
    let taken = Meta { id: id.to_owned(), ..Meta::default() }.taken_ms();
    taken.and_then(|ms| u64::try_from(ms / 1000).ok()).unwrap_or(0)
}

/// Appends a gzip member whose data is stored.
pub(super) fn stored(data: &[u8], out: &mut Vec<u8>) {
    out.extend(GZIP_HEADER);
    let pieces = data.len().div_ceil(STORED);
    for (i, piece) in data.chunks(STORED).enumerate() {
        let length = u16::try_from(piece.len()).unwrap_or(u16::MAX);
        out.push(u8::from(i + 1 == pieces));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(piece);
    }
    out.extend(gzip_trailer(data));
}

/// As servers write it: without name and time.
pub(super) const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Checksum and length of a gzip member's data.
pub(super) fn gzip_trailer(data: &[u8]) -> [u8; 8] {
    let mut crc = Hasher::new();
    crc.update(data);
    let [a, b, c, d] = crc.finalize().to_le_bytes();
    // Members are far smaller than four gigabytes, at which the length wraps around.
    let [e, f, g, h] = u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes();
    [a, b, c, d, e, f, g, h]
}
