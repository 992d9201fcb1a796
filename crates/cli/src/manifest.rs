//! `--manifest`: the SHA-256 of every file that an answer is based on, for a chain of custody.

use crate::server_log::ServerLog;
use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use snapscope_archive::Source;
use snapscope_decode::text::hex;
use snapscope_staged::{StagedFile, remove_on_signals};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The flag of commands about logs.
#[derive(Debug, Clone, Args)]
pub(crate) struct ManifestArg {
    /// Also write name, size and SHA-256 of every file that was read to this new file, as JSON
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
}

impl ManifestArg {
    /// Creates the file under a temporary name if it is requested, so that an unusable name is
    /// reported at once.
    pub(crate) fn stage(&self) -> Result<Manifest> {
        let Some(target) = &self.manifest else { return Ok(Manifest(None)) };
        ensure!(!target.exists(), "{} already exists; choose another name", target.display());
        remove_on_signals()?;
        Ok(Manifest(Some(StagedFile::begin(target, false)?)))
    }
}

/// A manifest to be written, if one is requested.
pub(crate) struct Manifest(Option<StagedFile>);

impl Manifest {
    /// Writes the hashes of the log's files, and of the snapshots that were read with it. A log
    /// that is being written has changed since.
    pub(crate) fn write<'s>(
        self,
        servers: &[&ServerLog],
        snapshots: impl IntoIterator<Item = &'s Source>,
    ) -> Result<()> {
        let Some(staged) = self.0 else { return Ok(()) };
        let mut files = Vec::new();
        for server in servers {
            files.append(&mut server.files()?);
        }
        for snapshot in snapshots {
            match snapshot {
                Source::File(path) => files.push(path.clone()),
                Source::Directory(path) => {
                    files.extend(["meta.json", "state.bin"].map(|name| path.join(name)));
                }
                _ => {}
            }
        }
        let mut seen = BTreeSet::new();
        files.retain(|file| seen.insert(file.clone()));
        let inputs = files.iter().map(|path| {
            let (bytes, sum) = sum(path).with_context(|| path.display().to_string())?;
            Ok(json!({"path": path.display().to_string(), "bytes": bytes, "sha256": sum}))
        });
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        let program = concat!("snapscope ", env!("CARGO_PKG_VERSION"));
        let text = serde_json::to_string_pretty(&json!({"program": program, "inputs": inputs}))?;
        let mut file = staged.file();
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        Ok(staged.settle()?)
    }
}

fn sum(path: &Path) -> Result<(u64, String)> {
    let (mut file, mut sha) = (File::open(path)?, Sha256::new());
    let (mut buffer, mut bytes) = (vec![0; 1 << 18], 0);
    loop {
        let n = file.read(&mut buffer)?;
        let Some(read) = buffer.get(..n).filter(|read| !read.is_empty()) else { break };
        sha.update(read);
        bytes += n as u64;
    }
    Ok((bytes, hex(&sha.finalize())))
}
