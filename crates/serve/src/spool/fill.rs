//! Fills a spool in one pass over a snapshot.

use super::Spool;
use super::keys::Keys;
use super::map::Map;
use super::records::Records;
use snapscope_analyze::Problems;
use snapscope_archive::{Blocks, Closing};
use snapscope_decode::records::KvRef;
use snapscope_decode::{Block, Frame, Kind};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Maximum number of blocks waiting to be written. The records that take long to read come first, and inflating goes on
/// meanwhile.
const AHEAD: usize = 32;

/// A filled spool, and what is known about its snapshot.
pub(crate) struct Filled {
    pub(crate) spool: Spool,
    pub(crate) closing: Closing,
    pub(crate) problems: Problems,
}

/// The offsets of the records.
#[derive(Default)]
struct Places {
    by_kind: HashMap<Kind, Vec<u64>>,
    keys: Keys,
    tombstones: Keys,
}

impl Places {
    fn add(&mut self, frame: &Frame<'_>, at: u64) {
        let key = || KvRef::of(frame).map_or(&[][..], |kv| kv.key.0);
        match frame.kind {
            Kind::KVS => self.keys.push(key(), at),
            Kind::TOMBSTONE => self.tombstones.push(key(), at),
            kind => self.by_kind.entry(kind).or_default().push(at),
        }
    }
}

/// Copies a snapshot's records into a temporary file and passes each record with its new offset to
/// `see`.
///
/// Another thread sees the records and writes them, because reading what is known about nodes, services and tokens takes
/// longer than inflating it. The thread that takes blocks only notes where records are, and inflates.
pub(crate) fn fill(
    mut blocks: Blocks,
    see: &mut (dyn FnMut(&Frame<'_>, u64, &mut Problems) + Send),
) -> io::Result<Filled> {
    let file = tempfile::tempfile()?;
    let (mut places, mut passed) = (Places::default(), 0u64);
    let (file, problems) = thread::scope(|scope| {
        let (to_write, taken) = sync_channel(AHEAD);
        let writing = scope.spawn(|| write(file, taken, see));
        for block in blocks.by_ref() {
            let start = passed;
            for frame in block.frames() {
                places.add(&frame, place(&frame, &block, start));
            }
            passed += block.bytes().len() as u64;
            // The writer's result has the error that ended it.
            if to_write.send((block, start)).is_err() {
                break;
            }
        }
        drop(to_write);
        writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    let closing = blocks.finish();
    let records = Records::new(Map::of(&file)?, places.by_kind);
    let keys = places.keys.finish(&records);
    let tombstones = places.tombstones.finish(&records);
    let spool = Spool { records, keys, tombstones };
    Ok(Filled { spool, closing, problems })
}

/// The offset of a record in the file, in which its block starts at `start`.
const fn place(frame: &Frame<'_>, block: &Block, start: u64) -> u64 {
    start + frame.offset.saturating_sub(block.offset())
}

/// Writes blocks, each with the offset at which it starts in the file, and passes their records to `see`.
fn write(
    mut file: File,
    blocks: Receiver<(Block, u64)>,
    see: &mut (dyn FnMut(&Frame<'_>, u64, &mut Problems) + Send),
) -> io::Result<(File, Problems)> {
    let mut problems = Problems::default();
    for (block, start) in blocks {
        for frame in block.frames() {
            see(&frame, place(&frame, &block, start), &mut problems);
        }
        file.write_all(block.bytes())?;
    }
    Ok((file, problems))
}
