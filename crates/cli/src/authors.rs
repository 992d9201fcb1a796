//! The author of a write in a Raft log: who, when, and through which command.

use crate::render::escape::one_line;
use crate::render::json::Members as _;
use crate::times;
use snapscope_analyze::compare::Comparer;
use snapscope_decode::{Frame, GoTime};
use snapscope_objects::json::JsonText;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds::of;
use snapscope_objects::row::Row;
use snapscope_raftlog::{Chunks, Command, Entry};
use snapscope_state::{Described, Identities, Operation};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

/// What is known about the token of a command. Nothing in it is secret.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Named<'i> {
    pub(crate) accessor: &'i [u8],
    /// Its description, or else another name.
    pub(crate) who: &'i [u8],
    pub(crate) auth_method: &'i [u8],
}

impl<'i> Named<'i> {
    /// The token with a SecretID; empty without one.
    pub(crate) fn of(secret: &[u8], identities: &'i Identities) -> Self {
        if secret.is_empty() {
            return Self::default();
        }
        let Some(identity) = identities.of(secret) else {
            // The secret itself is never shown.
            return Self { who: b"a token that is not known", ..Self::default() };
        };
        let is_described = !identity.description.is_empty();
        Self {
            accessor: &identity.accessor,
            who: if is_described { &identity.description } else { &identity.accessor },
            auth_method: &identity.auth_method,
        }
    }
}

/// The name of a command's type.
pub(crate) fn command_name(command: &Command<'_>) -> Cow<'static, str> {
    match command.kind.consul_name() {
        Some(name) => name.into(),
        None => format!("Unknown({})", command.kind.0).into(),
    }
}

/// The object of an operation in the terms of `diff`: kind and name.
pub(crate) fn object_of(operation: &Operation) -> Vec<u8> {
    let Some(kind) = operation.kind else { return Vec::new() };
    let kind = of(kind).object_name().as_bytes();
    match operation.id.as_slice() {
        b"" => kind.to_vec(),
        id => [kind, b"/", id].concat(),
    }
}

/// The token of a write.
#[derive(Debug, PartialEq, Eq)]
enum Author {
    /// Commands of this type do not contain the token.
    NotSaid,
    /// The request had no token.
    NoToken,
    Token {
        accessor: Vec<u8>,
        who: Vec<u8>,
        auth_method: Vec<u8>,
    },
}

/// A write of the log.
#[derive(Debug)]
pub(crate) struct LogWrite {
    pub(crate) index: u64,
    term: u64,
    pub(crate) time: Option<GoTime>,
    kind: Cow<'static, str>,
    operations: Vec<Operation>,
    author: Rc<Author>,
}

/// A write of an object.
#[derive(Debug, Clone)]
pub(crate) struct WriteOf {
    write: Rc<LogWrite>,
    op: Vec<u8>,
    /// The object of the command, masked if its name is a secret.
    object: Vec<u8>,
    /// Whether the command names another object, so that this change is a consequence.
    is_other: bool,
}

/// Collects the authors of a log's writes while the log is read in order.
#[derive(Debug, Default)]
pub(crate) struct Authors {
    chunks: Chunks,
    identities: Identities,
    known: BTreeMap<Vec<u8>, Rc<Author>>,
}

impl Authors {
    /// Reads a record of the snapshot before the log.
    pub(crate) fn see_record(&mut self, frame: &Frame<'_>) {
        self.identities.see_record(frame);
    }

    /// Reads the next entry; returns its command if it is complete.
    pub(crate) fn see<'e>(&mut self, entry: &Entry<'e>) -> Option<Cow<'e, [u8]>> {
        self.identities.see(entry, &mut self.chunks)
    }

    /// The author of a write; `data` is its command.
    pub(crate) fn write(&mut self, entry: &Entry<'_>, data: &[u8]) -> Option<Rc<LogWrite>> {
        let command = Command::read(data)?;
        let Described { operations, token } = Described::of(&command);
        Some(Rc::new(LogWrite {
            index: entry.index,
            term: entry.term,
            time: entry.appended_at,
            kind: command_name(&command),
            operations,
            author: self.author(token),
        }))
    }

    fn author(&mut self, token: Option<Vec<u8>>) -> Rc<Author> {
        let author = match token.as_deref() {
            None => Author::NotSaid,
            Some(b"") => Author::NoToken,
            Some(secret) => {
                let Named { accessor, who, auth_method } = Named::of(secret, &self.identities);
                Author::Token {
                    accessor: accessor.to_vec(),
                    who: who.to_vec(),
                    auth_method: auth_method.to_vec(),
                }
            }
        };
        // A token's description may have changed.
        let known =
            self.known.entry(token.unwrap_or_default()).or_insert_with(|| Author::NoToken.into());
        if **known != author {
            *known = Rc::new(author);
        }
        Rc::clone(known)
    }
}

