//! Checks after the end of the file: compares declared with actual sizes and hashes.

use super::closing::{Closing, StoppedAt};
use super::reading::{Blocks, Early, Layer};
use crate::finding::{Code, Finding, FindingKind, Place};
use crate::integrity::{Container, Crc64, Integrity, Member, Verdict};
use crate::packing::{MemberName, is_of_nomad, member_of_sum};
use crate::sums;
use snapscope_decode::DamageKind;

impl Blocks {
    /// Returns what is known to a caller that needs no record after `at`. Nothing counts as
    /// verified, even if `at` is the last record: the result depends only on the snapshot and `at`,
    /// never on how far other threads have read ahead.
    #[must_use]
    pub fn stop_at(mut self, at: StoppedAt) -> Closing {
        self.stop();
        let Early { meta, findings } =
            self.early.take().unwrap_or(Early { meta: None, findings: 0 });
        self.findings.truncate(findings);
        let any_damage = self.findings.iter().any(|f| f.kind == FindingKind::Damage);
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
        let cut_off = end.findings.iter().any(|f| f.kind == FindingKind::Damage);
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
        let any_damage = self.findings.iter().any(|f| f.kind == FindingKind::Damage);
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
                self.damage(Code::MissingMember, None, format!("the archive has no {name}"));
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
                "the archive holds {}, which does not belong to a snapshot; Consul refuses such a \
                 file",
                name.escape_debug()
            );
            self.note(Code::UnexpectedMember, None, message);
        }
        match self.sums.take() {
            None if cut_off => {}
            None => self.damage(Code::MissingMember, None, "the archive has no SHA256SUMS"),
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
                        format!("SHA256SUMS names {}, which is missing", name.escape_debug());
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
                let is_file = self.container == Container::State;
                let message = match damage.kind {
                    DamageKind::Empty if is_file => "the file is empty".to_owned(),
                    _ => damage.to_string(),
                };
                self.damage(Code::Record, None, message);
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
