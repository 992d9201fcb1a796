//! Objects with masked secrets.

use super::Comparer;
use super::lookup::Lookup;
use super::masking::{Where, masked};
use snapscope_decode::Kind;
use snapscope_objects::filter::Shape;
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kinds::Disclosure;
use snapscope_objects::row::Row;
use snapscope_objects::value::{Json, Node, Tape};
use std::borrow::Cow;

/// A value to copy, and the state to compare with.
struct Copying<'c> {
    comparer: &'c Comparer,
    /// The key, if it is a KV entry.
    key: Option<&'c [u8]>,
    /// Whether its `KeyBase64` is the key in another form, not a field of a newer version.
    keyed: bool,
    /// Whether the object's `Value` is always a secret.
    hides_value: bool,
    /// Whether this is the later state, in which changes are marked.
    is_later: bool,
}

impl Comparer {
    /// An object with masked secret fields, and other values that look like secrets masked. Nothing is copied if it
    /// has none.
    #[must_use]
    pub fn masked<'r>(&self, row: &'r Row) -> Cow<'r, Row> {
        if self.options.show_secrets {
            return Cow::Borrowed(row);
        }
        let copying = self.copying(row, false);
        let disclosure = Disclosure::of(exact_shape(row));
        if !copying.has_secret(row.object(), b"", &disclosure) {
            return Cow::Borrowed(row);
        }
        let copy = |tape: &mut Tape| copying.copy(row.object(), None, b"", &disclosure, tape);
        Cow::Owned(row.copied(copy))
    }

    /// How an object is copied.
    fn copying<'c>(&'c self, row: &'c Row, is_later: bool) -> Copying<'c> {
        Copying {
            comparer: self,
            key: is_key(row.kind).then(|| row.text("Key")),
            keyed: row.kind.traits.keyed,
            hides_value: self.hides_value(row),
            is_later,
        }
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
            let copying = self.copying(row, is_later);
            let disclosure = Disclosure::of(exact_shape(row));
            row.copied(|tape| {
                copying.copy(row.object(), other.map(Row::object), b"", &disclosure, tape);
            })
        };
        // An object in only one snapshot has no changes.
        let is_later = before.is_some();
        (before.map(|row| shown(row, after, false)), after.map(|row| shown(row, before, is_later)))
    }

    /// Whether the field `Value` of an object is always a secret.
    fn hides_value(&self, row: &Row) -> bool {
        let traits = &row.kind.traits;
        self.options.hide_values && traits.value.is_some() || (traits.hides_value)(row.object())
    }
}

/// Whether objects of a kind are keys, so that their only texts are key, value and an ID.
fn is_key(kind: &ObjectKind) -> bool {
    kind.traits.keyed && kind.object.is_some()
}

/// The shape of this object: each type of resource has its own fields.
fn exact_shape(row: &Row) -> Shape {
    if row.kind.from != [Kind::RESOURCE] {
        return row.kind.shape_of(row.object());
    }
    let part = |name| row.object().at(["id", "type", name]).and_then(|node| node.text());
    let parts = ["group", "groupVersion", "kind"].map(|name| part(name).unwrap_or(&[]));
    Shape::resource(&parts.join(&b'.'))
}

/// Whether there can be text in a value.
fn may_hold_text(value: Node<'_>) -> bool {
    match value.json() {
        Json::Text(text) | Json::Bytes(text) => !text.is_empty(),
        Json::List(items) => !items.is_empty(),
        Json::Object(members) => !members.is_empty(),
        _ => false,
    }
}

impl Copying<'_> {
    /// Whether a value contains anything that is masked.
    fn has_secret(&self, node: Node<'_>, name: &[u8], disclosure: &Disclosure) -> bool {
        match node.json() {
            Json::List(mut items) => items.any(|item| self.has_secret(item, name, disclosure)),
            Json::Object(mut members) => members.any(|(name, value)| {
                may_hold_text(value)
                    && self.has_secret(value, name, &self.disclosure_of(name, disclosure))
            }),
            Json::Text(text) | Json::Bytes(text) => {
                self.masked(name, text, None, disclosure.hides_text()).is_some()
            }
            _ => false,
        }
    }

    /// How much of a member may be shown.
    fn disclosure_of(&self, name: &[u8], of_object: &Disclosure) -> Disclosure {
        match name {
            b"Value" if self.hides_value => Disclosure::secret(),
            b"KeyBase64" if self.keyed => Disclosure::harmless(),
            name => of_object.member(name),
        }
    }

    /// Copies a value; `disclosure` is how much of it may be shown.
    fn copy(
        &self,
        node: Node<'_>,
        other: Option<Node<'_>>,
        name: &[u8],
        disclosure: &Disclosure,
        out: &mut Tape,
    ) {
        match node.json() {
            Json::List(items) => {
                out.begin_list();
                let mut others = other.map(|other| other.items()).into_iter().flatten();
                items.for_each(|item| self.copy(item, others.next(), name, disclosure, out));
                out.end_list();
            }
            Json::Object(members) => {
                out.begin_object();
                let others = other.map(Lookup::of);
                for (name, value) in members {
                    let inside = self.disclosure_of(name, disclosure);
                    out.key(name);
                    let other = others.as_ref().and_then(|others| others.get(name));
                    self.copy(value, other, name, &inside, out);
                }
                out.end_object();
            }
            Json::Text(text) | Json::Bytes(text) => {
                let whole = disclosure.hides_text();
                match self.masked(name, text, other.and_then(|other| other.bytes()), whole) {
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
