//! Compares two states of one object: how it changed, and which of its fields differ.
//!
//! Bookkeeping ([`ObjectKind::bookkeeping`]) never counts as a difference. A field that one side
//! does not store equals its zero value (another version of Consul may not have it). Sets are
//! compared by their members. Secrets are masked, but their changes remain visible.
//!
//! ```
//! use snapscope_analyze::compare::{Change, CompareOptions, Comparer};
//! use snapscope_decode::frames_of;
//! use snapscope_objects::kinds;
//! use snapscope_objects::row::{Reader, Row, RowOptions};
//!
//! fn row(bytes: &[u8]) -> Row {
//!     let mut reader = Reader::new(kinds::by_name("kv").expect("a kind"), RowOptions::default());
//!     let mut rows = Vec::new();
//!     for frame in frames_of(bytes) {
//!         reader.frame(&frame.expect("a record"), &mut |row| rows.push(row.clone()));
//!     }
//!     rows.remove(0)
//! }
//! let before = row(b"\x02\x83\xa5Flags\x01\xa3Key\xa9app/color\xa5Value\xa4blue");
//! let after = row(b"\x02\x83\xa5Flags\x01\xa3Key\xa9app/color\xa5Value\xa3red");
//! let comparer = Comparer::new(CompareOptions::default());
//! let found = comparer.difference(Some(&before), Some(&after)).expect("they differ");
//! assert_eq!(found.class.change, Change::Changed);
//! assert_eq!(found.fields[0].path, "Value");
//! ```

mod canonical;
mod details;
mod fields;
mod lines;
mod lookup;
mod masking;
mod same;
mod shown;

pub use details::{Detail, Digest, FieldChange};
pub use lines::{Line, Sign};

use crate::secrets::Scanner;
use fields::Walk;
use snapscope_objects::filter::Shape;
use snapscope_objects::kind::{ObjectKind, Parts};
use snapscope_objects::row::Row;

use std::ops::ControlFlow;

/// The change of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It is only in the second snapshot.
    Added,
    /// It is only in the first one.
    Removed,
    /// Its content differs.
    Changed,
    /// It was deleted and created again with the same content: only its `CreateIndex` differs.
    Recreated,
    /// Only bookkeeping differs.
    Touched,
}

impl Change {
    /// All of them, in the order summaries have.
    pub const ALL: [Self; 5] =
        [Self::Added, Self::Removed, Self::Changed, Self::Recreated, Self::Touched];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Recreated => "recreated",
            Self::Touched => "touched",
        }
    }
}

/// The change of an object, without details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectChange {
    /// Its change.
    pub change: Change,
    /// Whether it was deleted and created again; its content may differ as well.
    pub recreated: bool,
}

/// A difference between two states of an object.
#[derive(Debug)]
pub struct Difference {
    /// The kind of the object.
    pub kind: &'static ObjectKind,
    /// Its ID, masked if it holds a secret.
    pub id: Vec<u8>,
    /// Its change.
    pub class: ObjectChange,
    /// The fields that differ, if it is in both snapshots.
    pub fields: Vec<FieldChange>,
    /// The state before, with masked secrets.
    pub before: Option<Row>,
    /// The state after, with masked secrets.
    pub after: Option<Row>,
}

impl Difference {
    /// The name of an object that is identified by an ID that is not its name.
    #[must_use]
    pub fn name(&self) -> Option<Vec<u8>> {
        let row = self.after.as_ref().or(self.before.as_ref())?;
        let names = row.names();
        let name = names.get(1).filter(|_| self.kind.traits.called_by_id)?;
        Some(name.to_vec())
    }
}

/// What counts as a difference, and what is shown.
#[derive(Debug, Clone, Default)]
pub struct CompareOptions {
    /// Fields to ignore, by path: `Output`, `Meta.build`, with everything in them.
    pub ignore: Vec<String>,
    /// Whether to show secrets.
    pub show_secrets: bool,
    /// Whether every value of a key counts as a secret.
    pub hide_values: bool,
    /// Whether the sources of a service-intentions entry count as fields of the entry instead of as
    /// intentions.
    pub whole_entries: bool,
}

/// Compares two states of an object. Create one for all comparisons: it holds the secret scanner.
#[derive(Debug)]
pub struct Comparer {
    options: CompareOptions,
    scanner: Scanner,
}

