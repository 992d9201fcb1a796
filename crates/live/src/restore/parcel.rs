//! What is sent: a snapshot archive, as it is or packed for the purpose.

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use snapscope_archive::{Closing, Container, Source};
use snapscope_decode::text::hex;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, Write};
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

/// An archive to be sent.
#[derive(Debug)]
pub struct Parcel {
    file: File,
    size: u64,
}

/// Why there is nothing to send.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParcelError {
    /// It can't be made an archive.
    #[error("{name} is a {}: {why}", container.name())]
    Form {
        /// What it is called.
        name: String,
        /// What it is.
        container: Container,
        /// Why that is no good.
        why: &'static str,
    },
    /// A file changed after it was verified.
    #[error("{name} changed while it was read ({was} bytes of state.bin, now {is}); try again")]
    Changed {
        /// What it is called.
        name: String,
        /// Bytes that were verified.
        was: u64,
        /// Bytes there are now.
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

const META: &str = "meta.json";
const STATE: &str = "state.bin";
const SUMS: &str = "SHA256SUMS";

impl Parcel {
    /// Prepares a snapshot that was read to its end and found good. What is no `.snap` is packed
    /// into a temporary file without a name, and what is in a bucket is fetched into one: a restore
    /// must not break off because a bucket does.
    ///
    /// # Errors
    /// [`ParcelError`]; a bare `state.bin` without a `meta.json` can't be packed.
    pub fn prepare(source: &Source, closing: &Closing) -> Result<Self, ParcelError> {
        let name = source.name();
        let container = closing.integrity.container;
        let form = |why| ParcelError::Form { name: name.clone(), container, why };
        let io = |error| ParcelError::Io { name: name.clone(), error };
        let path = match source {
            Source::File(path) | Source::Directory(path) => path,
            Source::Stream(_) if source.reopenable() => {
                return Self::fetch(source, closing, form);
            }
            _ => return Err(form("it can be read only once; save it to a file first")),
        };
        if let Container::Snap | Container::Tar = container
            && closing.integrity.is_refused_by_consul()
        {
            let file = BufReader::new(File::open(path).map_err(io)?);
            return repacked(file, container, closing).map_err(io);
        }
        match container {
            Container::Snap => {
                let file = File::open(path).map_err(io)?;
                let size = file.metadata().map_err(io)?.len();
                Ok(Self { file, size })
            }
            Container::Tar => {
                packed(|gzip| io::copy(&mut BufReader::new(File::open(path)?), gzip).map(drop))
                    .map_err(io)
            }
            Container::RaftDirectory | Container::State => {
                let Some(meta) = &closing.meta else {
                    return Err(form("without its meta.json beside it nobody knows its index"));
                };
                let state = state_path(source, path);
                let was = closing.integrity.actual_size;
                let is = std::fs::metadata(&state).map_err(io)?.len();
                if was != is {
                    return Err(ParcelError::Changed { name, was, is });
                }
                let state = File::open(&state).map_err(io)?;
                packed(|gzip| pack(gzip, &meta.object, state, was)).map_err(io)
            }
            Container::GzippedState => Err(form("it has no meta.json; inflate it beside its own")),
        }
    }

    /// Fetches what is elsewhere, where it was found good.
    fn fetch(
        source: &Source,
        closing: &Closing,
        form: impl FnOnce(&'static str) -> ParcelError,
    ) -> Result<Self, ParcelError> {
        let name = source.name();
        let container = closing.integrity.container;
        let io = |error| ParcelError::Io { name: name.clone(), error };
        let mut reader = source.reader().map_err(|e| io(io::Error::other(e)))?;
        match container {
            Container::Snap | Container::Tar if closing.integrity.is_refused_by_consul() => {
                repacked(reader, container, closing).map_err(io)
            }
            Container::Snap => {
                let mut file = tempfile::tempfile().map_err(io)?;
                let size = io::copy(&mut reader, &mut file).map_err(io)?;
                file.rewind().map_err(io)?;
                Ok(Self { file, size })
            }
            Container::Tar => {
                packed(|gzip| io::copy(&mut BufReader::new(reader), gzip).map(drop)).map_err(io)
            }
            _ => Err(form(
                "nothing is beside it that tells its index; only archives can be restored \
                           from a bucket",
            )),
        }
    }

    /// Bytes it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// What is to be sent.
    #[must_use]
    pub fn into_reader(self) -> impl Read + Send + 'static {
        self.file.take(self.size)
    }
}

fn state_path(source: &Source, path: &Path) -> PathBuf {
    match source {
        Source::Directory(_) => path.join(STATE),
        _ => path.to_owned(),
    }
}

/// A temporary file of what `write` writes, compressed.
fn packed(
    write: impl FnOnce(&mut GzEncoder<io::BufWriter<File>>) -> io::Result<()>,
) -> io::Result<Parcel> {
    // It goes over the wire once and is thrown away: fast counts more than small.
    let file = io::BufWriter::new(tempfile::tempfile()?);
    let mut gzip = GzEncoder::new(file, Compression::fast());
    write(&mut gzip)?;
    let mut file = gzip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    let size = file.stream_position()?;
    file.rewind()?;
    Ok(Parcel { file, size })
}

/// An archive that Consul refuses for how it is packed, packed as servers do.
fn repacked(archive: impl Read, container: Container, closing: &Closing) -> io::Result<Parcel> {
    match container {
        Container::Snap => repack(MultiGzDecoder::new(archive), closing),
        _ => repack(archive, closing),
    }
}

fn repack(tar: impl Read, closing: &Closing) -> io::Result<Parcel> {
    let gone = || io::Error::other("the archive changed while it was read; try again");
    let meta = closing.meta.as_ref().ok_or_else(gone)?;
    let mut tar = tar::Archive::new(tar);
    for member in tar.entries()? {
        let member = member?;
        let is_state = member.path()?.file_name().is_some_and(|name| name == STATE);
        if is_state && member.header().entry_type() == EntryType::Regular {
            let size = closing.integrity.actual_size;
            if member.size() != size {
                return Err(gone());
            }
            return packed(|gzip| pack(gzip, &meta.object, member, size));
        }
    }
    Err(gone())
}

/// The archive that servers make of such a folder.
fn pack(
    gzip: impl Write,
    meta: &serde_json::Map<String, serde_json::Value>,
    state: impl Read,
    size: u64,
) -> io::Result<()> {
    let mut tar = Builder::new(gzip);
    let mut meta = meta.clone();
    // Only a folder's has one.
    meta.remove("CRC");
    let meta = serde_json::to_vec(&meta)?;
    tar.append(&header(META, meta.len() as u64)?, meta.as_slice())?;
    let mut state = Hashing { inner: state.take(size), sha: Sha256::new() };
    tar.append(&header(STATE, size)?, &mut state)?;
    let sums = format!(
        "{}  {META}\n{}  {STATE}\n",
        hex(&Sha256::digest(&meta)),
        hex(&state.sha.finalize())
    );
    tar.append(&header(SUMS, sums.len() as u64)?, sums.as_bytes())?;
    tar.into_inner()?.flush()
}

fn header(name: &str, size: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_size(size);
    header.set_mode(0o600);
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    Ok(header)
}

/// Hashes what is read.
struct Hashing<R> {
    inner: R,
    sha: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.sha.update(&out[..n]);
        Ok(n)
    }
}
