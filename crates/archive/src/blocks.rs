//! Reads a snapshot: returns blocks of records and, at the end, what is known about the file.

use crate::chunks::{CHUNK, Chunk, Chunks, ChunksEnd, HEADROOM};
use crate::counting::{Counting, CountingAt};
use crate::finding::{Code, Finding, Place, Severity};
use crate::gzip::MAGIC;
use crate::integrity::{Container, Crc64, Integrity, Member, Verdict};
use crate::limits::Limits;
use crate::meta::Meta;
use crate::packing::{MemberName, VAULT, is_of_nomad, member_of_sum, other_file};
use crate::source::{OpenError, Source};
use crate::sums;
use crate::tar::{Event, TarWalker, looks_like_tar};
use sha2::{Digest as _, Sha256};
use snapscope_decode::text::hex;
use snapscope_decode::{Block, Buffer, Damage, Header, Splitter};
use snapscope_inflate::HashQueue;
use std::fmt::Write as _;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// How to open a snapshot.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Limits that guard against hostile files.
    pub limits: Limits,
    /// Number of threads that read and inflate, including the one that takes the blocks.
    pub threads: usize,
    /// Whether to hash `state.bin` even if there is no hash to compare with, so that the same
    /// content is recognised in any container.
    pub hash_state: bool,
    /// Where to count the bytes read from the source, for progress.
    pub progress: Option<Arc<AtomicU64>>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { limits: Limits::default(), threads, hash_state: false, progress: None }
    }
}

/// A snapshot being read: an iterator over blocks of whole records.
///
/// It ends after the last record that can be found. [`finish`](Blocks::finish) returns what was
/// wrong, and whether the data can be trusted.
pub struct Blocks {
    container: Container,
    limits: Limits,
    chunks: Option<Chunks>,
    chunks_end: ChunksEnd,
    layer: Layer,
    splitter: Splitter,
    meta: Option<Meta>,
    sums: Option<Vec<u8>>,
    members: Vec<Member>,
    /// Hash of `state.bin`, if there is something to compare it with.
    state_hash: StateHash,
    state_crc: Option<crc64fast::Digest>,
    state_size: u64,
    state_seen: bool,
    /// The first bytes of `state.bin`.
    state_start: Vec<u8>,
    /// The folder in front of the members, once seen.
    folder: Option<String>,
    /// Folders that are members themselves.
    folders: Vec<String>,
    /// What the file is, if it is not a snapshot.
    other: Option<&'static str>,
    findings: Vec<Finding>,
    /// What was known before the first byte of `state.bin`.
    early: Option<Early>,
    /// Everything readable was read.
    ended: bool,
}

/// What is known before the first byte of `state.bin`. It is the same however far reading is ahead
/// when a caller stops.
struct Early {
    meta: Option<Meta>,
    /// Number of findings.
    findings: usize,
}

/// The last record of a caller that stops before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoppedAt {
    /// Its number, the first being 1.
    pub record: u64,
    /// Bytes of `state.bin` up to its end.
    pub bytes: u64,
}

enum Layer {
    /// Known with the first chunk.
    Undecided,
    State,
    Tar {
        walker: Box<TarWalker>,
        member: Option<Box<OpenMember>>,
    },
}

/// Whether `state.bin` is hashed, and which threads do it.
enum StateHash {
    Unwanted,
    /// It is hashed; which threads do it is decided once the way of inflating is known.
    Wanted,
    Begun(Arc<HashQueue>),
}

/// A part of `state.bin` that stays in its buffer while its records are read.
struct Stretch {
    buffer: Arc<Buffer>,
    data: Range<usize>,
}

impl AsRef<[u8]> for Stretch {
    fn as_ref(&self) -> &[u8] {
        self.buffer.bytes().get(self.data.clone()).unwrap_or(&[])
    }
}

/// The hashing of a `state.bin` that is being read.
#[derive(Clone)]
pub struct Hashing(Option<Arc<HashQueue>>);