impl Comparer {
    /// A comparer.
    #[must_use]
    pub fn new(options: CompareOptions) -> Self {
        Self { options, scanner: Scanner::new() }
    }

    /// Returns the change of an object from `before` to `after`; `None` if there is none.
    ///
    /// Both rows must be of one kind, with all their fields.
    #[must_use]
    pub fn class(&self, before: Option<&Row>, after: Option<&Row>) -> Option<ObjectChange> {
        let plain = |change| Some(ObjectChange { change, recreated: false });
        let (before, after) = match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => return plain(Change::Added),
            (Some(_), None) => return plain(Change::Removed),
            (Some(before), Some(after)) => (before, after),
        };
        let mut differs = false;
        let _ = self.walk(before, after, &mut |_, _, _| {
            differs = true;
            ControlFlow::Break(())
        });
        let recreated = was_made_anew(before, after);
        match (differs, recreated) {
            (true, recreated) => Some(ObjectChange { change: Change::Changed, recreated }),
            (false, true) => Some(ObjectChange { change: Change::Recreated, recreated }),
            (false, false) if was_touched(before, after) => plain(Change::Touched),
            (false, false) => None,
        }
    }

    /// The same with all details.
    #[must_use]
    pub fn difference(&self, before: Option<&Row>, after: Option<&Row>) -> Option<Difference> {
        let class = self.class(before, after)?;
        let one = after.or(before)?;
        let (shown_before, shown_after) = self.shown(before, after);
        let mut fields = Vec::new();
        if let (Some(before), Some(after)) = (before, after)
            && let (Some(shown_before), Some(shown_after)) = (&shown_before, &shown_after)
        {
            let is_set = |path: &[fields::Step]| fields::is_set(one.kind, path);
            let mut before_at = fields::Finder::new(shown_before.object());
            let mut after_at = fields::Finder::new(shown_after.object());
            let _ = self.walk(before, after, &mut |path, _, _| {
                let before = before_at.get(path).map(details::tape_of);
                let after = after_at.get(path).map(details::tape_of);
                fields.push(FieldChange {
                    path: fields::path_text(path),
                    detail: details::detail(before, after, is_set(path)),
                });
                ControlFlow::Continue(())
            });
        }
        Some(Difference {
            kind: one.kind,
            id: self.shown_id(one),
            class,
            fields,
            before: shown_before,
            after: shown_after,
        })
    }

    /// The ID to show: a key that contains a secret has a hash in its place.
    #[must_use]
    pub fn shown_id(&self, row: &Row) -> Vec<u8> {
        self.shown_name(row.id())
    }

    /// The same for an ID without its object.
    #[must_use]
    pub fn shown_name(&self, id: Vec<u8>) -> Vec<u8> {
        if self.options.show_secrets {
            return id;
        }
        self.scanner.masked_key(&id).unwrap_or(id)
    }

    fn walk(&self, before: &Row, after: &Row, visit: &mut fields::Visit<'_>) -> ControlFlow<()> {
        let mut walk =
            Walk { kind: before.kind, ignore: &self.options.ignore, path: Vec::new(), visit };
        let (b, a) = (before.object(), after.object());
        let shape = before.kind.shape_of(b);
        walk.members(b, a, &shape, &|name| {
            before.kind.bookkeeping.iter().any(|field| field.as_bytes() == name)
                || self.is_of_another(before, name)
        })
    }

    /// Whether a field belongs to another object that is compared separately.
    fn is_of_another(&self, row: &Row, name: &[u8]) -> bool {
        let traits = &row.kind.traits;
        let is_part = |parts: &Parts| {
            !self.options.whole_entries
                && parts.field.as_bytes() == name
                && (parts.of)(row.object())
        };
        traits.repeats.iter().any(|field| field.as_bytes() == name)
            || traits.parts.as_ref().is_some_and(is_part)
    }
}

fn uint(row: &Row, field: &str) -> u64 {
    row.get(field).and_then(|node| node.uint()).unwrap_or(0)
}

/// A version whose records do not have the index does not show it.
fn was_made_anew(before: &Row, after: &Row) -> bool {
    let (before, after) = (uint(before, "CreateIndex"), uint(after, "CreateIndex"));
    before != after && before > 0 && after > 0
}

fn was_touched(before: &Row, after: &Row) -> bool {
    before.kind.bookkeeping.iter().any(|field| {
        let (before, after) = (before.get(field), after.get(field));
        !same::same(before, after, &Shape::Any, false)
    })
}
