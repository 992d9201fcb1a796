//! The members of an archive, in order.

use super::member::{OpenMember, Role};
use super::reading::Blocks;
use crate::chunks::Chunk;
use crate::finding::Code;
use crate::integrity::Member;
use crate::meta::Meta;
use crate::packing::{MemberName, VAULT};
use crate::tar::{Event, TarWalker};
use sha2::{Digest as _, Sha256};
use snapscope_decode::Splitter;
use snapscope_decode::text::hex;

impl Blocks {
    pub(super) fn take_tar(
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
            let message = format!("the archive holds {shown}, which macOS adds; {refuses}");
            self.note(Code::ForeignMember, None, message);
        } else if role == Role::Other || elsewhere {
            let message = match name {
                "raft.db" | "wal-meta.db" => format!(
                    "the archive holds {shown}, so it is one of a data directory; unpack it and \
                     name the folder"
                ),
                _ => format!("the archive holds {shown}, which does not belong to a snapshot"),
            };
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
                let message = format!("{name} claims to have {size} bytes; reading stops here");
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
}
