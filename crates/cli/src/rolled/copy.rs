//! A snapshot that is read twice: to inflate it a second time takes longer than to keep a copy.

use snapscope_archive::{Blocks, Container, Source, Stream};
use snapscope_decode::Block;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Blocks that wait to be written.
const AHEAD: usize = 4;

/// The `state.bin` of a compressed snapshot while it is read, in a temporary file without a name.
#[derive(Debug)]
pub(super) struct Copying {
    to_write: SyncSender<Block>,
    writing: JoinHandle<io::Result<File>>,
}

impl Copying {
    /// Starts a copy, once the first block was read; `None` for a snapshot that is not compressed, or if there is no
    /// place for it.
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
        // If writing has failed, nobody waits for it.
        let _ = self.to_write.send(block);
    }

    /// The copy of a snapshot of this name; `None` if there is no room for all of it. Then it is inflated again.
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
