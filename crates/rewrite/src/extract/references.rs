//! References between config entries.

use super::id::Id;
use snapscope_decode::records::ConfigEntryRef;
use snapscope_decode::wire::Value;

/// Maximum nesting that is examined; entries of servers have less.
const DEPTH: usize = 32;

/// Kinds of entries that define how a service is reached; those of a referenced service are needed.
const OF_A_SERVICE: [&str; 3] = ["service-defaults", "service-resolver", "service-splitter"];

/// The entries that an entry needs: the defaults of all proxies, those that define how its services
/// are reached, and those it names by kind and name.
pub(super) fn of_entry(entry: &ConfigEntryRef<'_>) -> Vec<Id> {
    let mut needs = vec![Id::of(&[b"proxy-defaults", b"global"])];
    if matches!(
        entry.kind.0,
        b"service-router" | b"service-splitter" | b"service-resolver" | b"service-intentions"
    ) {
        service(entry.name().0, &mut needs);
    }
    walk(entry.entry, b"", DEPTH, &mut needs);
    needs
}

fn service(name: &[u8], needs: &mut Vec<Id>) {
    if name != b"*" && !name.is_empty() {
        needs.extend(OF_A_SERVICE.map(|kind| Id::of(&[kind.as_bytes(), name])));
    }
}

fn walk(value: Value<'_>, field: &[u8], depth: usize, needs: &mut Vec<Id>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Array(items) => items.flatten().for_each(|item| walk(item, field, depth - 1, needs)),
        Value::Map(entries) => {
            let text = |name: &[u8]| match entries.find(name) {
                Ok(Some(Value::Raw(text))) if !text.is_empty() => Some(text),
                _ => None,
            };
            // The entry itself has a kind and a name, too.
            if depth < DEPTH {
                if let (Some(kind), Some(name)) = (text(b"Kind"), text(b"Name")) {
                    needs.push(Id::of(&[kind, name]));
                } else if let (b"Services" | b"Destination", Some(name)) = (field, text(b"Name")) {
                    service(name, needs);
                } else if let (b"Providers", Some(name)) = (field, text(b"Name")) {
                    needs.push(Id::of(&[b"jwt-provider", name]));
                }
            }
            if let Some(name) = text(b"Service") {
                service(name, needs);
            }
            for (key, value) in entries.flatten() {
                if let Value::Raw(key) = key {
                    walk(value, key, depth - 1, needs);
                }
            }
        }
        _ => {}
    }
}
