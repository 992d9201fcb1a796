//! Objects with masked secrets.

use super::Comparer;
use super::masking::{Where, masked};
use super::same::bytes_of;
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kinds::is_harmless;
use snapscope_objects::row::Row;
use snapscope_objects::value::{Json, Node, Tape};

/// A value to copy, and the state to compare with.
struct Copying<'c> {
    comparer: &'c Comparer,
    /// The key, if the object is one.
    key: Option<&'c [u8]>,
    /// Whether this is the later state, in which changes are marked.
    is_later: bool,
}

impl Comparer {
    /// An object with masked secret fields, and other values that look like secrets masked.
    #[must_use]
    pub fn masked(&self, row: &Row) -> Row {
        self.shown(None, Some(row)).1.unwrap_or_else(|| row.clone())
    }

    /// Both states with masked secrets.
    pub(super) fn shown(
        &self,
        before: Option<&Row>,
        after: Option<&Row>,
    ) -> (Option<Row>, Option<Row>) {
        if self.options.show_secrets {
            return (before.cloned(), after.cloned());
        }
        let shown = |row: &Row, other: Option<&Row>, is_later| {
            let paths = secret_paths(row, self.options.hide_values);
            let paths: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
            let key = is_key(row.kind).then(|| row.text("Key"));
            let mut tape = Tape::new();
            let copying = Copying { comparer: self, key, is_later };
            copying.copy(row.object(), other.map(Row::object), b"", &paths, &mut tape);
            Row::new(row.kind, tape)
        };
        // An object in only one snapshot has no changes.
        let is_later = before.is_some();
        (before.map(|row| shown(row, after, false)), after.map(|row| shown(row, before, is_later)))
    }
}

/// The fields of an object that are always secret.
fn secret_paths(row: &Row, hide_values: bool) -> Vec<Vec<&'static str>> {
    let mut paths: Vec<Vec<&str>> =
        row.kind.secrets.iter().map(|path| path.split('.').collect()).collect();
    let traits = &row.kind.traits;
    let more = (traits.also_secret)(row.object());
    paths.extend(
        more.iter().copied().chain(traits.value.filter(|_| hide_values)).map(|field| vec![field]),
    );
    paths
}

/// Whether objects of a kind are keys themselves: all their texts are the key, its value and an ID.
fn is_key(kind: &ObjectKind) -> bool {
    kind.traits.keyed && kind.object.is_some()
}

/// Whether a part of a path matches a member with that name.
fn leads_to(part: &str, name: &[u8]) -> bool {
    match part {
        "*" => true,
        "?" => !is_harmless(name),
        part => part.as_bytes() == name,
    }
}

impl Copying<'_> {
    /// Copies a value; `paths` lead from it to secrets, as those of an object kind do.
    fn copy(
        &self,
        node: Node<'_>,
        other: Option<Node<'_>>,
        name: &[u8],
        paths: &[&[&str]],
        out: &mut Tape,
    ) {
        match node.json() {
            Json::List(items) => {
                out.begin_list();
                let mut others = other.map(|other| other.items()).into_iter().flatten();
                items.for_each(|item| self.copy(item, others.next(), name, paths, out));
                out.end_list();
            }
            Json::Object(members) => {
                let whole = paths.iter().any(|path| path.is_empty());
                out.begin_object();
                for (name, value) in members {
                    let inside: Vec<&[&str]> = if whole {
                        vec![&[]]
                    } else {
                        paths
                            .iter()
                            .filter_map(|path| path.split_first())
                            .filter(|(first, _)| leads_to(first, name))
                            .map(|(_, rest)| rest)
                            .collect()
                    };
                    out.key(name);
                    let other = other.and_then(|other| other.get(name));
                    self.copy(value, other, name, &inside, out);
                }
                out.end_object();
            }
            Json::Text(text) | Json::Bytes(text) => {
                let whole = paths.iter().any(|path| path.is_empty());
                match self.masked(name, text, other.and_then(bytes_of), whole) {
                    Some(shown) => out.text(&shown),
                    None => node.render(out),
                }
            }
            _ => node.render(out),
        }
    }

    fn masked(
        &self,
        name: &[u8],
        text: &[u8],
        other: Option<&[u8]>,
        whole: bool,
    ) -> Option<Vec<u8>> {
        let scanner = &self.comparer.scanner;
        let place = match (whole, self.key) {
            (true, _) => Where::Whole,
            (false, Some(key)) if name == b"Value" => Where::Key(key),
            // Its other texts are the key, in two forms, and the session's ID.
            (false, Some(key)) if matches!(name, b"Key" | b"KeyBase64") => {
                let shown = scanner.masked_key(key)?;
                return Some(if name == b"Key" { shown } else { b"<masked>".to_vec() });
            }
            (false, Some(_)) => return None,
            (false, None) => Where::Field(name),
        };
        // A state without this text had another one.
        let other = self.is_later.then(|| other.unwrap_or(b""));
        masked(scanner, place, text, other)
    }
}
