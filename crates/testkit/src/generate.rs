//! Streams a snapshot of any size that a real server would restore: mostly KV, then registrations, then ACLs, in the
//! order in which servers write. The same options give the same bytes.
//!
//! Memory is bounded for any size, because everything is a function of the seed and a sequence number, and is generated
//! in the order in which it is written. The last KV record is sized so that state.bin has
//! exactly the requested bytes, so the archive's tar header and meta.json, which come before it,
//! can be written before it is generated.

mod drift;
mod fleet;
mod keys;
mod options;
mod people;
mod sink;
mod state;
mod values;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::archive::{sum_line, tar_header};
use crate::snapshot::{Meta, TAKEN_MS};

pub use drift::write_drift;
pub use fleet::{cluster_id, options_of_fleet, small_fleet, write_fleet};
pub use options::{GenerateOptions, Generated, MIN_BYTES};
pub use people::MANAGEMENT_SECRET;

/// The forms in which a snapshot can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// The archive: gzip of tar.
    Snap,
    /// The bare state.bin.
    State,
    /// A folder with meta.json and state.bin, as below a server's `raft/snapshots`.
    RaftDir,
    /// The archive's tar without gzip.
    Tar,
}

impl GenerateOptions {
    /// The meta.json that belongs to it.
    #[must_use]
    pub fn meta(&self) -> Meta {
        Meta::at(state::last_index(self) + 3)
    }
}

/// Writes state.bin.
///
/// # Errors
/// If `out` fails.
pub fn write_state(options: &GenerateOptions, out: impl Write) -> io::Result<Generated> {
    state::write(options, out)
}

/// Writes the tar that a server would compress.
///
/// # Errors
/// If `out` fails.
pub fn write_tar(options: &GenerateOptions, mut out: impl Write) -> io::Result<Generated> {
    let (size, mtime) = (options.state_bytes(), TAKEN_MS / 1000);
    let meta = options.meta().json(size, None);
    let mut state = Hashing { out: &mut out, hash: Sha256::new() };
    put_member(&mut state.out, "meta.json", meta.as_bytes(), mtime)?;
    state.out.write_all(&tar_header("state.bin", size, mtime))?;
    let generated = write_state(options, &mut state)?;
    let hash = state.hash.finalize();
    pad(&mut out, size)?;
    let sums =
        sum_line("meta.json", &Sha256::digest(meta.as_bytes())) + &sum_line("state.bin", &hash);
    put_member(&mut out, "SHA256SUMS", sums.as_bytes(), mtime)?;
    out.write_all(&[0; 1024])?;
    Ok(generated)
}

/// Writes the archive.
///
/// # Errors
/// If `out` fails.
pub fn write_snap(options: &GenerateOptions, out: impl Write) -> io::Result<Generated> {
    let mut gzip = GzEncoder::new(out, Compression::new(options.level));
    let generated = write_tar(options, &mut gzip)?;
    gzip.finish()?.flush()?;
    Ok(generated)
}

/// Writes a raft directory's two files into `folder`, which is created if necessary.
///
/// # Errors
/// If a file can't be written.
pub fn write_raft_dir(options: &GenerateOptions, folder: &Path) -> io::Result<Generated> {
    fs::create_dir_all(folder)?;
    let mut state =
        Summing { out: create(&folder.join("state.bin"))?, sum: crc64fast::Digest::new() };
    let generated = write_state(options, &mut state)?;
    state.out.flush()?;
    let meta = options.meta().json(generated.state_bytes, Some(state.sum.sum64()));
    fs::write(folder.join("meta.json"), meta)?;
    Ok(generated)
}

/// Writes one form to a file, or for a raft directory to `<path>/<snapshot id>`. Returns the path of the new file or
/// folder.
///
/// # Errors
/// If it can't be written.
pub fn write_to(
    options: &GenerateOptions,
    form: Container,
    path: &Path,
) -> io::Result<(PathBuf, Generated)> {
    if form == Container::RaftDir {
        let folder = path.join(options.meta().id);
        let generated = write_raft_dir(options, &folder)?;
        return Ok((folder, generated));
    }
    let mut out = create(path)?;
    let generated = match form {
        Container::Snap => write_snap(options, &mut out)?,
        Container::Tar => write_tar(options, &mut out)?,
        Container::State | Container::RaftDir => write_state(options, &mut out)?,
    };
    out.flush()?;
    Ok((path.to_path_buf(), generated))
}

/// The archive in memory, for small sizes.
///
/// # Panics
/// Never: memory takes any bytes.
#[must_use]
pub fn snap(options: &GenerateOptions) -> (Vec<u8>, Generated) {
    let mut out = Vec::new();
    let generated = write_snap(options, &mut out).expect("memory takes any bytes");
    (out, generated)
}

/// The state.bin in memory, for small sizes.
///
/// # Panics
/// Never: memory takes any bytes.
#[must_use]
pub fn state_bin(options: &GenerateOptions) -> (Vec<u8>, Generated) {
    let mut out = Vec::new();
    let generated = write_state(options, &mut out).expect("memory takes any bytes");
    (out, generated)
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(1 << 18, File::create(path)?))
}

fn put_member(out: &mut impl Write, name: &str, content: &[u8], mtime: u64) -> io::Result<()> {
    out.write_all(&tar_header(name, content.len() as u64, mtime))?;
    out.write_all(content)?;
    pad(out, content.len() as u64)
}

fn pad(out: &mut impl Write, size: u64) -> io::Result<()> {
    out.write_all(&[0; 512][..(size.next_multiple_of(512) - size) as usize])
}

struct Hashing<W> {
    out: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

struct Summing<W> {
    out: W,
    sum: crc64fast::Digest,
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.write(bytes);
        self.out.write_all(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
