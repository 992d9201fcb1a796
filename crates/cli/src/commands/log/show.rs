//! `log show`: one entry in full.

use super::effects::Effects;
use super::index::index;
use super::line::entry_name;
use super::place::PlaceArg;
use super::reader::Reader;
use crate::answer::{Indenting, on_terminal};
use crate::authors::Named;
use crate::exit::Exit;
use crate::log_damage::Losses;
use crate::reading::ReadArgs;
use crate::server_log::ServerLog;
use crate::terminal::{self, say};
use crate::times::exact;
use anyhow::Result;
use clap::Args;
use snapscope_decode::wire::{Cursor, Value};
use snapscope_objects::json::{JsonText, Sink};
use snapscope_raftlog::{Assembled, Chunks, Command, Entry, members};
use snapscope_state::{Described, Identities};
use std::io::Write as _;
use std::ops::ControlFlow;

/// Print one entry of the log in full, as JSON
///
/// The request is shown as stored, with the token that was used. A command in several chunks is
/// shown in full with its last entry. The exit code is 1 if the log has no such entry.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope log show 12345 /opt/consul/data
  snapscope log show 12345 /opt/consul/data --show-secrets")]
pub(crate) struct ShowArgs {
    /// The entry's index
    #[arg(value_name = "INDEX", value_parser = index)]
    index: u64,
    #[command(flatten)]
    place: PlaceArg,
    /// Show SecretIDs, private keys, the values of keys and other secrets
    #[arg(long)]
    show_secrets: bool,
    #[command(flatten)]
    read: ReadArgs,
}

/// Fields that are masked by default, in requests of any type.
const SECRETS: &[&[u8]] = &[
    b"Token",
    b"SecretID",
    b"Value",
    b"PrivateKey",
    b"SigningKey",
    b"Config",
    b"Rules",
    b"Headers",
    b"Header",
    b"Args",
    b"ScriptArgs",
    b"Body",
];

/// Maximum nesting of values, deeper than in any request.
const DEPTH: u32 = 100;

pub(crate) fn run(args: &ShowArgs) -> Result<Exit> {
    let server = ServerLog::find(args.place.path())?;
    let Reader { identities, losses: lost, .. } =
        Reader::prepare(&server, &args.read, Effects::None, u64::MAX)?;
    let mut chunks = Chunks::default();
    let (mut shown, mut losses) = (None, Losses::default());
    let findings = server.walk(0, &mut |entry| {
        if entry.index > args.index {
            return ControlFlow::Break(());
        }
        let assembled = chunks.take(&entry);
        if entry.index < args.index {
            return ControlFlow::Continue(());
        }
        if assembled == Assembled::Incomplete {
            losses.add("damaged: other parts of this command are missing");
        }
        if entry.is_recovered {
            losses.add("damaged: the entry was found by structure; it may not belong to the log");
        }
        shown = Some(render(&entry, &assembled, &identities, args.show_secrets));
        ControlFlow::Break(())
    })?;
    let Some(json) = shown else {
        // It may have been lost.
        losses.absorb(Losses::of_log(&findings));
        let extent = server.extent()?;
        let (first, last) = (extent.first, extent.last);
        say!("snapscope: the log has no entry {}; it has {first} to {last}", args.index);
        return Ok(losses.exit().max(Exit::Found));
    };
    let json = [&json, &b"\n"[..]].concat();
    match on_terminal() {
        Some(by) => {
            let mut out = Indenting::new(by, terminal::out());
            out.write_all(&json)?;
            out.flush()?;
        }
        None => terminal::out().write_all(&json)?,
    }
    losses.absorb(lost);
    Ok(losses.exit())
}

