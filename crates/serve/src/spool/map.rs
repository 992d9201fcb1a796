//! A temporary file in memory.

use memmap2::{Mmap, UncheckedAdvice};
use std::fs::File;
use std::io;

/// The bytes of a file that nobody else can reach.
pub(super) struct Map {
    /// An empty file cannot be mapped.
    map: Option<Mmap>,
}

impl Map {
    /// Maps a file, which must be a private one without a name.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self { map: None });
        }
        // Mapping is unsound if the file shrinks or changes while it is mapped. This one was created by this process
        // with mode 0600, has no name by which another could open it, and is never written again.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self { map: Some(map) })
    }

    /// Gives the memory of all pages back to the system. They are read from the file again when they are needed.
    pub(super) fn release(&self) {
        if let Some(map) = &self.map {
            // Unsound for memory that is not in a file: it would lose what was written. This mapping is only read.
            #[allow(unsafe_code)]
            // Advice that is not taken costs nothing but memory.
            let _ = unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) };
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or(&[])
    }
}
