//! Writes bbolt files: leaves with sorted items, branches above them, and two meta pages.

use super::entry::LogEntry;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

const PAGE: usize = 4096;
const HEADER: usize = 16;
const ELEMENT: usize = 16;

const BRANCH: u16 = 1;
const LEAF: u16 = 2;
const META: u16 = 4;
const FREELIST: u16 = 0x10;

/// A bbolt file being written.
#[derive(Debug)]
pub struct BoltFile<W: Write + Seek> {
    out: W,
    /// The next page.
    next: u64,
    buckets: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Items of the current page, and the full pages.
#[derive(Default)]
struct Level {
    items: Vec<(Vec<u8>, Vec<u8>)>,
    size: usize,
    pages: Vec<(Vec<u8>, u64)>,
}

fn header(page: &mut Vec<u8>, number: u64, flags: u16, count: usize, overflow: u32) {
    page.extend_from_slice(&number.to_le_bytes());
    page.extend_from_slice(&flags.to_le_bytes());
    page.extend_from_slice(&(count as u16).to_le_bytes());
    page.extend_from_slice(&overflow.to_le_bytes());
}

/// A leaf with its header. Buckets are flagged.
fn leaf(number: u64, items: &[(Vec<u8>, Vec<u8>)], are_buckets: bool) -> Vec<u8> {
    let data: usize = items.iter().map(|(key, value)| key.len() + value.len()).sum();
    let size = HEADER + ELEMENT * items.len() + data;
    let mut page = Vec::with_capacity(size.next_multiple_of(PAGE));
    header(&mut page, number, LEAF, items.len(), (size.div_ceil(PAGE) - 1) as u32);
    let mut at = ELEMENT * items.len();
    for (place, (key, value)) in items.iter().enumerate() {
        for number in [
            u32::from(are_buckets),
            (at - ELEMENT * place) as u32,
            key.len() as u32,
            value.len() as u32,
        ] {
            page.extend_from_slice(&number.to_le_bytes());
        }
        at += key.len() + value.len();
    }
    for (key, value) in items {
        page.extend_from_slice(key);
        page.extend_from_slice(value);
    }
    page
}

fn branch(number: u64, children: &[(Vec<u8>, u64)]) -> Vec<u8> {
    let mut page = Vec::with_capacity(PAGE);
    header(&mut page, number, BRANCH, children.len(), 0);
    let mut at = ELEMENT * children.len();
    for (place, (key, child)) in children.iter().enumerate() {
        page.extend_from_slice(&((at - ELEMENT * place) as u32).to_le_bytes());
        page.extend_from_slice(&(key.len() as u32).to_le_bytes());
        page.extend_from_slice(&child.to_le_bytes());
        at += key.len();
    }
    children.iter().for_each(|(key, _)| page.extend_from_slice(key));
    page
}

impl BoltFile<BufWriter<File>> {
    /// Starts a file.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        Self::over(BufWriter::with_capacity(1 << 20, File::create(path)?))
    }
}

impl<W: Write + Seek> BoltFile<W> {
    /// Starts a file in any writer.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn over(mut out: W) -> io::Result<Self> {
        out.seek(SeekFrom::Start(2 * PAGE as u64))?;
        let mut file = Self { out, next: 2, buckets: Vec::new() };
        let mut freelist = Vec::new();
        header(&mut freelist, 2, FREELIST, 0, 0);
        file.page(freelist)?;
        Ok(file)
    }

    fn page(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        bytes.resize(bytes.len().next_multiple_of(PAGE), 0);
        self.next += (bytes.len() / PAGE) as u64;
        self.out.write_all(&bytes)
    }

    /// A bucket whose items fit into its value.
    pub fn small_bucket(&mut self, name: &str, items: &[(&[u8], &[u8])]) {
        let mut items: Vec<_> = items.iter().map(|(k, v)| (k.to_vec(), v.to_vec())).collect();
        items.sort();
        let mut value = vec![0; 16];
        value.extend(leaf(0, &items, false));
        self.buckets.push((name.as_bytes().to_vec(), value));
    }

    /// A bucket of many items, whose keys ascend.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn bucket(
        &mut self,
        name: &str,
        items: impl Iterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> io::Result<()> {
        let mut level = Level::default();
        for (key, value) in items {
            let size = ELEMENT + key.len() + value.len();
            if HEADER + level.size + size > PAGE && !level.items.is_empty() {
                self.leaf_is_full(&mut level)?;
            }
            level.size += size;
            level.items.push((key, value));
        }
        self.leaf_is_full(&mut level)?;
        let mut pages = level.pages;
        while pages.len() > 1 {
            let mut above = Vec::new();
            for children in pages.chunks(120) {
                above.push((children[0].0.clone(), self.next));
                let page = branch(self.next, children);
                self.page(page)?;
            }
            pages = above;
        }
        let mut value = pages[0].1.to_le_bytes().to_vec();
        value.extend([0; 8]);
        self.buckets.push((name.as_bytes().to_vec(), value));
        Ok(())
    }

    fn leaf_is_full(&mut self, level: &mut Level) -> io::Result<()> {
        let items = std::mem::take(&mut level.items);
        level.size = 0;
        let first = items.first().map_or(Vec::new(), |(key, _)| key.clone());
        level.pages.push((first, self.next));
        let page = leaf(self.next, &items, false);
        self.page(page)
    }

    /// Completes the file and returns the writer.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.buckets.sort();
        let root = self.next;
        let buckets = std::mem::take(&mut self.buckets);
        self.page(leaf(root, &buckets, true))?;
        let end = self.next;
        self.out.seek(SeekFrom::Start(0))?;
        for number in 0..2u64 {
            let mut page = Vec::new();
            header(&mut page, number, META, 0, 0);
            let mut meta = Vec::new();
            for word in [0xED0C_DAEDu32, 2, PAGE as u32, 0] {
                meta.extend_from_slice(&word.to_le_bytes());
            }
            for word in [root, 0, 2, end, number] {
                meta.extend_from_slice(&word.to_le_bytes());
            }
            let sum = meta.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
            page.extend_from_slice(&meta);
            page.extend_from_slice(&sum.to_le_bytes());
            page.resize(PAGE, 0);
            self.out.write_all(&page)?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes a `raft.db` with these entries.
///
/// # Errors
/// If it can't be written.
pub fn write_bolt(path: &Path, entries: impl Iterator<Item = LogEntry>) -> io::Result<()> {
    fill(BoltFile::create(path)?, entries).map(drop)
}

/// Writes these entries as servers do, with the terms of their votes.
pub(super) fn fill<W: Write + Seek>(
    mut file: BoltFile<W>,
    entries: impl Iterator<Item = LogEntry>,
) -> io::Result<W> {
    let term = 2u64.to_be_bytes();
    file.small_bucket("conf", &[(b"CurrentTerm", &term), (b"LastVoteTerm", &term)]);
    let item = |entry: LogEntry| (entry.index.to_be_bytes().to_vec(), entry.msgpack());
    file.bucket("logs", entries.map(item))?;
    file.finish()
}
