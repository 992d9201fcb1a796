//! Buffers that return to their pool when the last user drops them.

use std::sync::{Arc, Mutex};

/// A pool of buffers, shared by the code that fills and the code that drops them.
#[derive(Debug, Clone)]
pub struct BufferPool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    idle: Mutex<Vec<Vec<u8>>>,
    /// Bytes a buffer of this pool has.
    size: usize,
    /// Maximum number of idle buffers; others are freed.
    keep: usize,
}

/// A buffer of a [`BufferPool`]; dropping it returns it.
#[derive(Debug)]
pub struct Buffer {
    bytes: Vec<u8>,
    home: Option<Arc<Shared>>,
}

impl BufferPool {
    /// A pool of buffers of `size` bytes that keeps at most `keep` idle ones.
    #[must_use]
    pub fn new(size: usize, keep: usize) -> Self {
        Self { shared: Arc::new(Shared { idle: Mutex::new(Vec::with_capacity(keep)), size, keep }) }
    }

    /// Returns an idle buffer, or a new one. It has the pool's size and arbitrary content.
    #[must_use]
    pub fn take(&self) -> Buffer {
        let idle = self.shared.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut bytes = idle.unwrap_or_default();
        bytes.resize(self.shared.size, 0);
        Buffer { bytes, home: Some(Arc::clone(&self.shared)) }
    }
}

impl Buffer {
    /// Creates a buffer without a pool.
    #[must_use]
    pub const fn unpooled(bytes: Vec<u8>) -> Self {
        Self { bytes, home: None }
    }

    /// All its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All its bytes, to fill.
    #[must_use]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(home) = self.home.take()
            && let Ok(mut idle) = home.idle.lock()
            && idle.len() < home.keep
        {
            idle.push(std::mem::take(&mut self.bytes));
        }
    }
}
