//! An uncompressed file read by two threads: one reads ahead, and the one that takes the chunks
//! reads the next chunk itself if the other is not there yet.
//!
//! Copying from the page cache takes twice as long as walking over the copied bytes, so neither
//! thread would be busy if one copied and the other walked.

use snapscope_decode::{Buffer, BufferPool};
use snapscope_inflate::ReadAt;
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Reading smaller files is faster than starting a thread.
const WORTH_A_THREAD: u64 = 16 << 20;

/// Maximum number of waiting chunks: few enough to stay in the shared cache.
const WINDOW: u64 = 8;

/// A buffer and its filled part, which is less than a chunk at the end of the file.
type Filled = io::Result<(Buffer, Range<usize>)>;

/// A file read ahead.
pub(crate) struct ReadAhead {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// The chunk that is taken next.
    due: u64,
    /// A chunk was not full, so later bytes of a growing file would not follow it directly.
    ended: bool,
}

struct Shared {
    source: Arc<dyn ReadAt>,
    pool: BufferPool,
    /// Where in a buffer the data goes; for every buffer of the pool the same, except for its
    /// start.
    room: fn(&Buffer) -> Range<usize>,
    /// Bytes of a chunk.
    chunk: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The next chunk that no thread reads yet.
    unread: u64,
    /// Chunks taken so far.
    taken: u64,
    /// The chunks read ahead.
    ready: BTreeMap<u64, Filled>,
    /// The chunks are not needed any more.
    closed: bool,
}

impl ReadAhead {
    /// Returns `None` where one thread is as fast: for small files, or if no thread can be started.
    pub(crate) fn start(
        source: Arc<dyn ReadAt>,
        pool: BufferPool,
        room: fn(&Buffer) -> Range<usize>,
        chunk: usize,
    ) -> Option<Self> {
        if source.size().ok()? < WORTH_A_THREAD {
            return None;
        }
        let state = Mutex::default();
        let shared = Arc::new(Shared { source, pool, room, chunk, state, changed: Condvar::new() });
        let thread = {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new()
                .name("read-ahead".into())
                .spawn(move || shared.run())
                .ok()?
        };
        Some(Self { shared, thread: Some(thread), due: 0, ended: false })
    }

    /// The next piece, or `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<(Buffer, Range<usize>)>> {
        if self.ended {
            return Ok(None);
        }
        let filled = self.take(self.due);
        self.due += 1;
        self.ended = filled.as_ref().map_or(true, |(_, data)| data.len() < self.shared.chunk);
        filled.map(|filled| Some(filled).filter(|(_, data)| !data.is_empty()))
    }

    fn take(&self, index: u64) -> Filled {
        let mut state = self.shared.lock();
        loop {
            if let Some(filled) = state.ready.remove(&index) {
                state.taken = index + 1;
                drop(state);
                self.shared.changed.notify_one();
                return filled;
            }
            if state.unread > index + WINDOW {
                state = self.shared.wait(state);
                continue;
            }
            // The other thread is reading this chunk, or has not started yet: read the next one.
            let mine = state.unread;
            state.unread += 1;
            drop(state);
            let filled = self.shared.read(mine);
            state = self.shared.lock();
            state.ready.insert(mine, filled);
        }
    }
}

impl Drop for ReadAhead {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // It cannot panic, and nobody could be notified.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads ahead until the end, or until no more chunks are needed.
    fn run(&self) {
        let mut state = self.lock();
        while !state.closed {
            if state.unread >= state.taken + WINDOW {
                state = self.wait(state);
                continue;
            }
            let mine = state.unread;
            state.unread += 1;
            drop(state);
            let filled = self.read(mine);
            let ended = filled.as_ref().map_or(true, |(_, data)| data.is_empty());
            state = self.lock();
            state.ready.insert(mine, filled);
            self.changed.notify_one();
            if ended {
                break;
            }
        }
    }

    fn read(&self, index: u64) -> Filled {
        let mut buffer = self.pool.take();
        let room = (self.room)(&buffer);
        let offset = index * self.chunk as u64;
        let Some(out) = buffer.bytes_mut().get_mut(room.clone()) else {
            return Ok((buffer, 0..0));
        };
        let mut filled = 0;
        while filled < out.len() {
            match self.source.read_at(&mut out[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok((buffer, room.start..room.start + filled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: usize = 64 * 1024;

    /// Bytes that encode their position; reading fails from `fails_at` on.
    struct Numbers {
        size: u64,
        fails_at: u64,
    }

    impl ReadAt for Numbers {
        fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            if offset >= self.fails_at {
                return Err(io::Error::other("no more of it"));
            }
            // Never as much as was requested, as on a busy network file system.
            let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
            let n = buf.len().min(10_000).min(left);
            for (i, byte) in buf[..n].iter_mut().enumerate() {
                *byte = number(offset + i as u64);
            }
            Ok(n)
        }

        fn size(&self) -> io::Result<u64> {
            Ok(self.size)
        }
    }

    fn number(offset: u64) -> u8 {
        offset.to_le_bytes().into_iter().fold(0, |all, byte| all ^ byte)
    }

    fn start(size: u64, fails_at: u64) -> Option<ReadAhead> {
        let pool = BufferPool::new(CHUNK, 4);
        ReadAhead::start(Arc::new(Numbers { size, fails_at }), pool, |_| 0..CHUNK, CHUNK)
    }

    #[test]
    fn all_bytes_come_in_order_and_then_the_end() {
        for size in [WORTH_A_THREAD, WORTH_A_THREAD + 1, WORTH_A_THREAD + CHUNK as u64 - 1] {
            let mut reader = start(size, u64::MAX).expect("large enough");
            let mut offset = 0;
            while let Some((buffer, data)) = reader.next().expect("reads") {
                for byte in &buffer.bytes()[data] {
                    assert_eq!(*byte, number(offset), "at {offset} of {size}");
                    offset += 1;
                }
            }
            assert_eq!(offset, size);
            assert!(reader.next().expect("still the end").is_none());
        }
    }

    #[test]
    fn an_error_comes_behind_what_is_in_front_of_it() {
        let fails_at = 100 * CHUNK as u64;
        let mut reader = start(WORTH_A_THREAD, fails_at).expect("large enough");
        for _ in 0..100 {
            assert_eq!(reader.next().expect("reads").expect("a chunk").1, 0..CHUNK);
        }
        assert!(reader.next().is_err());
        assert!(reader.next().expect("the end").is_none());
    }

    #[test]
    fn it_can_be_dropped_at_any_time_and_small_files_need_it_not() {
        for taken in 0..20 {
            let mut reader = start(WORTH_A_THREAD, u64::MAX).expect("large enough");
            for _ in 0..taken {
                assert!(reader.next().expect("reads").is_some());
            }
        }
        assert!(start(WORTH_A_THREAD - 1, u64::MAX).is_none());
    }
}