impl Hashing {
    /// Hashes some of the waiting bytes, if there are many.
    pub fn help(&self) {
        if let Some(hashes) = &self.0 {
            hashes.help();
        }
    }
}

/// The member of an archive that is being read.
struct OpenMember {
    name: String,
    role: Role,
    size: u64,
    /// Its content, unless it is `state.bin`, which is hashed as it passes.
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Meta,
    State,
    Sums,
    /// Does not belong to a snapshot, or is repeated.
    Other,
}

/// What is known once everything is read or reading was stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Closing {
    /// `meta.json`, if there is one.
    pub meta: Option<Meta>,
    /// The header of `state.bin`, if it could be read.
    pub header: Option<Header>,
    /// Whole records that were found.
    pub records: u64,
    /// Broken framing: records after it could not be found.
    pub damage: Option<Damage>,
    /// What was checked.
    pub integrity: Integrity,
}

impl Closing {
    /// Whether something is missing, changed or can't be trusted.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.integrity.verdict == Verdict::Damaged
    }
}

/// Number of bytes that identify the program a `state.bin` belongs to.
const STATE_START: usize = 2;

/// Opens a snapshot. Its content decides which container it is.
///
/// # Errors
/// If the source cannot be opened. [`Blocks::finish`] reports everything that is wrong with its
/// content.
pub fn open(source: &Source, options: &OpenOptions) -> Result<Blocks, OpenError> {
    let limits = options.limits;
    let io_error = |error| OpenError::Io { path: source.name(), error };
    let (mut reader, size) = source.open()?;
    let mut head = [0u8; MAGIC.len()];
    let got = read_head(&mut reader, &mut head).map_err(io_error)?;
    let is_gzip = head == MAGIC;
    let head = head.get(..got).unwrap_or(&[]).to_vec();
    let seen = options.progress.clone().unwrap_or_default();
    let reader = Box::new(io::Cursor::new(head).chain(reader));
    let reader = Box::new(Counting { reader, seen: Arc::clone(&seen) });

    let mut findings = Vec::new();
    let (mut meta, mut sums) = (None, None);
    let bare = matches!(source, Source::Directory(_)) && !is_gzip;
    if !is_gzip {
        let (beside, found) = source.meta_beside();
        meta = beside;
        findings = found;
        sums = source.sums_beside();
    }
    let (container, layer) = if bare {
        (Container::RaftDirectory, Layer::State)
    } else if is_gzip {
        (Container::Snap, Layer::Undecided)
    } else {
        (Container::State, Layer::Undecided)
    };
    let threaded = options.threads > 1;
    let at = if threaded || is_gzip { source.open_at() } else { None };
    let at = at.map(|source| Arc::new(CountingAt { source, seen }));
    let chunks = if is_gzip {
        match at.and_then(|at| Chunks::parallel(at, limits, options.threads)) {
            Some(chunks) => chunks,
            None => Chunks::gzip(reader, limits, threaded).map_err(io_error)?,
        }
    } else {
        at.and_then(|at| Chunks::ahead(at)).unwrap_or_else(|| Chunks::plain(reader))
    };
    let splitter_limits = snapscope_decode::Limits { record: limits.record };
    let mut blocks = Blocks {
        container,
        limits,
        chunks: Some(chunks),
        chunks_end: ChunksEnd::default(),
        layer,
        splitter: Splitter::new(splitter_limits, size.filter(|_| !is_gzip)),
        state_crc: meta.as_ref().and_then(|m| m.crc).map(|_| crc64fast::Digest::new()),
        state_hash: match sums.is_some() || options.hash_state {
            true => StateHash::Wanted,
            false => StateHash::Unwanted,
        },
        meta,
        sums,
        members: Vec::new(),
        state_size: 0,
        state_seen: false,
        state_start: Vec::new(),
        folder: None,
        folders: Vec::new(),
        other: None,
        findings,
        early: None,
        ended: false,
    };
    // Up to the first byte of state.bin, so that a meta.json before it is known.
    while !blocks.state_seen && !blocks.ended {
        blocks.advance();
    }
    Ok(blocks)
}

