//! References of config entries.

use super::finding::At;
use super::references::NamePiece::{self, Is};
use super::references::{ENTRY_RULES, References, Target};
use snapscope_decode::records::ConfigEntryRef;
use snapscope_decode::schema::FieldError;
use snapscope_decode::wire::Value;

/// The subsets that need no resolver: the empty one.
const ANY_SUBSET: &[u8] = b"";

pub(super) fn record(
    references: &mut References,
    at: At,
    entry: &ConfigEntryRef<'_>,
) -> Result<(), FieldError> {
    let own = entry.name().0;
    let value = entry.entry;
    match entry.kind.0 {
        b"jwt-provider" => references.add(Target::JwtProvider, &[Is(own)]),
        b"api-gateway" => {
            references.add(Target::ApiGateway, &[Is(own)]);
            each(value, &["Listeners", "TLS", "Certificates"], &mut |certificate| {
                let id = [Is(text(certificate, "Kind")), Is(text(certificate, "Name"))];
                want(references, at, Target::Certificate, &id);
            })?;
        }
        b"inline-certificate" | b"file-system-certificate" => {
            references.add(Target::Certificate, &[Is(entry.kind.0), Is(own)]);
        }
        b"http-route" | b"tcp-route" => each(value, &["Parents"], &mut |parent| {
            if matches!(text(parent, "Kind"), b"" | b"api-gateway") {
                want(references, at, Target::ApiGateway, &[Is(text(parent, "Name"))]);
            }
        })?,
        b"service-intentions" => intentions(references, at, value)?,
        b"exported-services" => each(value, &["Services", "Consumers"], &mut |consumer| {
            peer_or_group(references, at, consumer);
        })?,
        b"sameness-group" => {
            references.add(Target::SamenessGroup, &[Is(own)]);
            each(value, &["Members"], &mut |member| {
                want(references, at, Target::Peer, &[Is(text(member, "Peer"))]);
            })?;
        }
        b"service-resolver" => resolver(references, at, own, value)?,
        b"service-router" => each(value, &["Routes", "Destination"], &mut |destination| {
            subset(references, at, own, destination);
        })?,
        b"service-splitter" => {
            each(value, &["Splits"], &mut |split| subset(references, at, own, split))?;
        }
        _ => {}
    }
    Ok(())
}

fn intentions(references: &mut References, at: At, value: Value<'_>) -> Result<(), FieldError> {
    each(value, &["Sources"], &mut |source| peer_or_group(references, at, source))?;
    for path in [&["JWT", "Providers"][..], &["Sources", "Permissions", "JWT", "Providers"]] {
        each(value, path, &mut |provider| {
            want(references, at, Target::JwtProvider, &[Is(text(provider, "Name"))]);
        })?;
    }
    Ok(())
}

fn peer_or_group(references: &mut References, at: At, value: Value<'_>) {
    want(references, at, Target::Peer, &[Is(text(value, "Peer"))]);
    want(references, at, Target::SamenessGroup, &[Is(text(value, "SamenessGroup"))]);
}

fn resolver(
    references: &mut References,
    at: At,
    own: &[u8],
    value: Value<'_>,
) -> Result<(), FieldError> {
    if let Value::Map(subsets) = field(value, "Subsets") {
        for entry in subsets {
            if let (Value::Raw(subset), _) = entry? {
                references.add(Target::Subset, &[Is(own), Is(subset)]);
            }
        }
    }
    let default = text(value, "DefaultSubset");
    if default != ANY_SUBSET {
        want(references, at, Target::Subset, &[Is(own), Is(default)]);
    }
    each(value, &["Redirect"], &mut |redirect| {
        subset(references, at, own, redirect);
        peer_or_group(references, at, redirect);
    })?;
    // By subset, or * for all of them.
    if let Value::Map(failovers) = field(value, "Failover") {
        for entry in failovers {
            let (_, failover) = entry?;
            want(references, at, Target::SamenessGroup, &[Is(text(failover, "SamenessGroup"))]);
            // Those of other datacenters are not here.
            if !matches!(field(failover, "Datacenters"), Value::Array(items) if !items.is_empty()) {
                subset(references, at, own, failover);
            }
            each(failover, &["Targets"], &mut |target| {
                subset(references, at, own, target);
                want(references, at, Target::Peer, &[Is(text(target, "Peer"))]);
            })?;
        }
    }
    Ok(())
}

/// A subset of the service named beside it, or of the entry's own service. Services in other
/// datacenters or peers are not in this snapshot.
fn subset(references: &mut References, at: At, own: &[u8], value: Value<'_>) {
    let subset = text(value, "ServiceSubset");
    let elsewhere = ["Datacenter", "Peer", "Partition", "Namespace"];
    if subset == ANY_SUBSET || elsewhere.iter().any(|name| !text(value, name).is_empty()) {
        return;
    }
    let service = match text(value, "Service") {
        b"" => own,
        service => service,
    };
    want(references, at, Target::Subset, &[Is(service), Is(subset)]);
}

fn want(references: &mut References, at: At, target: Target, id: &[NamePiece<'_>]) {
    let rule = ENTRY_RULES.iter().find(|(of, _)| *of == target);
    let is_empty = id.iter().all(|part| matches!(part, Is(b"")));
    if let (Some((_, rule)), false) = (rule, is_empty && id.len() == 1) {
        references.want(rule, at, target, id);
    }
}

fn field<'a>(value: Value<'a>, name: &str) -> Value<'a> {
    let Value::Map(entries) = value else { return Value::Nil };
    entries.find(name.as_bytes()).ok().flatten().unwrap_or(Value::Nil)
}

fn text<'a>(value: Value<'a>, name: &str) -> &'a [u8] {
    field(value, name).as_raw().unwrap_or(&[])
}

/// Calls `take` with each value at a path of fields; any of them may be a list.
fn each<'a>(
    value: Value<'a>,
    path: &[&str],
    take: &mut dyn FnMut(Value<'a>),
) -> Result<(), FieldError> {
    if let Value::Array(items) = value {
        for item in items {
            each(item?, path, take)?;
        }
        return Ok(());
    }
    match path.split_first() {
        Some((name, rest)) => match field(value, name) {
            Value::Nil => Ok(()),
            inside => each(inside, rest, take),
        },
        None => {
            if !value.is_nil() {
                take(value);
            }
            Ok(())
        }
    }
}
