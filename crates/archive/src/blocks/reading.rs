//! Turns pieces of a file into blocks of records.

use super::hashing::{Hashing, StateHash, Stretch};
use super::member::OpenMember;
use crate::chunks::{CHUNK, Chunk, Chunks, ChunksEnd, HEADROOM};
use crate::finding::{Code, Finding, Place};
use crate::integrity::{Container, Member};
use crate::limits::Limits;
use crate::meta::Meta;
use crate::packing::{other_file, starts_like_a_header};
use crate::tar::{TarWalker, looks_like_tar};
use snapscope_decode::text::hex;
use snapscope_decode::{Block, Buffer, Header, Splitter};
use snapscope_inflate::HashQueue;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// A snapshot being read: an iterator over blocks of whole records.
///
/// It ends after the last record that can be found. [`finish`](Blocks::finish) returns what was
/// wrong, and whether the data can be trusted.
pub struct Blocks {
    pub(super) container: Container,
    pub(super) limits: Limits,
    pub(super) chunks: Option<Chunks>,
    pub(super) chunks_end: ChunksEnd,
    pub(super) layer: Layer,
    pub(super) splitter: Splitter,
    pub(super) meta: Option<Meta>,
    pub(super) sums: Option<Vec<u8>>,
    pub(super) members: Vec<Member>,
    /// Hash of `state.bin`, if there is something to compare it with.
    pub(super) state_hash: StateHash,
    pub(super) state_crc: Option<crc64fast::Digest>,
    pub(super) state_size: u64,
    pub(super) state_seen: bool,
    /// The first bytes of `state.bin`.
    pub(super) state_start: Vec<u8>,
    /// The folder in front of the members, once seen.
    pub(super) folder: Option<String>,
    /// Folders that are members themselves.
    pub(super) folders: Vec<String>,
    /// What the file is, if it is not a snapshot.
    pub(super) other: Option<&'static str>,
    pub(super) findings: Vec<Finding>,
    /// What was known before the first byte of `state.bin`.
    pub(super) early: Option<Early>,
    /// Everything readable was read.
    pub(super) ended: bool,
}

/// What is known before the first byte of `state.bin`. It is the same however far reading is ahead
/// when a caller stops.
pub(super) struct Early {
    pub(super) meta: Option<Meta>,
    /// Number of findings.
    pub(super) findings: usize,
}

pub(super) enum Layer {
    /// Known with the first chunk.
    Undecided,
    State,
    Tar {
        walker: Box<TarWalker>,
        member: Option<Box<OpenMember>>,
    },
}

/// Number of bytes that identify the program a `state.bin` belongs to.
const STATE_START: usize = 2;

impl Iterator for Blocks {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        loop {
            if let Some(block) = self.splitter.pop() {
                return Some(block);
            }
            if self.ended {
                return None;
            }
            self.advance();
        }
    }
}

impl Blocks {
    /// Returns the container, as far as it is known.
    #[must_use]
    pub const fn container(&self) -> Container {
        self.container
    }

    /// Returns `meta.json`, if it comes before the records or is beside them.
    #[must_use]
    pub const fn early_meta(&self) -> Option<&Meta> {
        self.meta.as_ref()
    }

    /// Returns the header of `state.bin`, once it is read.
    #[must_use]
    pub const fn header(&self) -> Option<&Header> {
        self.splitter.header()
    }

    /// Returns the hashing of `state.bin`, for threads that have time to help while another reads.
    #[must_use]
    pub fn hashing(&self) -> Hashing {
        match &self.state_hash {
            StateHash::Begun(hashes) => Hashing(Some(Arc::clone(hashes))),
            StateHash::Unwanted | StateHash::Wanted => Hashing(None),
        }
    }

    /// Reads the next piece.
    pub(super) fn advance(&mut self) {
        match self.chunks.as_mut().and_then(Chunks::next) {
            Some(chunk) => {
                self.decide(&chunk);
                self.take_chunk(chunk);
            }
            None => self.end(),
        }
    }

    /// Recognises the container by its first bytes.
    fn decide(&mut self, chunk: &Chunk) {
        if !matches!(self.layer, Layer::Undecided) {
            return;
        }
        let bytes = chunk.buffer.bytes().get(chunk.data.clone()).unwrap_or(&[]);
        let in_gzip = self.container == Container::Snap;
        let is_map = starts_like_a_header(bytes);
        let marked_tar = bytes.get(257..262) == Some(b"ustar");
        if looks_like_tar(bytes) || marked_tar || (in_gzip && !is_map) {
            if !in_gzip {
                self.container = Container::Tar;
                // A tar archive contains its own.
                self.meta = None;
                self.sums = None;
                self.state_crc = None;
                self.state_hash = StateHash::Unwanted;
                self.findings.clear();
                let limits = snapscope_decode::Limits { record: self.limits.record };
                self.splitter = Splitter::new(limits, None);
            }
            self.layer = Layer::Tar { walker: Box::new(TarWalker::new(self.limits)), member: None };
            return;
        }
        if in_gzip {
            self.container = Container::GzippedState;
        } else if let Some(what) = other_file(bytes) {
            self.damage(Code::NotASnapshot, None, what);
            self.stop();
        } else if !is_map && self.meta.is_none() {
            let mut start = String::new();
            for byte in bytes.iter().take(8) {
                let _ = write!(start, "{byte:02x} ");
            }
            let message = format!(
                "not a Consul snapshot: it starts with {}, which is neither gzip, nor tar, nor the \
                 header of a state.bin",
                start.trim_end()
            );
            self.damage(Code::NotASnapshot, Some(Place::File(0)), message);
            self.stop();
        }
        self.layer = Layer::State;
    }

