//! Config entries: which ones can be written and deleted under their own names.

use super::path;
use snapscope_decode::records::EntryKind;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::value::{Json, Node};

/// Members that servers refuse, by kind and path (through lists). They are left over from
/// intentions created before 1.9, and cannot be written any more.
static REFUSED: &[(&str, &[&str])] = &[("service-intentions", &["Sources", "LegacyMeta"])];

/// Members whose content servers accept without knowing its fields, by kind; an empty kind means
/// all.
static OPAQUE: &[(&str, &[&str])] =
    &[("proxy-defaults", &["Config"]), ("", &["EnvoyExtensions", "Arguments"])];

/// Servers read integers beyond this as the nearest double.
const EXACT: u64 = 1 << 53;

/// Kinds on which others depend, in the order in which they are written: a server refuses an entry
/// that refers to a missing one.
static FIRST: &[&[u8]] = &[
    b"proxy-defaults",
    b"service-defaults",
    b"service-resolver",
    b"service-splitter",
    b"service-router",
];

/// The position of a kind in the order in which entries are written; they are deleted in reverse.
#[must_use]
pub fn rank(kind: &[u8]) -> usize {
    FIRST.iter().position(|first| *first == kind).unwrap_or(FIRST.len())
}

/// The largest [`rank`].
pub const LAST: usize = 5;

/// Members that `consul config read` omits although the HTTP API shows them: the kind (empty for
/// all), the path (through lists), and whether only if empty.
static LEFT_OUT: &[(&str, &[&str], bool)] = &[
    ("", &["Hash"], false),
    // Computed by servers; it cannot be written.
    ("proxy-defaults", &["Protocol"], false),
    ("api-gateway", &["Listeners", "TLS", "CipherSuites"], true),
    ("api-gateway", &["Listeners", "TLS", "MinVersion"], true),
    ("api-gateway", &["Listeners", "TLS", "MaxVersion"], true),
    ("service-defaults", &["UpstreamConfig", "Defaults", "Peer"], true),
    ("service-defaults", &["UpstreamConfig", "Overrides", "Peer"], true),
];

/// Writes an entry as `consul config read` prints it.
pub fn as_read(entry: Node<'_>, json: &mut JsonText) {
    shorten(entry, &left_out(entry), &mut Vec::new(), json);
}

/// Writes an entry as servers accept it, without the parts that they refuse.
pub fn as_taken(entry: Node<'_>, json: &mut JsonText) {
    let mut rules = left_out(entry);
    let refused = REFUSED.iter().filter(|(of, _)| of.as_bytes() == kind_of(entry));
    rules.extend(refused.map(|(_, path)| (*path, false)));
    shorten(entry, &rules, &mut Vec::new(), json);
}

fn kind_of(entry: Node<'_>) -> &[u8] {
    entry.get("Kind").and_then(|kind| kind.text()).unwrap_or(&[])
}

/// The omitted parts of an entry: paths, and whether only if empty.
fn left_out(entry: Node<'_>) -> Vec<(&'static [&'static str], bool)> {
    let kind = kind_of(entry);
    let rules = LEFT_OUT.iter().filter(|(of, ..)| of.is_empty() || of.as_bytes() == kind);
    rules.map(|(_, path, if_empty)| (*path, *if_empty)).collect()
}

fn shorten<'e>(
    node: Node<'e>,
    rules: &[(&[&str], bool)],
    path: &mut Vec<&'e [u8]>,
    json: &mut JsonText,
) {
    match node.json() {
        Json::List(items) => {
            json.begin_list();
            items.for_each(|item| shorten(item, rules, path, json));
            json.end_list();
        }
        Json::Object(members) => {
            json.begin_object();
            for (key, member) in members {
                path.push(key);
                let left_out = rules.iter().any(|(rule, if_empty)| {
                    rule.iter().map(|name| name.as_bytes()).eq(path.iter().copied())
                        && (!if_empty || is_empty(member))
                });
                if !left_out {
                    json.key(key);
                    shorten(member, rules, path, json);
                }
                path.pop();
            }
            // For an exposed path it is printed even if it is not stored.
            if path == &[b"Expose".as_slice(), b"Paths"] && node.get("ParsedFromCheck").is_none() {
                json.key(b"ParsedFromCheck");
                json.bool(false);
            }
            json.end_object();
        }
        _ => node.render(json),
    }
}

