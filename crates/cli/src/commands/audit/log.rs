//! The input of the rules about a Raft log: the tokens of its server, and its writes.

use crate::authors::object_of;
use crate::log_damage::{Losses, damage_of};
use crate::place::place_and_moment;
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::rolled::index_in_log;
use crate::server_log::ServerLog;
use anyhow::Result;
use snapscope_analyze::audit::{LogAudit, LoggedWrite};
use snapscope_archive::Source;
use snapscope_decode::records::{AclTokenRef, Record};
use snapscope_decode::schema::Wire as _;
use snapscope_decode::wire::Value;
use snapscope_decode::{FieldError, Kind};
use snapscope_raftlog::{Assembled, Chunks, Command, Entry};
use snapscope_state::Described;
use std::ops::ControlFlow;
use std::path::Path;

/// Reads a log, up to the state that FILE means if FILE is a state in that log. Also returns
/// what is missing in it and in the snapshots beside it.
pub(super) fn read(
    place: &Path,
    file: &Path,
    source: &Source,
    read: &ReadArgs,
) -> Result<(LogAudit, Losses)> {
    let server = ServerLog::find(place)?;
    let mut audit = LogAudit::new();
    let mut losses = server.losses.clone();
    // For a data directory, the source is the newest of the server's own snapshots.
    let is_given = |own: &Path| matches!(source, Source::Directory(path) if path == own);
    let own = server.snapshots.iter().filter(|own| !is_given(&own.path));
    let own = own.map(|own| Source::Directory(own.path.clone()));
    let given = source.reopenable().then(|| source.clone());
    for source in own {
        tokens(&source, read, &mut audit)?.iter().for_each(|line| losses.add(line));
    }
    if let Some(source) = given {
        // Its damage is reported when it is checked.
        tokens(&source, read, &mut audit)?;
    }
    let last = match place_and_moment(file) {
        Some(_) => index_in_log(&server, source, &read.options())?,
        None => u64::MAX,
    };
    let mut chunks = Chunks::default();
    let findings = server.walk(0, &mut |entry| {
        if entry.index > last {
            return ControlFlow::Break(());
        }
        if let Assembled::Whole(data) = chunks.take(&entry)
            && let Some(command) = Command::read(&data)
        {
            // Servers could not read an unreadable command either.
            let _ = of_tokens(&entry, &command, &mut audit);
            write(&entry, &command, &mut audit);
        }
        ControlFlow::Continue(())
    })?;
    losses.absorb(Losses::of_log(&findings));
    Ok((audit, losses))
}

/// Takes the tokens of a snapshot. Returns its damage, a line for each.
fn tokens(source: &Source, read: &ReadArgs, audit: &mut LogAudit) -> Result<Vec<String>> {
    let mut blocks = read.open_quietly(source)?;
    let mut is_damaged = false;
    for block in blocks.by_ref() {
        for frame in
            block.frames().filter(|frame| matches!(frame.kind, Kind::ACL_TOKEN | Kind::ACL))
        {
            let taken = match frame.record() {
                Ok(Record::AclToken(token)) => audit.token(&token, None),
                Ok(Record::LegacyAcl(acl)) => audit.token(&acl.as_token(), None),
                Ok(_) => Ok(()),
                Err(e) => Err(e),
            };
            is_damaged |= taken.is_err();
        }
    }
    let name = source.name();
    let mut lines: Vec<String> = damage_of(&name, &blocks.finish()).collect();
    if is_damaged {
        lines.push(format!("{}: damaged: a token cannot be read", one_line(name.as_bytes())));
    }
    Ok(lines)
}

/// Takes the tokens that a command writes or deletes.
fn of_tokens(
    entry: &Entry<'_>,
    command: &Command<'_>,
    audit: &mut LogAudit,
) -> Result<(), FieldError> {
    let Value::Map(request) = Value::read(command.request)? else { return Ok(()) };
    let field = |name: &[u8]| Ok::<_, FieldError>(request.find(name)?.unwrap_or(Value::Nil));
    match command.kind {
        Kind::ACL_TOKEN => {
            if let Value::Array(tokens) = field(b"Tokens")? {
                for token in tokens {
                    audit.token(&AclTokenRef::read(token?)?, Some(entry.index))?;
                }
            }
        }
        Kind::ACL_BOOTSTRAP => {
            if let token @ Value::Map(_) = field(b"Token")? {
                audit.token(&AclTokenRef::read(token)?, Some(entry.index))?;
            }
        }
        Kind::ACL_TOKEN_DELETE => {
            if let Value::Array(ids) = field(b"TokenIDs")? {
                for id in ids {
                    if let Value::Raw(id) = id? {
                        audit.deletion(id, entry.index, entry.appended_at);
                    }
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn write(entry: &Entry<'_>, command: &Command<'_>, audit: &mut LogAudit) {
    let described = Described::of(command);
    let object = described.operations.first().map(object_of).unwrap_or_default();
    audit.write(&LoggedWrite {
        index: entry.index,
        time: entry.appended_at,
        kind: command.kind,
        token: described.token.as_deref(),
        object: &object,
    });
}
