//! Content of views: tables of any length, of which a screen reads only a few lines, and pages of
//! text.

use super::keys::{Below, Child, Level};
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use snapscope_objects::kind::ObjectKind;
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In these bytes of the state, after `nth` other objects of its kind.
    Record { bytes: Range<u64>, nth: u32 },
    /// Wherever its ID is.
    Named(Vec<u8>),
}

/// What opens when a line is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Nothing; the text says what to do instead.
    Nothing(String),
    Keys(Below),
    List(&'static ObjectKind),
    Object(&'static ObjectKind, Place),
    Text(Arc<Page>),
}

/// The content of a cell: printable text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) is_number: bool,
}

impl Cell {
    pub(super) fn text(text: &[u8]) -> Self {
        Self { text: one_line(text), is_number: false }
    }

    pub(super) fn number(text: impl fmt::Display) -> Self {
        Self { text: text.to_string(), is_number: true }
    }
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) cells: Vec<Cell>,
    pub(super) target: Target,
    /// The default question about who can access it: `key read app/a`.
    pub(super) question: Option<String>,
    /// Whether its only cell is a sentence, which goes across all columns.
    pub(super) is_sentence: bool,
}

/// The heading of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) name: String,
    /// Its rank where not all columns fit: 1 is the most important after the first column, and 0 is
    /// the least.
    pub(super) rank: u8,
}

impl Heading {
    /// Headings with their ranks.
    pub(super) fn all<const N: usize>(headings: [(&str, u8); N]) -> Vec<Self> {
        headings.map(|(name, rank)| Self { name: name.to_owned(), rank }).to_vec()
    }
}

impl Line {
    /// A line that could not be read again.
    pub(super) fn broken(error: &io::Error) -> Self {
        let text = format!("({error})");
        let cells = vec![Cell::text(text.as_bytes())];
        Self { cells, target: Target::Nothing(text), question: None, is_sentence: true }
    }
}

/// The lines of a table.
pub(super) trait Rows: Send + Sync {
    fn len(&self) -> usize;

    /// A line; `n` is less than the number of lines.
    fn line(&self, n: usize) -> io::Result<Line>;
}

/// A table.
#[derive(Clone)]
pub(super) struct Table {
    pub(super) title: String,
    pub(super) columns: Vec<Heading>,
    pub(super) rows: Arc<dyn Rows>,
    /// The objects that a filter selects from.
    pub(super) objects: Option<Objects>,
    /// The note below it.
    pub(super) note: Option<String>,
    /// How many of the objects, listed or not, are imported from peers.
    pub(super) imported: u64,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows.len();
        f.debug_struct("Table")
            .field("title", &self.title)
            .field("rows", &rows)
            .finish_non_exhaustive()
    }
}

/// Objects of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Objects {
    pub(super) kind: &'static ObjectKind,
    /// Only the objects below a prefix.
    pub(super) below: Option<Below>,
    /// Only those that match.
    pub(super) filter: Option<String>,
    /// Those imported from peers, too.
    pub(super) with_imported: bool,
}

/// Text, a line each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Page {
    pub(super) title: String,
    /// Printable lines.
    pub(super) lines: Vec<String>,
    /// The default question about who can access it.
    pub(super) question: Option<String>,
}

/// Lines in memory.
#[derive(Debug, Clone, Default)]
pub(super) struct AtHand(pub(super) Vec<Line>);

impl Rows for AtHand {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn line(&self, n: usize) -> io::Result<Line> {
        self.0.get(n).cloned().ok_or_else(|| io::Error::other("the table has no such line"))
    }
}

/// A level of the tree of keys, with the kind of its objects.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    pub(super) level: Level,
    pub(super) kind: &'static ObjectKind,
}

impl Folder {
    pub(super) fn columns() -> Vec<Heading> {
        Heading::all([("name", 0), ("keys", 2), ("size", 1)])
    }

    fn target(&self, prefix: Vec<u8>, child: &Child) -> Target {
        if child.is_folder() {
            return Target::Keys(Below { prefix, keys: child.keys.clone() });
        }
        let bytes = self.level.bytes(&child.keys);
        Target::Object(self.kind, Place::Record { bytes, nth: 0 })
    }
}

impl Rows for Folder {
    fn len(&self) -> usize {
        self.level.len()
    }

    fn line(&self, n: usize) -> io::Result<Line> {
        let child = self.level.child(n)?;
        let full = [self.level.below.prefix.as_slice(), &child.name].concat();
        // A key whose name is the prefix itself.
        let name = if child.name.is_empty() { b"(the key itself)" } else { child.name.as_slice() };
        let question = question("key", &full);
        let cells = vec![
            Cell::text(name),
            Cell::number(child.keys.len()),
            Cell::number(byte_size(child.size)),
        ];
        Ok(Line { cells, target: self.target(full, &child), question, is_sentence: false })
    }
}

/// The question who can read an object; `None` if its name cannot be typed. Some resources have no
/// names.
pub(super) fn question(resource: &str, name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let question = format!("{resource} read {name}");
    let question = if name.is_empty() { question.trim_end().to_owned() } else { question };
    (one_line(name.as_bytes()) == name).then_some(question)
}

/// The first line after or before `from` that contains a text, ignoring case. The search wraps
/// around.
pub(super) fn find(
    rows: &dyn Rows,
    text: &str,
    from: usize,
    backwards: bool,
    goes_on: &dyn Fn() -> bool,
) -> io::Result<Option<usize>> {
    let text = text.to_lowercase();
    let count = rows.len();
    for step in 1..=count {
        let at = if backwards { from + count - step } else { from + step } % count;
        if !goes_on() {
            break;
        }
        if rows.line(at)?.cells.iter().any(|cell| cell.text.to_lowercase().contains(&text)) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> AtHand {
        let line = |name: &&str| Line {
            cells: vec![Cell::text(name.as_bytes())],
            target: Target::Nothing(String::new()),
            question: None,
            is_sentence: false,
        };
        AtHand(names.iter().map(line).collect())
    }

    #[test]
    fn a_search_starts_over_at_the_end() {
        let rows = names(&["Web", "db", "web-2", "api"]);
        let found = |text, from, back| find(&rows, text, from, back, &|| true).unwrap();
        assert_eq!(found("web", 0, false), Some(2));
        assert_eq!(found("WEB", 2, false), Some(0));
        assert_eq!(found("web", 0, true), Some(2));
        assert_eq!(found("db", 1, false), Some(1));
        assert_eq!(found("nope", 1, false), None);
        assert_eq!(find(&names(&[]), "a", 0, false, &|| true).unwrap(), None);
    }

    #[test]
    fn a_name_that_cannot_be_typed_is_not_asked_about() {
        assert_eq!(question("key", b"a b ").as_deref(), Some("key read a b "));
        assert_eq!(question("acl", b"").as_deref(), Some("acl read"));
        assert_eq!(question("key", b"a\x1b"), None);
        assert_eq!(question("key", b"\xff"), None);
    }
}