fn render(
    entry: &Entry<'_>,
    assembled: &Assembled<'_>,
    identities: &Identities,
    with_secrets: bool,
) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    json.key(b"index");
    json.uint(entry.index);
    json.key(b"term");
    json.uint(entry.term);
    json.key(b"time");
    match entry.appended_at {
        Some(time) => json.text(exact(time).as_bytes()),
        None => json.null(),
    }
    json.key(b"type");
    json.text(entry_name(entry.kind).as_bytes());
    if let Some(chunk) = entry.chunk() {
        json.key(b"chunk");
        json.begin_object();
        for (name, number) in
            [("operation", chunk.operation), ("sequence", chunk.sequence), ("of", chunk.of)]
        {
            json.key(name.as_bytes());
            json.uint(number);
        }
        json.end_object();
    }
    if let Assembled::Whole(data) = assembled
        && let Some(command) = Command::read(data)
    {
        json.key(b"command");
        match command.kind.consul_name() {
            Some(name) => json.text(name.as_bytes()),
            None => json.uint(u64::from(command.kind.0)),
        }
        author(&command, identities, &mut json);
        json.key(b"may_be_ignored");
        json.bool(command.may_be_ignored);
        json.key(b"request");
        request(command.request, with_secrets, &mut json);
    } else if let Some(members) = members(entry) {
        json.key(b"servers");
        json.begin_list();
        for member in members {
            json.begin_object();
            json.key(b"id");
            json.text(member.id);
            json.key(b"address");
            json.text(member.address);
            json.key(b"suffrage");
            json.uint(member.suffrage);
            json.end_object();
        }
        json.end_list();
    } else {
        json.key(b"data");
        match with_secrets || entry.data.is_empty() {
            true => json.bytes(entry.data),
            false => json.text(format!("<masked {} bytes>", entry.data.len()).as_bytes()),
        }
    }
    json.end_object();
    json.into_bytes()
}

/// The token of a command; null without one.
fn author(command: &Command<'_>, identities: &Identities, json: &mut JsonText) {
    let token = Described::of(command).token.unwrap_or_default();
    let Named { accessor, who, auth_method } = Named::of(&token, identities);
    for (name, text) in [("accessor", accessor), ("who", who), ("auth_method", auth_method)] {
        json.key(name.as_bytes());
        if text.is_empty() { json.null() } else { json.text(text) }
    }
}

/// A request. Most are maps; a config entry's is raw bytes with its name and a map.
fn request(bytes: &[u8], with_secrets: bool, json: &mut JsonText) {
    let Ok(value) = Value::read(bytes) else {
        json.null();
        return;
    };
    if let Value::Raw(inner) = value {
        let mut cursor = Cursor::new(inner);
        if let (Ok(Value::Raw(kind)), Ok(Value::Map(_))) = (cursor.value(), cursor.value()) {
            let mut cursor = Cursor::new(inner);
            let _ = cursor.skip();
            json.begin_object();
            json.key(b"Kind");
            json.text(kind);
            json.key(b"Request");
            let map = Value::read(cursor.rest()).unwrap_or(Value::Nil);
            show(map, b"", with_secrets, DEPTH, json);
            json.end_object();
            return;
        }
    }
    show(value, b"", with_secrets, DEPTH, json);
}

/// Whether a member is masked by default. The ID of a legacy token is its SecretID.
fn is_secret(key: &[u8], of: &[u8]) -> bool {
    SECRETS.contains(&key) || of == b"ACL" && key == b"ID"
}

/// Shows a value; `name` is that of the member that contains it.
fn show(value: Value<'_>, name: &[u8], with_secrets: bool, depth: u32, json: &mut JsonText) {
    if depth == 0 {
        json.text(b"<nested too deep>");
        return;
    }
    match value {
        Value::Nil => json.null(),
        Value::Bool(b) => json.bool(b),
        Value::Int(n) => json.int(n),
        Value::Uint(n) => json.uint(n),
        Value::F32(x) if x.is_finite() => json.float32(x),
        Value::F64(x) if x.is_finite() => json.float(x),
        Value::F32(_) | Value::F64(_) => json.text(b"not a number"),
        Value::Raw(bytes) if std::str::from_utf8(bytes).is_ok() => json.text(bytes),
        Value::Raw(bytes) | Value::Ext(_, bytes) => json.bytes(bytes),
        Value::Array(items) => {
            json.begin_list();
            items.flatten().for_each(|item| show(item, name, with_secrets, depth - 1, json));
            json.end_list();
        }
        Value::Map(entries) => {
            json.begin_object();
            for (key, value) in entries.flatten() {
                let key = match key {
                    Value::Raw(key) => key,
                    _ => b"?",
                };
                json.key(key);
                if with_secrets || !is_secret(key, name) {
                    show(value, key, with_secrets, depth - 1, json);
                } else {
                    masked(value, json);
                }
            }
            json.end_object();
        }
    }
}

/// Shown in place of masked values.
fn masked(value: Value<'_>, json: &mut JsonText) {
    match value {
        Value::Raw(bytes) if !bytes.is_empty() => {
            json.text(format!("<masked {} bytes>", bytes.len()).as_bytes());
        }
        value if value.is_zero() => show(value, b"", true, 1, json),
        _ => json.text(b"<masked>"),
    }
}
