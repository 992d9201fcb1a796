//! Random access to bytes.

use crate::error::{DamageKind, Error};
use std::fs::File;
use std::io;

/// A file, or bytes in memory, read at any offset.
pub trait ReadAt {
    /// Reads some bytes from an offset on; 0 at the end.
    ///
    /// # Errors
    /// On I/O errors.
    fn read_some(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;

    /// The number of bytes.
    ///
    /// # Errors
    /// On I/O errors.
    fn size(&self) -> io::Result<u64>;

    /// Fills a buffer from an offset on.
    ///
    /// # Errors
    /// [`DamageKind::Short`] if there are fewer bytes.
    fn read_whole(&self, offset: u64, into: &mut [u8]) -> Result<(), Error> {
        let mut filled = 0;
        while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let missing = rest.len() as u64;
            match self.read_some(offset.saturating_add(filled as u64), rest) {
                Ok(0) => return Err(Error::damage(offset, DamageKind::Short { missing })),
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }
}

impl ReadAt for File {
    #[cfg(unix)]
    fn read_some(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, into, offset)
    }

    #[cfg(windows)]
    fn read_some(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, into, offset)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

impl ReadAt for [u8] {
    fn read_some(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = self.get(at..).unwrap_or_default();
        let n = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        Ok(n)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

impl ReadAt for Vec<u8> {
    fn read_some(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_some(offset, into)
    }

    fn size(&self) -> io::Result<u64> {
        self.as_slice().size()
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn read_some(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        (**self).read_some(offset, into)
    }

    fn size(&self) -> io::Result<u64> {
        (**self).size()
    }
}
