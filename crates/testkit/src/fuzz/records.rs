//! Reads any bytes as typed records and as values.

use snapscope_decode::wire::{Cursor, Value};
use snapscope_decode::{Frame, Record, frames_of};

fn frames(data: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    frames_of(data).map_while(Result::ok)
}

/// Every frame is read as every type. The result is a record whose values can be read at all depths, or an error with an
/// offset inside the frame.
pub fn typed_records(data: &[u8]) {
    for frame in frames(data).take(50) {
        for kind in [frame.kind.0, data.len() as u8 % 46] {
            let mut bytes = frame.bytes.to_vec();
            bytes[0] = kind;
            let Some(Ok(frame)) = frames_of(&bytes).next() else { panic!("still a record") };
            match frame.record() {
                Ok(record) => look(&record),
                Err(e) => {
                    assert!(!e.to_string().is_empty());
                    assert!(e.path.is_empty() || e.at <= bytes.len() as u64, "{e}");
                }
            }
        }
    }
}

fn look(record: &Record<'_>) {
    match record {
        Record::Register(r) => {
            let _ = r.tagged_addresses.iter().count() + r.node_meta.iter().count();
            if let Ok(Some(service)) = r.service.get() {
                let _ = service.tags.iter().count() + service.rest.iter().count();
                let _ = service.proxy.get();
            }
            if let Ok(Some(check)) = r.check.get() {
                let _ = check.definition.get();
            }
            let _ = r.checks.iter().count();
            assert_eq!(r.rest.iter().filter(Result::is_ok).count(), r.rest.len() as usize);
        }
        Record::AclToken(token) => {
            let _ = token.policies.iter().count() + token.roles.iter().count();
            assert_eq!(token.rest.is_empty(), token.rest.iter().next().is_none());
        }
        Record::ConfigEntry(entry) => {
            let _ = entry.typed();
            let _ = entry.name().lossy();
        }
        Record::Coordinates(list) => {
            assert!(list.iter().count() <= list.len() as usize);
        }
        Record::ChunkingState(state) => {
            let _ = state.chunk_map.entries().count();
        }
        other => {
            let _ = format!("{other:?}").len();
        }
    }
}

/// Any bytes are read as one value. Reading and skipping agree on its end, and lists and maps have the announced number of items.
pub fn values(data: &[u8]) {
    let mut reading = Cursor::new(data);
    let mut skipping = Cursor::new(data);
    let value = reading.value();
    let skipped = skipping.skip();
    match &value {
        Ok(value) => {
            skipped.expect("what can be read can be skipped");
            assert_eq!(reading.at(), skipping.at());
            assert!(reading.at() <= data.len());
            check(*value, 40);
        }
        Err(e) => assert!(e.at <= data.len() as u64 && !e.to_string().is_empty()),
    }
}

fn check(value: Value<'_>, depth: u32) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Array(items) => {
            let mut n = 0;
            for item in items {
                check(item.expect("a value that was skipped can be read"), depth - 1);
                n += 1;
            }
            assert_eq!(n, items.len());
        }
        Value::Map(entries) => {
            let mut n = 0;
            for entry in entries {
                let (key, value) = entry.expect("a value that was skipped can be read");
                check(key, depth - 1);
                check(value, depth - 1);
                n += 1;
            }
            assert_eq!(n, entries.len());
        }
        Value::Int(n) => assert!(n < 0, "only negative ones are signed"),
        _ => {}
    }
}
