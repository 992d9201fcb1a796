//! A copy of a snapshot that is read twice, because inflating it again takes longer.

use snapscope_archive::{Blocks, Container, Source, Stream};
use snapscope_decode::Block;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Maximum number of blocks waiting to be written.
const AHEAD: usize = 4;

/// The `state.bin` of a compressed snapshot, copied to a temporary file without a name while it is
/// read.
#[derive(Debug)]
pub(super) struct Copying {
    to_write: SyncSender<Block>,
    writing: JoinHandle<io::Result<File>>,
}

impl Copying {
    /// Starts a copy after the first block was read; `None` if the snapshot is not compressed, or
    /// without space for the copy.
    pub(super) fn begin(blocks: &Blocks) -> Option<Self> {
        if !matches!(blocks.container(), Container::Snap | Container::GzippedState) {
            return None;
        }
        let header = blocks.header()?.bytes.clone();
        let file = tempfile::tempfile().ok()?;
        let (to_write, parts) = sync_channel(AHEAD);
        let write = move || written(file, &header, &parts);
        let writing = thread::Builder::new().name("copy".to_owned()).spawn(write).ok()?;
        Some(Self { to_write, writing })
    }

    /// Takes the next block.
    pub(super) fn push(&self, block: Block) {
        // If writing failed, nobody waits for it.
        let _ = self.to_write.send(block);
    }

    /// The finished copy, as a snapshot with this name; `None` without enough space for it. Then
    /// the snapshot is inflated again.
    pub(super) fn finish(self, name: &str) -> Option<Source> {
        drop(self.to_write);
        let file = self.writing.join().ok()?.ok()?;
        Some(Source::Stream(Stream::at(name, Arc::new(file))))
    }
}

fn written(file: File, header: &[u8], parts: &Receiver<Block>) -> io::Result<File> {
    let mut file = BufWriter::new(file);
    file.write_all(header)?;
    for block in parts {
        file.write_all(block.bytes())?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)
}
