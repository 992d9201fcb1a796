//! Fills a spool in one pass over a snapshot.

use super::Spool;
use super::keys::Keys;
use super::map::Map;
use snapscope_analyze::Problems;
use snapscope_archive::{Blocks, Closing};
use snapscope_decode::{Block, Frame, Kind};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Blocks that wait to be written.
const AHEAD: usize = 4;

/// A spool, and what is known of the snapshot that fills it.
pub(crate) struct Filled {
    pub(crate) spool: Spool,
    pub(crate) closing: Closing,
    pub(crate) problems: Problems,
}

/// Where records are.
#[derive(Default)]
struct Places {
    by_kind: HashMap<Kind, Vec<u64>>,
    keys: Vec<u64>,
    tombstones: Vec<u64>,
}

impl Places {
    fn add(&mut self, kind: Kind, at: u64) {
        match kind {
            Kind::KVS => self.keys.push(at),
            Kind::TOMBSTONE => self.tombstones.push(at),
            kind => self.by_kind.entry(kind).or_default().push(at),
        }
    }
}

/// Copies a snapshot's records into a temporary file, and shows each of them, and where it will be, to `see`. Another thread writes, so that
/// the disk and this thread's work overlap.
pub(crate) fn fill(
    mut blocks: Blocks,
    see: &mut dyn FnMut(&Frame<'_>, u64, &mut Problems),
) -> io::Result<Filled> {
    let file = tempfile::tempfile()?;
    let (mut places, mut problems, mut written) = (Places::default(), Problems::default(), 0u64);
    let file = thread::scope(|scope| {
        let (to_write, parts) = sync_channel(AHEAD);
        let writing = scope.spawn(|| write(file, parts));
        for block in blocks.by_ref() {
            for frame in block.frames() {
                let at = written + frame.offset.saturating_sub(block.offset());
                places.add(frame.kind, at);
                see(&frame, at, &mut problems);
            }
            written += block.bytes().len() as u64;
            // The error that ended the writing is its result.
            if to_write.send(block).is_err() {
                break;
            }
        }
        drop(to_write);
        writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    let closing = blocks.finish();
    let mut spool = Spool {
        map: Map::of(&file)?,
        places: places.by_kind,
        keys: Keys::default(),
        tombstones: Keys::default(),
    };
    let (mut keys, mut tombstones) = (Keys::new(places.keys), Keys::new(places.tombstones));
    keys.sort(&spool);
    tombstones.sort(&spool);
    spool.keys = keys;
    spool.tombstones = tombstones;
    Ok(Filled { spool, closing, problems })
}

fn write(mut file: File, parts: Receiver<Block>) -> io::Result<File> {
    for block in parts {
        file.write_all(block.bytes())?;
    }
    Ok(file)
}
