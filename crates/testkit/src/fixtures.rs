//! Finds the recorded snapshots and the recorded answers of real servers.
//!
//! A file may be stored compressed as `NAME.gz`. Readers request `NAME` in either case.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

/// The workspace's root folder.
#[must_use]
pub fn workspace() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).expect("the crate lies two levels below the root").to_path_buf()
}

/// The workspace's `fixtures` folder.
#[must_use]
pub fn root() -> PathBuf {
    workspace().join("fixtures")
}

/// The folder of one server version, given as `1.8.7`.
#[must_use]
pub fn version_dir(version: &str) -> PathBuf {
    root().join(format!("consul-{version}"))
}

/// The server versions that have fixtures, oldest first.
///
/// # Panics
/// If the fixtures folder can't be listed.
#[must_use]
pub fn versions() -> Vec<String> {
    let mut all: Vec<String> = names(&root())
        .iter()
        .filter_map(|n| n.strip_prefix("consul-"))
        .map(str::to_owned)
        .collect();
    all.sort_by_key(|v| v.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>());
    all
}

/// The `.snap` files of one version, by name.
///
/// # Panics
/// If that version's folder can't be listed.
#[must_use]
pub fn snapshots(version: &str) -> Vec<PathBuf> {
    let dir = version_dir(version);
    names(&dir).iter().filter(|n| n.ends_with(".snap")).map(|n| dir.join(n)).collect()
}

/// All `.snap` files of all versions.
#[must_use]
pub fn all_snapshots() -> Vec<PathBuf> {
    versions().iter().flat_map(|v| snapshots(v)).collect()
}

/// The snapshot folders inside `consul-1.21.4/raft-dir`.
///
/// # Panics
/// If it can't be listed.
#[must_use]
pub fn raft_dirs() -> Vec<PathBuf> {
    let dir = version_dir("1.21.4").join("raft-dir");
    names(&dir).iter().map(|n| dir.join(n)).collect()
}

/// A fixture's bytes by its path below `fixtures/`, decompressed if only `NAME.gz` exists.
///
/// # Panics
/// If neither exists.
#[must_use]
pub fn read(path: impl AsRef<Path>) -> Vec<u8> {
    let path = root().join(path);
    try_read(&path).unwrap_or_else(|e| panic!("fixture {}: {e}", path.display()))
}

/// A fixture's text by its path below `fixtures/`.
///
/// # Panics
/// If it doesn't exist or isn't UTF-8.
#[must_use]
pub fn text(path: impl AsRef<Path>) -> String {
    String::from_utf8(read(path.as_ref()))
        .unwrap_or_else(|e| panic!("fixture {}: {e}", path.as_ref().display()))
}

/// Whether a fixture exists, compressed or not.
#[must_use]
pub fn exists(path: impl AsRef<Path>) -> bool {
    let path = root().join(path);
    path.exists() || compressed(&path).exists()
}

/// A file's bytes, decompressed if only `NAME.gz` exists.
///
/// # Errors
/// If neither can be read.
pub fn try_read(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            // The error names the requested file, not the compressed one.
            let file = File::open(compressed(path)).map_err(|_| e)?;
            let mut out = Vec::new();
            MultiGzDecoder::new(file).read_to_end(&mut out)?;
            Ok(out)
        }
        other => other,
    }
}

/// The files inside an archive fixture: name and content of meta.json, state.bin, SHA256SUMS.
///
/// # Errors
/// If the archive cannot be inflated or is not a plain ustar file.
pub fn unpack(snap: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut tar = Vec::new();
    MultiGzDecoder::new(snap).read_to_end(&mut tar)?;
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "not a plain tar");
    let mut members = Vec::new();
    let mut at = 0;
    while let Some(head) = tar.get(at..at + 512).filter(|h| h[0] != 0) {
        let text = |range: std::ops::Range<usize>| {
            String::from_utf8_lossy(&head[range]).trim_end_matches(['\0', ' ']).to_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).map_err(|_| broken())?;
        members
            .push((text(0..100), tar.get(at + 512..at + 512 + size).ok_or_else(broken)?.to_vec()));
        at += 512 + size.next_multiple_of(512);
    }
    Ok(members)
}

/// The state.bin inside an archive's bytes.
///
/// # Panics
/// If it cannot be unpacked, or contains none.
#[must_use]
pub fn state_of(snap: &[u8]) -> Vec<u8> {
    let members = unpack(snap).expect("an archive");
    members.into_iter().find(|(name, _)| name == "state.bin").expect("a state.bin").1
}

fn compressed(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    PathBuf::from(name)
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut names: Vec<String> =
        entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// The target folder, with builds and what tests download.
#[must_use]
pub fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR");
    workspace().join(named.unwrap_or_else(|| "target".into()))
}