fn is_empty(node: Node<'_>) -> bool {
    match node.json() {
        Json::Null => true,
        Json::Text(text) => text.is_empty(),
        Json::List(mut items) => items.next().is_none(),
        _ => false,
    }
}

/// Whether an entry of this kind and name can be sent to servers (`PUT /v1/config`): both are in
/// the body, where they arrive unchanged, except for kinds whose name a server sets itself.
///
/// # Errors
/// The reason if it cannot.
pub fn writable(kind: &[u8], name: &[u8]) -> Result<(), &'static str> {
    if kind == b"bound-api-gateway" {
        return Err("servers create it themselves");
    }
    if EntryKind::by_name(kind).is_none() {
        return Err("its kind is unknown, and so is how servers treat its name");
    }
    if kind == b"proxy-defaults" && name != b"global" {
        return Err("servers treat proxy-defaults of any name as the one named global");
    }
    match std::str::from_utf8(name) {
        Ok("") => Err("it has no name"),
        Ok(_) => Ok(()),
        Err(_) => Err("its name is not UTF-8, which JSON cannot express"),
    }
}

/// The path that deletes an entry, after `/v1/config/`. There is no other way to delete an entry.
///
/// # Errors
/// The reason if no path is safe.
pub fn deletable(kind: &[u8], name: &[u8]) -> Result<String, &'static str> {
    writable(kind, name)?;
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| "its name is not UTF-8");
    Ok(format!("{}/{}", path::escaped(text(kind)?)?, path::escaped(text(name)?)?))
}

/// The form in which servers compare names: they store entries by names in lower case.
#[must_use]
pub fn folded(name: &[u8]) -> Vec<u8> {
    let small = |c: char| c.to_lowercase().next().unwrap_or(c);
    match std::str::from_utf8(name) {
        Ok(name) => name.chars().map(small).collect::<String>().into_bytes(),
        Err(_) => name.to_vec(),
    }
}