impl WriteOf {
    /// The author of a write to an object; `row` is the object before or after it.
    pub(crate) fn new(write: &Rc<LogWrite>, row: &Row, comparer: &Comparer) -> Self {
        let names = row.names();
        let is_equal = |a: &[u8], b: &[u8]| match row.kind.traits.folded_id {
            true => a.eq_ignore_ascii_case(b),
            false => a == b,
        };
        let is_it = |operation: &&Operation| {
            operation.kind.is_some_and(|kind| is_called(row.kind, kind))
                && names.iter().any(|name| is_equal(name, &operation.id))
        };
        // The last operation of a transaction counts. A deleted tree is named by the prefix of its
        // keys.
        let own = write.operations.iter().rev().find(is_it);
        let is_above = |operation: &&Operation| {
            operation.op == b"delete-tree"
                && names.iter().any(|name| name.starts_with(&operation.id))
        };
        let above = write.operations.iter().find(is_above);
        let operation = own.or(above).or(write.operations.first());
        let object = operation.map(|operation| {
            let id = comparer.shown_name(operation.id.clone());
            object_of(&Operation { id, ..operation.clone() })
        });
        Self {
            write: Rc::clone(write),
            op: operation.map_or_else(Vec::new, |operation| operation.op.clone()),
            object: object.unwrap_or_default(),
            is_other: own.is_none(),
        }
    }

    pub(crate) fn index(&self) -> u64 {
        self.write.index
    }

    /// Writes the fields that `log` has for the write as members of an open object.
    pub(crate) fn members(&self, json: &mut JsonText) {
        let LogWrite { index, term, time, kind, author, .. } = &*self.write;
        json.member("index", *index).member("term", *term);
        json.member("time", time.map(times::exact)).member("type", &**kind);
        json.member("op", text(&self.op)).member("object", text(&self.object));
        let (accessor, who, auth_method): (&[u8], &[u8], &[u8]) = match &**author {
            Author::NotSaid | Author::NoToken => (b"", b"", b""),
            Author::Token { accessor, who, auth_method } => (accessor, who, auth_method),
        };
        json.member("accessor", text(accessor)).member("who", text(who));
        json.member("auth_method", text(auth_method));
    }

    /// Describes the write without its index: when, by whom, and through which command if that
    /// names another object.
    pub(crate) fn words(&self) -> String {
        let mut words =
            self.write.time.map_or_else(String::new, |time| format!("{}, ", times::rfc3339(time)));
        match &*self.write.author {
            Author::NotSaid => words.push_str("author not recorded"),
            Author::NoToken => words.push_str("without a token"),
            Author::Token { accessor, who, auth_method } => {
                let _ = write!(words, "by {}", one_line(who));
                if accessor != who && !accessor.is_empty() {
                    let _ = write!(words, " ({})", one_line(accessor));
                }
                if !auth_method.is_empty() {
                    let _ = write!(words, ", logged in with {}", one_line(auth_method));
                }
            }
        }
        if self.is_other {
            let (op, object) = (one_line(&self.op), one_line(&self.object));
            let _ = match op.as_str() {
                "" => write!(words, ", through {}", self.write.kind),
                op => write!(words, ", through {}", format!("{op} {object}").trim_end()),
            };
        } else if !self.op.is_empty() {
            let _ = write!(words, ", {}", one_line(&self.op));
        }
        words
    }
}

/// Whether commands count a kind's objects as this one. Some kinds show objects of another kind:
/// locks are keys.
fn is_called(kind: &ObjectKind, called: KindId) -> bool {
    let same = kind.traits.references.iter().filter(|other| other.fields == kind.id_fields);
    let mut same = same.map(|other| other.to).chain(kind.traits.excerpt_of);
    kind.id == called || (kind.object.is_none() && same.any(|other| other == called))
}

/// Unknown values are null.
fn text(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty()).then_some(text)
}
