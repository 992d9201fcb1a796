//! A snapshot from the cluster, on the scratch disk and verified.

use super::failure::{Failure, Stage};
use super::scratch;
use crate::client::Client;
use sha2::{Digest as _, Sha256};
use snapscope_analyze::{About, ClusterFacts, Inspect, Inspection, Jobs, Outcome, fold};
use snapscope_archive::{OpenOptions, Source, Verdict, open};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A whole snapshot.
pub(super) struct Downloaded {
    pub(super) file: NamedTempFile,
    pub(super) size: u64,
    /// Of the file, in hex.
    pub(super) sha256: String,
    pub(super) index: u64,
    pub(super) term: u64,
    pub(super) state_size: u64,
    pub(super) records: u64,
    pub(super) counts: BTreeMap<String, u64>,
    pub(super) datacenter: Option<String>,
    pub(super) consul_version: Option<String>,
}

/// Downloads a snapshot into `folder` and verifies all of it. Dropping the future removes the file.
pub(super) async fn download(client: &Client, folder: &Path) -> Result<Downloaded, Failure> {
    let scratch = |e| Failure::new(Stage::Scratch, format!("{}: {e}", folder.display()));
    let mut file = scratch::create(folder).map_err(scratch)?;
    let from_server = |e| Failure::new(Stage::Download, format!("downloading failed: {e}"));
    let mut download = client.download_snapshot().await.map_err(from_server)?;
    let mut hash = Sha256::new();
    while let Some(chunk) = download.chunk().await.map_err(from_server)? {
        hash.update(&chunk);
        file.write_all(&chunk).map_err(scratch)?;
    }
    let size = download.received();
    let path = file.path().to_owned();
    let verified = tokio::task::spawn_blocking(move || verify(path))
        .await
        .map_err(|e| Failure::new(Stage::Verify, format!("verifying ended: {e}")))??;
    let Outcome { out: (inspection, facts), closing, .. } = verified;
    let (index, term) = closing.meta.as_ref().map_or((0, 0), |meta| (meta.index, meta.term));
    let mut sha256 = String::new();
    for byte in hash.finalize() {
        let _ = write!(sha256, "{byte:02x}");
    }
    Ok(Downloaded {
        file,
        size,
        sha256,
        index,
        term,
        state_size: closing.integrity.actual_size,
        records: closing.records,
        counts: inspection.types.iter().map(|(kind, t)| (kind.to_string(), t.count)).collect(),
        consul_version: newest(&facts),
        datacenter: facts.datacenter,
    })
}

/// Reads the whole snapshot: container, hashes, every record. One worker: an agent is a guest on
/// its machine.
fn verify(path: PathBuf) -> Result<Outcome<(Inspection, ClusterFacts)>, Failure> {
    let failed = |message: String| Failure::new(Stage::Verify, message);
    let options = OpenOptions { threads: 1, ..OpenOptions::default() };
    let blocks = open(&Source::File(path), &options)
        .map_err(|e| failed(format!("the download can't be read: {e}")))?;
    let jobs = Jobs(NonZeroUsize::MIN);
    let outcome = fold(blocks, jobs, || (Inspect::new(None), About::default()));
    let first = outcome.closing.integrity.damage().next().map(ToString::to_string);
    let first = first.or_else(|| outcome.problems.first.first().map(ToString::to_string));
    if let Some(what) = first {
        return Err(failed(format!("the download is damaged: {what}")));
    }
    match outcome.closing.integrity.verdict {
        Verdict::Verified => Ok(outcome),
        verdict => Err(failed(format!("the download is {}", verdict.name()))),
    }
}

/// The newest version among the servers.
fn newest(facts: &ClusterFacts) -> Option<String> {
    let parts = |version: &str| -> Vec<u64> {
        version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
    };
    facts.servers.values().max_by_key(|version| parts(version)).cloned()
}
