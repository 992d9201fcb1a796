//! The archive form: a gzip-compressed tar of meta.json, state.bin and SHA256SUMS, exactly as servers write it, with an
//! option for each way in which a file can differ from that.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::meta::{Meta, TAKEN_MS};

/// An archive under construction. [`snap`](Self::snap) of a new one has the bytes that a server would send.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The tar's members in order: name and content.
    pub members: Vec<(String, Vec<u8>)>,
    /// Modification time of every member, in Unix seconds.
    pub mtime: u64,
    /// Number of zero blocks at the end of the tar. Servers write 2; `tar` pads to a multiple of 20 blocks in all.
    pub zero_blocks: usize,
    /// Bytes after the zero blocks, inside the gzip stream.
    pub tar_tail: Vec<u8>,
    /// Number of gzip members of the tar. Servers write 1.
    pub gzip_members: usize,
    /// Whether another, empty gzip member follows.
    pub empty_gzip_member: bool,
    /// Bytes after the gzip stream.
    pub tail: Vec<u8>,
    /// Gzip level. Servers use 6.
    pub level: u32,
}

impl Archive {
    /// The archive that a server would write with this meta and state.
    #[must_use]
    pub fn new(meta: &Meta, state: &[u8]) -> Self {
        Self::of_files(meta.json(state.len() as u64, None).as_bytes(), state)
    }

    /// The same with meta.json as bytes, which need not be JSON.
    #[must_use]
    pub fn of_files(meta: &[u8], state: &[u8]) -> Self {
        let sums = sums(&[("meta.json", meta), ("state.bin", state)]);
        let members = vec![
            ("meta.json".to_owned(), meta.to_vec()),
            ("state.bin".to_owned(), state.to_vec()),
            ("SHA256SUMS".to_owned(), sums.into_bytes()),
        ];
        Self {
            members,
            mtime: TAKEN_MS / 1000,
            zero_blocks: 2,
            tar_tail: Vec::new(),
            gzip_members: 1,
            empty_gzip_member: false,
            tail: Vec::new(),
            level: 6,
        }
    }

    /// Puts the members into this order and drops those that are not named.
    ///
    /// # Panics
    /// If a name is not that of a member.
    #[must_use]
    pub fn order(mut self, names: &[&str]) -> Self {
        self.members = names.iter().map(|name| self.find(name).clone()).collect();
        self
    }

    /// Drops a member.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.members.retain(|(n, _)| n != name);
        self
    }

    /// Adds a member at the end, under any name.
    #[must_use]
    pub fn with_member(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.members.push((name.to_owned(), content.into()));
        self
    }

    /// Repeats a member at the end.
    ///
    /// # Panics
    /// If the member does not exist.
    #[must_use]
    pub fn duplicate(mut self, name: &str) -> Self {
        self.members.push(self.find(name).clone());
        self
    }

    /// Replaces a member's content and leaves SHA256SUMS as it is, so that its hash becomes wrong.
    #[must_use]
    pub fn replace(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        self.members.iter_mut().filter(|(n, _)| n == name).for_each(|m| m.1.clone_from(&content));
        self
    }

    /// Changes the first digit of a member's hash in SHA256SUMS.
    #[must_use]
    pub fn wrong_hash(self, name: &str) -> Self {
        let text =
            String::from_utf8(self.find("SHA256SUMS").1.clone()).expect("hash lines are text");
        let changed: String = text
            .lines()
            .map(|line| match line.strip_prefix('0') {
                _ if !line.ends_with(name) => format!("{line}\n"),
                Some(rest) => format!("1{rest}\n"),
                None => format!("0{}\n", &line[1..]),
            })
            .collect();
        self.replace("SHA256SUMS", changed)
    }

    /// The tar's bytes, which is also the plain-tar form.
    #[must_use]
    pub fn tar(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, content) in &self.members {
            out.extend_from_slice(&tar_header(name, content.len() as u64, self.mtime));
            out.extend_from_slice(content);
            out.resize(out.len().next_multiple_of(512), 0);
        }
        out.resize(out.len() + self.zero_blocks * 512, 0);
        out.extend_from_slice(&self.tar_tail);
        out
    }

    /// The archive's bytes.
    #[must_use]
    pub fn snap(&self) -> Vec<u8> {
        let tar = self.tar();
        let part = tar.len().div_ceil(self.gzip_members.max(1)).max(1);
        let mut out = Vec::new();
        for chunk in tar.chunks(part) {
            out = gzip_onto(out, chunk, self.level);
        }
        if self.empty_gzip_member {
            out = gzip_onto(out, &[], self.level);
        }
        out.extend_from_slice(&self.tail);
        out
    }

    fn find(&self, name: &str) -> &(String, Vec<u8>) {
        self.members
            .iter()
            .find(|(n, _)| n == name)
            .unwrap_or_else(|| panic!("no member named {name}"))
    }
}

fn gzip_onto(out: Vec<u8>, bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(out, Compression::new(level));
    encoder.write_all(bytes).expect("memory takes any bytes");
    encoder.finish().expect("memory takes any bytes")
}

/// One gzip member holding `bytes`.
#[must_use]
pub fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    gzip_onto(Vec::new(), bytes, level)
}

/// The text of SHA256SUMS for those files.
#[must_use]
pub fn sums(files: &[(&str, &[u8])]) -> String {
    files.iter().map(|(name, content)| sum_line(name, &Sha256::digest(content))).collect()
}

/// A line of SHA256SUMS.
#[must_use]
pub fn sum_line(name: &str, hash: &[u8]) -> String {
    let hex: String = hash.iter().map(|b| format!("{b:02x}")).collect();
    format!("{hex}  {name}\n")
}

/// The header of a tar member: ustar, mode 0600, uid and gid 0, no owner names. For sizes of 8 GiB and more, which do
/// not fit into ustar, a pax header precedes it, as from Go's tar writer.
#[must_use]
pub fn tar_header(name: &str, size: u64, mtime: u64) -> Vec<u8> {
    if size < 1 << 33 {
        return ustar(name, size, mtime, b'0').to_vec();
    }
    // "<length> size=<n>\n", whose length counts its own digits.
    let body = format!(" size={size}\n");
    let length = (1..).find(|n| n.to_string().len() + body.len() == *n).expect("some length fits");
    let record = format!("{length}{body}");
    let mut out = ustar(&format!("PaxHeaders.0/{name}"), record.len() as u64, 0, b'x').to_vec();
    out.extend_from_slice(record.as_bytes());
    out.resize(1024, 0);
    out.extend_from_slice(&ustar(name, 0, mtime, b'0'));
    out
}

fn ustar(name: &str, size: u64, mtime: u64, member_type: u8) -> [u8; 512] {
    let mut block = [0; 512];
    let mut put =
        |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, if member_type == b'0' { "0000600" } else { "0000000" });
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(136, &format!("{mtime:011o}"));
    put(148, "        ");
    put(257, "ustar\x0000");
    put(329, "0000000");
    put(337, "0000000");
    block[156] = member_type;
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}
