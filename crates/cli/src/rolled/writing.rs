//! Writes records, with a thread that hashes them and passes them on to compression.

use anyhow::Result;
use snapscope_rewrite::SnapshotWriter;
use std::io::{self, Seek, Write};
use std::sync::mpsc::sync_channel;
use std::thread;

/// Maximum number of buffers waiting to be written.
const AHEAD: usize = 4;

/// Writes what `make` passes on, in order. It reuses buffers, and stops when one is refused.
pub(super) fn append_all<T, W: Write + Seek + Send>(
    writer: &mut SnapshotWriter<W>,
    make: impl FnOnce(&mut dyn FnMut(&mut Vec<u8>) -> bool) -> Result<T>,
) -> Result<T> {
    let (to_write, parts) = sync_channel::<Vec<u8>>(AHEAD);
    let (to_use, used) = sync_channel::<Vec<u8>>(AHEAD + 1);
    thread::scope(|scope| {
        let writing = scope.spawn(move || -> io::Result<()> {
            for mut part in parts {
                writer.append(&part)?;
                part.clear();
                // Enough buffers may be in use already.
                let _ = to_use.try_send(part);
            }
            Ok(())
        });
        let made = make(&mut |out| {
            let next = used.try_recv().unwrap_or_default();
            to_write.send(std::mem::replace(out, next)).is_ok()
        });
        drop(to_write);
        match writing.join() {
            Ok(written) => written?,
            Err(panic) => std::panic::resume_unwind(panic),
        }
        made
    })
}
