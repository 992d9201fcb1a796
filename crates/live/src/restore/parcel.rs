//! The archive to send: the file itself, or one packed for this purpose.

use snapscope_archive::{Closing, Container, OpenOptions, Source};
use snapscope_rewrite::{Level, Packing, SnapshotWriter, WriteOptions};
use std::fs::File;
use std::io::{self, Read, Seek as _};

/// An archive to send.
#[derive(Debug)]
pub struct Parcel {
    file: File,
    size: u64,
}

/// Why an archive could not be prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParcelError {
    /// It cannot be packed.
    #[error("{name} is a {}: {why}", container.name())]
    Form {
        /// Its name.
        name: String,
        /// What it is.
        container: Container,
        /// The reason.
        why: &'static str,
    },
    /// A file changed after it was verified.
    #[error("{name} changed while it was read ({was} bytes of state.bin, now {is}); try again")]
    Changed {
        /// Its name.
        name: String,
        /// Size that was verified.
        was: u64,
        /// Current size.
        is: u64,
    },
    /// The system refuses.
    #[error("{name}: {error}")]
    Io {
        /// What was read or packed.
        name: String,
        /// What the system says.
        error: io::Error,
    },
}

/// How to restore a state whose index is unknown.
const PACK_FIRST: &str = "its index is unknown without a meta.json; to give it the highest index in \
                          it, pack it first: snapscope pack FILE --out NEW.snap";

impl Parcel {
    /// Checks that a snapshot can be sent or packed, before anything else is done for it.
    ///
    /// # Errors
    /// [`ParcelError::Form`]: input that can be read only once, and a `state.bin` without a
    /// `meta.json`, which has the index.
    pub fn possible(source: &Source, closing: &Closing) -> Result<(), ParcelError> {
        let (name, container) = (source.name(), closing.integrity.container);
        let is_remote = matches!(source, Source::Stream(_));
        let why = match container {
            _ if !source.reopenable() => "it can be read only once; save it to a file first",
            Container::RaftDirectory | Container::State if is_remote && closing.meta.is_some() => {
                "only archives can be restored from a bucket"
            }
            Container::GzippedState | Container::RaftDirectory | Container::State
                if closing.meta.is_none() =>
            {
                PACK_FIRST
            }
            _ => return Ok(()),
        };
        Err(ParcelError::Form { name, container, why })
    }

    /// Prepares a snapshot that was verified with these options. Other containers than `.snap` are packed into
    /// a temporary file without a name, and archives in buckets are downloaded into one: a restore must not fail
    /// halfway because of a bucket.
    ///
    /// # Errors
    /// [`ParcelError`]; see [`Parcel::possible`].
    pub fn prepare(
        source: &Source,
        closing: &Closing,
        options: &OpenOptions,
    ) -> Result<Self, ParcelError> {
        let name = source.name();
        let container = closing.integrity.container;
        let io = |error| ParcelError::Io { name: name.clone(), error };
        Self::possible(source, closing)?;
        match container {
            Container::Snap if !closing.integrity.is_refused_by_consul() => match source {
                Source::File(path) => Self::of(File::open(path).map_err(io)?).map_err(io),
                _ => {
                    let mut reader = source.reader().map_err(|e| io(io::Error::other(e)))?;
                    let mut file = tempfile::tempfile().map_err(io)?;
                    io::copy(&mut reader, &mut file).map_err(io)?;
                    Self::of(file).map_err(io)
                }
            },
            _ => Self::packed(source, closing, options),
        }
    }

    /// Packs a snapshot as servers do, and checks that it is still the one that was verified.
    fn packed(
        source: &Source,
        closing: &Closing,
        options: &OpenOptions,
    ) -> Result<Self, ParcelError> {
        let name = source.name();
        let io = |error| ParcelError::Io { name: name.clone(), error };
        let options = OpenOptions { progress: None, ..options.clone() };
        let packing = Packing::open(source.clone(), &options);
        let packing = packing.map_err(|e| io(io::Error::other(e)))?;
        // It is sent once and discarded, so speed matters more than size.
        let level = Level::new(1).unwrap_or_default();
        let how = WriteOptions { level, ..WriteOptions::default() };
        let file = tempfile::tempfile().map_err(io)?;
        let mut writer = SnapshotWriter::begin(file, packing.meta(), &how).map_err(io)?;
        let again = packing.copy(Some(&mut writer)).map_err(io)?;
        let (was, is) = (closing.integrity.actual_size, again.integrity.actual_size);
        if was != is {
            return Err(ParcelError::Changed { name, was, is });
        }
        if again.is_damaged() || again.integrity.members != closing.integrity.members {
            return Err(io(io::Error::other("it changed while it was read; try again")));
        }
        let (file, _) = writer.finish().map_err(io)?;
        Self::of(file).map_err(io)
    }

    /// A whole file.
    fn of(mut file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        file.rewind()?;
        Ok(Self { file, size })
    }

    /// Bytes it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the bytes to send.
    #[must_use]
    pub fn into_reader(self) -> impl Read + Send + 'static {
        self.file.take(self.size)
    }
}
