//! Commands of entries: type and request.

use crate::entry::{Entry, EntryKind};
use snapscope_decode::Kind;
use snapscope_decode::wire::Value;

/// The bit of a type that lets servers ignore the command if they do not support the type.
const MAY_BE_IGNORED: u8 = 0x80;

/// A command, borrowed from an entry or from reassembled chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    /// The type of the request, with the same numbers as record types.
    pub kind: Kind,
    /// Whether servers that do not support the type ignore it.
    pub may_be_ignored: bool,
    /// The request: for most types a msgpack map.
    pub request: &'a [u8],
}

impl<'a> Command<'a> {
    /// Reads the data of an entry; `None` if it is empty.
    #[must_use]
    pub fn read(data: &'a [u8]) -> Option<Self> {
        let (first, request) = data.split_first()?;
        Some(Self {
            kind: Kind(first & !MAY_BE_IGNORED),
            may_be_ignored: first & MAY_BE_IGNORED != 0,
            request,
        })
    }
}

/// A server in a configuration entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its ID.
    pub id: &'a [u8],
    /// Its address.
    pub address: &'a [u8],
    /// 0 for voters, 1 for non-voters, 2 while it is being added.
    pub suffrage: u64,
}

/// The servers of a configuration entry; `None` for other entries and unreadable ones.
#[must_use]
pub fn members<'a>(entry: &Entry<'a>) -> Option<Vec<Member<'a>>> {
    if entry.kind != EntryKind::Configuration {
        return None;
    }
    let Ok(Value::Map(configuration)) = Value::read(entry.data) else { return None };
    let Ok(Some(Value::Array(servers))) = configuration.find(b"Servers") else { return None };
    let member = |server: Value<'a>| {
        let Value::Map(server) = server else { return None };
        let raw = |name: &[u8]| match server.find(name) {
            Ok(Some(Value::Raw(bytes))) => bytes,
            _ => &[],
        };
        let suffrage = match server.find(b"Suffrage") {
            Ok(Some(Value::Uint(number))) => number,
            _ => 0,
        };
        Some(Member { id: raw(b"ID"), address: raw(b"Address"), suffrage })
    };
    servers.map(|server| member(server.ok()?)).collect()
}
