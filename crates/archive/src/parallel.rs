//! Inflates on all cores with snapscope-inflate, and reports findings like [`gzip`].
//!
//! [`gzip`]: crate::gzip

use crate::finding::{Code, Finding, Place};
use crate::gzip::{
    GzipReport, InflatePath, cut_off, over_ratio, trailing_bytes, wrong_crc, wrong_length,
};
use crate::limits::Limits;
use snapscope_inflate::{
    DEFAULT_WAITING, ErrorKind, HashQueue, InflateError, Options, PREFERRED, ParallelGunzip, Path,
    ReadAt, UNKNOWN_SIZE,
};
use std::sync::Arc;

/// Maximum number of bytes waiting to be hashed where one thread does everything: a chunk, while
/// the next is decoded.
const ALONE_WAITING: usize = 2 << 20;

/// A gzip file inflated by one or several threads.
pub(crate) struct Parallel {
    gunzip: ParallelGunzip,
    limits: Limits,
    threads: usize,
    /// Size of the file; `None` while it is being written.
    size: Option<u64>,
    /// Number of compressed bytes up to the end of the output, once known.
    read: Option<u64>,
    ended: bool,
    findings: Vec<Finding>,
}

impl Parallel {
    /// Returns `None` on processors for which flate2 is faster.
    pub(crate) fn start(source: Arc<dyn ReadAt>, limits: Limits, threads: usize) -> Option<Self> {
        if !PREFERRED {
            return None;
        }
        let size = source.size().ok().filter(|size| *size != UNKNOWN_SIZE);
        let options = Options { threads: threads.max(1), ..Options::default() };
        let gunzip = ParallelGunzip::new(source, &options).ok()?;
        let threads = match gunzip.path() {
            Path::Serial => 1,
            Path::Parallel { threads } => threads,
        };
        let findings = Vec::new();
        Some(Self { gunzip, limits, threads, size, read: None, ended: false, findings })
    }

    /// Returns a queue whose bytes the decoding threads hash.
    pub(crate) fn hashes(&mut self) -> Arc<HashQueue> {
        // A single thread alternates between decoding and hashing what fits into its cache.
        let waiting = if self.threads == 1 { ALONE_WAITING } else { DEFAULT_WAITING };
        let hashes = Arc::new(HashQueue::new(waiting));
        self.gunzip.hash_beside(Arc::clone(&hashes));
        hashes
    }

    /// Fills `out` as far as data goes; 0 is the end. Errors become findings.
    pub(crate) fn fill(&mut self, out: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < out.len() && !self.ended {
            match self.gunzip.fill(&mut out[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    self.read = Some(self.gunzip.summary().compressed);
                    let trailing = self.gunzip.summary().trailing.as_ref();
                    self.findings.extend(trailing.map(|t| trailing_bytes(t.offset)));
                }
                Ok(n) => filled += n,
                Err(e) => {
                    self.ended = !e.kind.is_recoverable();
                    self.read = self.ended.then_some(e.bit_offset / 8);
                    self.findings.push(finding(&e));
                }
            }
        }
        let output = self.gunzip.summary().output;
        if let Some(finding) = over_ratio(output, self.reach(), &self.limits)
            && !self.ended
        {
            self.findings.push(finding);
            self.ended = true;
        }
        filled
    }

    /// An offset that the decoders have not passed. How far each of them has come depends on
    /// timing, and the report must not.
    fn reach(&self) -> u64 {
        self.size.unwrap_or_else(|| self.gunzip.reach())
    }

    /// Returns what is known at the end, and the findings.
    pub(crate) fn into_report(self) -> (GzipReport, Vec<Finding>) {
        let summary = self.gunzip.summary();
        let report = GzipReport {
            members: summary.members,
            compressed: self.read.unwrap_or_else(|| self.reach()),
            inflated: summary.output,
            path: InflatePath::Parallel(self.threads),
        };
        (report, self.findings)
    }
}

fn finding(error: &InflateError) -> Finding {
    let at = error.bit_offset / 8;
    match &error.kind {
        ErrorKind::UnexpectedEnd => cut_off(at, "inside the compressed data"),
        ErrorKind::Checksum { stored, computed } => wrong_crc(at, *computed, *stored),
        ErrorKind::Length { stored, computed } => wrong_length(at, *computed, *stored),
        ErrorKind::HeaderChecksum { .. } => {
            let message = "the gzip header does not match its checksum";
            Finding::damage(Code::GzipHeader, Some(Place::File(at)), message)
        }
        ErrorKind::Io(e) => Finding::damage(Code::ReadError, None, format!("reading failed: {e}")),
        kind => {
            let message = format!("the compressed data is broken: {kind}");
            Finding::damage(Code::GzipData, Some(Place::File(at)), message)
        }
    }
}