fn read_head(reader: &mut dyn Read, head: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < head.len() {
        match reader.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

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
    fn advance(&mut self) {
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
        let is_map = matches!(bytes.first(), Some(0x80..=0x8f | 0xde | 0xdf));
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

    fn damage(&mut self, code: Code, place: Option<Place>, message: impl Into<String>) {
        self.findings.push(Finding::damage(code, place, message));
    }

    fn note(&mut self, code: Code, place: Option<Place>, message: impl Into<String>) {
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
    fn begin_state(&mut self) {
        self.state_seen = true;
        if self.early.is_none() {
            self.early = Some(Early { meta: self.meta.clone(), findings: self.findings.len() });
        }
    }

    /// Starts to hash `state.bin`: on the cores that inflate it together, in their idle time.
    fn begin_state_hash(&mut self) {
        let hashes = self.chunks.as_mut().map_or_else(|| HashQueue::new(0).into(), Chunks::hashes);
        self.state_hash = StateHash::Begun(hashes);
    }

    /// Takes bytes of `state.bin`.
    fn take_stretch(&mut self, buffer: Buffer, data: Range<usize>) {
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

    fn too_large(&mut self, size: u64) {
        let message =
            format!("state.bin has {size} bytes or more, the limit is {}", self.limits.state);
        self.damage(Code::LimitState, None, message);
        self.end();
    }

    fn take_tar(
        &mut self,
        chunk: Chunk,
        walker: &mut TarWalker,
        member: &mut Option<Box<OpenMember>>,
    ) {
        let mut at = chunk.data.start;
        let mut state_data = None;
        // With its place among the members.
        let mut state_ended = None;
        {
            let bytes = chunk.buffer.bytes().get(..chunk.data.end).unwrap_or(&[]);
            while let Some(event) = walker.next(bytes, &mut at) {
                match event {
                    Event::Member { name, size, is_file } => {
                        *member = Some(Box::new(self.open_member(name, size, is_file)));
                        if self.ended {
                            return;
                        }
                    }
                    Event::Data(range) => {
                        let Some(member) = member.as_mut() else { continue };
                        let data = bytes.get(range.clone()).unwrap_or(&[]);
                        match member.role {
                            Role::State => state_data = Some(range),
                            Role::Meta | Role::Sums => member.bytes.extend_from_slice(data),
                            Role::Other => {}
                        }
                    }
                    Event::End => match member.take() {
                        Some(member) if member.role == Role::State => {
                            state_ended = Some((self.members.len(), member));
                        }
                        Some(member) => self.close_member(*member),
                        None => {}
                    },
                }
            }
        }
        if let Some(range) = state_data {
            self.take_stretch(chunk.buffer, range);
        }
        if let Some((place, member)) = state_ended {
            self.splitter.end();
            let sha256 = self.end_state_hash().unwrap_or_default();
            let (name, size) = (member.name, member.size);
            self.members.insert(place, Member { name, size, sha256, expected: None });
        }
    }

    fn open_member(&mut self, stored: String, size: u64, is_file: bool) -> OpenMember {
        let path = MemberName::of(&stored);
        let name = path.file;
        let role = match name {
            "meta.json" if is_file => Role::Meta,
            "state.bin" if is_file => Role::State,
            "SHA256SUMS" if is_file => Role::Sums,
            _ => Role::Other,
        };
        let repeated = match role {
            Role::Meta => self.meta.is_some() || self.members.iter().any(|m| m.name == name),
            Role::State => self.state_seen,
            Role::Sums => self.sums.is_some(),
            Role::Other => false,
        };
        let elsewhere = self.folder.as_deref().is_some_and(|folder| folder != path.folder);
        let shown = stored.escape_debug();
        let refuses = "Consul refuses such a file";
        let mut is_part = false;
        if role == Role::Other && name == VAULT {
            self.other = Some(
                "this is a snapshot of Vault (it holds SHA256SUMS.sealed), not of Consul; only Vault \
                 can read it",
            );
        } else if !is_file && role == Role::Other {
            self.folders.push(stored.clone());
        } else if role == Role::Other && path.is_of_macos() {
            let message =
                format!("the archive holds {shown}, which macOS adds when it packs; {refuses}");
            self.note(Code::ForeignMember, None, message);
        } else if role == Role::Other || elsewhere {
            let message = format!("the archive holds {shown}, which is no part of a snapshot");
            self.damage(Code::UnexpectedMember, None, message);
        } else if repeated {
            let message = format!("the archive holds {shown} more than once");
            self.damage(Code::RepeatedMember, None, message);
        } else {
            is_part = true;
            if self.folder.is_none() && !path.folder.is_empty() {
                let folder = path.folder.escape_debug();
                let message = format!("the members are in the folder {folder}; {refuses}");
                self.note(Code::MemberFolder, None, message);
            } else if stored.starts_with("./") {
                let message = format!("a member is named {shown}; {refuses}");
                self.note(Code::MemberName, None, message);
            }
            self.folder = Some(path.folder.to_owned());
        }
        let role = if is_part { role } else { Role::Other };
        match role {
            Role::State => {
                self.begin_state();
                if size > self.limits.state {
                    self.too_large(size);
                }
                let limits = snapscope_decode::Limits { record: self.limits.record };
                self.splitter = Splitter::new(limits, Some(size));
                self.begin_state_hash();
            }
            Role::Meta | Role::Sums if size > self.limits.small_member => {
                let message =
                    format!("{name} has {size} bytes, which can't be: reading stops here");
                self.damage(Code::LimitMember, None, message);
                self.end();
            }
            _ => {}
        }
        let name = name.to_owned();
        OpenMember { name, role, size, bytes: Vec::new() }
    }

    fn close_member(&mut self, member: OpenMember) {
        match member.role {
            Role::Other | Role::State => return,
            Role::Sums => {
                self.sums = Some(member.bytes);
                return;
            }
            Role::Meta => match Meta::parse(&member.bytes) {
                Ok(meta) => self.meta = Some(meta),
                Err(e) => self.damage(Code::Meta, None, format!("meta.json is broken: {e}")),
            },
        }
        let sha256 = hex(&Sha256::digest(&member.bytes));
        self.members.push(Member { name: member.name, size: member.size, sha256, expected: None });
    }

    /// Returns the hash of `state.bin`, once all of it was taken.
    fn end_state_hash(&mut self) -> Option<String> {
        match std::mem::replace(&mut self.state_hash, StateHash::Unwanted) {
            StateHash::Unwanted => None,
            StateHash::Wanted => Some(hex(&HashQueue::new(0).finish())),
            StateHash::Begun(hashes) => Some(hex(&hashes.finish())),
        }
    }

    /// Stops reading; nothing more comes out.
    fn stop(&mut self) {
        self.ended = true;
        if let Some(chunks) = self.chunks.take() {
            self.chunks_end = chunks.end();
        }
    }

    /// Ends the reading, at the end of the data or where continuing makes no sense.
    fn end(&mut self) {
        if self.ended {
            return;
        }
        self.stop();
        self.splitter.end();
    }

    /// Returns what is known to a caller that needs no record after `at`. Nothing counts as
    /// verified, even if `at` is the last record: the result depends only on the snapshot and `at`,
    /// never on how far other threads have read ahead.
    #[must_use]
    pub fn stop_at(mut self, at: StoppedAt) -> Closing {
        self.stop();
        let Early { meta, findings } =
            self.early.take().unwrap_or(Early { meta: None, findings: 0 });
        self.findings.truncate(findings);
        let any_damage = self.findings.iter().any(|f| f.severity == Severity::Damage);
        Closing {
            header: self.splitter.header().cloned(),
            records: at.record,
            damage: None,
            integrity: Integrity {
                container: self.container,
                gzip: None,
                members: Vec::new(),
                crc64: None,
                declared_size: meta.as_ref().map(|m| m.size),
                actual_size: at.bytes,
                findings: self.findings,
                verdict: if any_damage { Verdict::Damaged } else { Verdict::StoppedEarly },
            },
            meta,
        }
    }

    /// Returns what is known. If the last block has not been returned yet, nothing counts as
    /// verified, and the result says so. Its other content then depends on how far other threads
    /// have read ahead (that of [`stop_at`](Self::stop_at) does not).
    #[must_use]
    pub fn finish(mut self) -> Closing {
        let stopped_early = !self.ended;
        self.stop();
        let mut findings = std::mem::take(&mut self.findings);
        let end = std::mem::take(&mut self.chunks_end);
        // In the order of the layers: errors in a lower layer explain those in a higher one.
        let cut_off = end.findings.iter().any(|f| f.severity == Severity::Damage);
        let mut below = end.findings;
        below.append(&mut findings);
        self.findings = below;
        let mut crc64 = None;
        if !stopped_early {
            match std::mem::replace(&mut self.layer, Layer::Undecided) {
                Layer::Tar { walker, .. } => {
                    self.findings.extend(walker.end(cut_off));
                    self.check_members(cut_off);
                }
                Layer::State | Layer::Undecided => crc64 = self.check_bare(),
            }
            self.check_walk();
            self.check_meta(cut_off);
        }
        let index = self.splitter.header().and_then(|header| header.last_index);
        if index.is_none() && is_of_nomad(&self.state_start) {
            self.other = Some("this is a snapshot of Nomad, not of Consul; only Nomad can read it");
        }
        if let Some(what) = self.other {
            // Other findings only say that it is not a Consul snapshot.
            self.findings.clear();
            self.damage(Code::NotASnapshot, None, what);
        }
        let any_damage = self.findings.iter().any(|f| f.severity == Severity::Damage);
        let hashed = self.members.iter().any(|m| m.name == "state.bin" && m.expected.is_some());
        let verdict = if any_damage {
            Verdict::Damaged
        } else if stopped_early {
            Verdict::StoppedEarly
        } else if hashed || crc64.is_some() {
            Verdict::Verified
        } else {
            Verdict::Unverified
        };
        Closing {
            header: self.splitter.header().cloned(),
            records: self.splitter.records(),
            damage: self.splitter.damage().cloned(),
            integrity: Integrity {
                container: self.container,
                gzip: end.gzip,
                members: self.members,
                crc64,
                declared_size: self.meta.as_ref().map(|m| m.size),
                actual_size: self.state_size,
                findings: self.findings,
                verdict,
            },
            meta: self.meta,
        }
    }

    /// Compares the hashes of an archive's members with `SHA256SUMS`.
    ///
    /// In a truncated file missing members are a consequence of that, which is already reported.
    fn check_members(&mut self, cut_off: bool) {
        for name in ["meta.json", "state.bin"] {
            let found = self.members.iter().any(|m| m.name == name);
            let begun = name == "state.bin" && self.state_seen;
            let said = name == "meta.json" && self.findings.iter().any(|f| f.code == Code::Meta);
            if !found && !begun && !said && !cut_off {
                self.damage(Code::MissingMember, None, format!("the archive holds no {name}"));
            }
        }
        let folder = self.folder.clone().unwrap_or_default();
        for name in std::mem::take(&mut self.folders) {
            let inside = name.strip_prefix("./").unwrap_or(&name);
            // The folder that holds all members is already named.
            if inside.is_empty()
                || inside == "."
                || format!("{}/", inside.trim_end_matches('/')) == folder
            {
                continue;
            }
            let message = format!(
                "the archive holds {}, which is no part of a snapshot; Consul refuses such a file",
                name.escape_debug()
            );
            self.note(Code::UnexpectedMember, None, message);
        }
        match self.sums.take() {
            None if cut_off => {}
            None => self.damage(Code::MissingMember, None, "the archive holds no SHA256SUMS"),
            Some(text) => self.check_sums(&text, true),
        }
    }

    fn check_sums(&mut self, text: &[u8], complete: bool) {
        let (lines, errors) = sums::parse(text);
        for error in errors {
            self.damage(Code::Sums, None, error);
        }
        let folder = self.folder.clone().unwrap_or_default();
        let mut findings = Vec::new();
        for (stored, expected) in lines {
            let name = member_of_sum(&stored, &folder);
            if name.len() != stored.len() && complete {
                let message = format!(
                    "SHA256SUMS names {name} {}; Consul refuses such a file",
                    stored.escape_debug()
                );
                findings.push(Finding::note(Code::SumsName, None, message));
            }
            match self.members.iter_mut().find(|m| m.name == name) {
                Some(member) => {
                    if member.sha256 != expected {
                        let message = format!(
                            "{name} does not match its SHA-256: it has {}, not {expected}",
                            member.sha256
                        );
                        findings.push(Finding::damage(Code::Sha256, None, message));
                    }
                    member.expected = Some(expected);
                }
                None if MemberName::of(name).is_of_macos() => {}
                None if complete && !(name == "state.bin" && self.state_seen) => {
                    let message =
                        format!("SHA256SUMS names {}, which is not there", name.escape_debug());
                    findings.push(Finding::damage(Code::Sums, None, message));
                }
                None => {}
            }
        }
        for member in &self.members {
            if complete && member.expected.is_none() {
                let message = format!("SHA256SUMS has no line for {}", member.name);
                findings.push(Finding::damage(Code::Sums, None, message));
            }
        }
        self.findings.append(&mut findings);
    }

    /// Compares a bare `state.bin` with the files beside it.
    fn check_bare(&mut self) -> Option<Crc64> {
        if let Some(sha256) = self.end_state_hash() {
            let (name, size) = ("state.bin".to_owned(), self.state_size);
            self.members.push(Member { name, size, sha256, expected: None });
            if let Some(text) = self.sums.take() {
                self.check_sums(&text, false);
            }
        }
        let actual = self.state_crc.take()?.sum64();
        let expected = self.meta.as_ref()?.crc?;
        if actual != expected {
            let message = format!(
                "state.bin does not match its CRC-64: it has {actual:016x}, not {expected:016x}"
            );
            self.damage(Code::Crc64, None, message);
        }
        Some(Crc64 { expected, actual })
    }

    /// Takes over the damage that ended the walk over the records.
    fn check_walk(&mut self) {
        let lost_index = self.splitter.header().is_some_and(|h| h.last_index.is_none());
        if lost_index {
            let message = "the header of state.bin has no LastIndex";
            self.damage(Code::Header, Some(Place::State(0)), message);
        }
        if let Some(damage) = self.splitter.damage().cloned() {
            // A missing state.bin is already reported.
            if self.state_seen || self.findings.is_empty() {
                // The message contains the place.
                self.damage(Code::Record, None, damage.to_string());
            }
        }
    }

    /// Compares `meta.json` with what was read.
    fn check_meta(&mut self, cut_off: bool) {
        let Some(meta) = &self.meta else { return };
        let hashed = self.members.iter().any(|m| m.expected.as_deref() == Some(m.sha256.as_str()));
        let mut found = Vec::new();
        if !cut_off && i128::from(meta.size) != i128::from(self.state_size) {
            found.push((
                Code::Size,
                format!("state.bin has {} bytes, meta.json says {}", self.state_size, meta.size),
            ));
        }
        if let Some(last) = self.splitter.header().and_then(|h| h.last_index)
            && last > meta.index
        {
            found.push((
                Code::Index,
                format!("state.bin goes up to index {last}, meta.json only to {}", meta.index),
            ));
        }
        for (code, message) in found {
            // If the hashes match, the writer wrote it like this.
            if hashed {
                self.note(code, None, message);
            } else {
                self.damage(code, None, message);
            }
        }
    }
}

// A chunk with its headroom must hold the bytes that the splitter joins in place.
const _: () = assert!(HEADROOM < CHUNK);