/// Why servers that accept an entry would store another one:
///
/// - A null in a place without known fields: 1.8.7 panics, and again at each start, because the
///   write is in its log.
/// - A list of one element there becomes that element (since 1.8).
/// - A number there is read as a double.
#[must_use]
pub fn altered(kind: &[u8], entry: Node<'_>) -> Option<&'static str> {
    if !is_text(entry) {
        return Some("it has text that is not UTF-8, which JSON cannot express");
    }
    let of_kind = |of: &str| of.is_empty() || of.as_bytes() == kind;
    let mut found = None;
    for (_, path) in OPAQUE.iter().filter(|(of, _)| of_kind(of)) {
        each(entry, path, &mut |node| {
            if let Json::Object(members) = node.json() {
                for (_, member) in members {
                    if let Json::List(mut items) = member.json()
                        && items.next().is_some()
                        && items.next().is_none()
                    {
                        found = found
                            .or(Some("servers turn a list of one element in it into that element"));
                    }
                }
            }
            found = not_kept(node).or(found);
        });
    }
    found
}

/// Whether an entry has members that servers refuse.
#[must_use]
pub fn has_refused(kind: &[u8], entry: Node<'_>) -> bool {
    let mut found = false;
    for (_, path) in REFUSED.iter().filter(|(of, _)| of.as_bytes() == kind) {
        each(entry, path, &mut |node| {
            if let Json::Object(mut members) = node.json() {
                found |= members.next().is_some();
            }
        });
    }
    found
}

/// Calls `with` for every node at a path, through lists.
fn each<'n>(node: Node<'n>, path: &[&str], with: &mut dyn FnMut(Node<'n>)) {
    if let Json::List(items) = node.json() {
        items.for_each(|item| each(item, path, with));
    } else if let Some((name, rest)) = path.split_first() {
        if let Some(member) = node.get(name) {
            each(member, rest, with);
        }
    } else {
        with(node);
    }
}

/// The part of a value without known fields that does not reach the server unchanged.
fn not_kept(node: Node<'_>) -> Option<&'static str> {
    match node.json() {
        Json::Null => Some("servers may panic on a null in it"),
        Json::Uint(n) if n > EXACT => Some("servers round a large number in it"),
        Json::Int(n) if n.unsigned_abs() > EXACT => Some("servers round a large number in it"),
        Json::Bytes(_) => Some("it has bytes, which JSON cannot distinguish from text"),
        Json::List(mut items) => items.find_map(not_kept),
        Json::Object(mut members) => members.find_map(|(_, member)| not_kept(member)),
        _ => None,
    }
}

/// Whether all texts in a value are UTF-8, so JSON can express them.
#[must_use]
pub fn is_text(node: Node<'_>) -> bool {
    let is_utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
    match node.json() {
        Json::Text(text) => is_utf8(text),
        Json::List(mut items) => items.all(is_text),
        Json::Object(mut members) => members.all(|(key, member)| is_utf8(key) && is_text(member)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_objects::value::Tape;

    #[test]
    fn every_kind_is_written_by_its_own_name_only() {
        for (kind, name, fine) in [
            ("service-defaults", "../../kv/victim", true),
            ("proxy-defaults", "global", true),
            ("proxy-defaults", "web", false),
            ("mesh", "mesh", true),
            ("service-defaults", "", false),
            ("bound-api-gateway", "gw", false),
            ("../kv", "x", false),
            ("", "x", false),
        ] {
            assert_eq!(writable(kind.as_bytes(), name.as_bytes()).is_ok(), fine, "{kind}/{name}");
        }
        assert!(writable(b"service-defaults", b"\xff").is_err());
        let path = deletable(b"service-intentions", b"*");
        assert_eq!(path.as_deref(), Ok("service-intentions/%2A"));
        for name in ["../../kv/victim", "a//b", "%2e", "", "."] {
            assert!(deletable(b"service-defaults", name.as_bytes()).is_err(), "{name}");
        }
        assert_eq!(folded("WEB-\u{130}".as_bytes()), b"web-i");
    }

    #[test]
    fn what_servers_alter_is_seen_where_they_do_not_know_the_fields() {
        // Config: {"a": VALUE}
        let entry = |write: &dyn Fn(&mut Tape)| {
            let mut tape = Tape::new();
            tape.begin_object();
            tape.key(b"Config");
            tape.begin_object();
            tape.key(b"a");
            write(&mut tape);
            tape.end_object();
            tape.end_object();
            let of = |kind| tape.root().and_then(|entry| altered(kind, entry));
            assert_eq!(of(b"service-defaults"), None, "it has no field Config");
            of(b"proxy-defaults").is_some()
        };
        let list = |items: u64| {
            move |tape: &mut Tape| {
                tape.begin_list();
                (0..items).for_each(|n| tape.uint(n));
                tape.end_list();
            }
        };
        assert!(!entry(&list(0)) && entry(&list(1)) && !entry(&list(2)));
        assert!(entry(&|tape| tape.null()));
        assert!(!entry(&|tape| tape.uint(EXACT)) && entry(&|tape| tape.uint(EXACT + 1)));
        assert!(!entry(&|tape| tape.text(b"x")) && entry(&|tape| tape.bytes(b"x")));
        // Only a list directly in it is replaced by its element.
        assert!(!entry(&|tape| {
            tape.begin_object();
            tape.key(b"b");
            list(1)(tape);
            tape.end_object();
        }));
    }
}
