//! Maps a temporary file into memory.

use memmap2::{Mmap, UncheckedAdvice};
use std::fs::File;
use std::io;

/// The mapped bytes of a private file.
pub(super) struct Map {
    /// `None` for an empty file, which cannot be mapped.
    map: Option<Mmap>,
}

impl Map {
    /// Maps a file, which must be private and without a name.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self { map: None });
        }
        // Mapping is unsound if the file shrinks or changes while it is mapped. This process
        // created the file with mode 0600; it has no name by which another process could open it,
        // and it is never written again.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self { map: Some(map) })
    }

    /// Returns the memory of all pages to the system. They are read from the file again on demand.
    pub(super) fn release(&self) {
        if let Some(map) = &self.map {
            // This would be unsound for memory without a file, whose content would be lost. This
            // mapping is read-only and has a file.
            #[allow(unsafe_code)]
            // If the system ignores the advice, only memory is lost.
            let _ = unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) };
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or(&[])
    }
}