    pub(super) fn damage(&mut self, code: Code, place: Option<Place>, message: impl Into<String>) {
        self.findings.push(Finding::damage(code, place, message));
    }

    pub(super) fn note(&mut self, code: Code, place: Option<Place>, message: impl Into<String>) {
        self.findings.push(Finding::note(code, place, message));
    }

    fn take_chunk(&mut self, chunk: Chunk) {
        if self.ended {
            return;
        }
        match std::mem::replace(&mut self.layer, Layer::Undecided) {
            Layer::Tar { mut walker, mut member } => {
                self.take_tar(chunk, &mut walker, &mut member);
                let broken = walker.is_broken();
                self.layer = Layer::Tar { walker, member };
                if broken {
                    self.end();
                }
            }
            Layer::State | Layer::Undecided => {
                self.layer = Layer::State;
                self.take_state(chunk);
            }
        }
    }

    fn take_state(&mut self, chunk: Chunk) {
        let bytes = chunk.buffer.bytes().get(chunk.data.clone()).unwrap_or(&[]);
        self.begin_state();
        if let Some(crc) = &mut self.state_crc {
            crc.write(bytes);
        }
        if matches!(self.state_hash, StateHash::Wanted) {
            self.begin_state_hash();
        }
        self.take_stretch(chunk.buffer, chunk.data);
        let checked = !matches!(self.state_hash, StateHash::Unwanted) || self.state_crc.is_some();
        if self.state_size > self.limits.state {
            self.too_large(self.state_size);
        } else if self.splitter.damage().is_some() && !checked {
            // Later bytes would reveal nothing more.
            self.end();
        }
    }

    /// Keeps what is known at the start of `state.bin`.
    pub(super) fn begin_state(&mut self) {
        self.state_seen = true;
        if self.early.is_none() {
            self.early = Some(Early { meta: self.meta.clone(), findings: self.findings.len() });
        }
    }

    /// Starts to hash `state.bin`: on the cores that inflate it together, in their idle time.
    pub(super) fn begin_state_hash(&mut self) {
        let hashes = self.chunks.as_mut().map_or_else(|| HashQueue::new(0).into(), Chunks::hashes);
        self.state_hash = StateHash::Begun(hashes);
    }

    /// Takes bytes of `state.bin`.
    pub(super) fn take_stretch(&mut self, buffer: Buffer, data: Range<usize>) {
        if self.state_start.len() < STATE_START {
            let bytes = buffer.bytes().get(data.clone()).unwrap_or(&[]);
            self.state_start.extend(bytes.iter().take(STATE_START - self.state_start.len()));
        }
        self.state_size += data.len() as u64;
        let buffer = self.splitter.push(buffer, data.clone());
        if let StateHash::Begun(hashes) = &self.state_hash {
            hashes.push(Stretch { buffer, data });
        }
    }

    pub(super) fn too_large(&mut self, size: u64) {
        let message =
            format!("state.bin has {size} bytes or more; the limit is {}", self.limits.state);
        self.damage(Code::LimitState, None, message);
        self.end();
    }

    /// Returns the hash of `state.bin`, once all of it was taken.
    pub(super) fn end_state_hash(&mut self) -> Option<String> {
        match std::mem::replace(&mut self.state_hash, StateHash::Unwanted) {
            StateHash::Unwanted => None,
            StateHash::Wanted => Some(hex(&HashQueue::new(0).finish())),
            StateHash::Begun(hashes) => Some(hex(&hashes.finish())),
        }
    }

    /// Stops reading; nothing more comes out.
    pub(super) fn stop(&mut self) {
        self.ended = true;
        if let Some(chunks) = self.chunks.take() {
            self.chunks_end = chunks.end();
        }
    }

    /// Ends the reading, at the end of the data or where continuing makes no sense.
    pub(super) fn end(&mut self) {
        if self.ended {
            return;
        }
        self.stop();
        self.splitter.end();
    }
}

// A chunk with its headroom must hold the bytes that the splitter joins in place.
const _: () = assert!(HEADROOM < CHUNK);
