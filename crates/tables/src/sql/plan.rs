//! How SQLite reads a table: the columns and rows that it needs.
//!
//! A plan is passed on as text, because SQLite keeps only text of it. `EXPLAIN QUERY PLAN` shows
//! the same text; [`Plan::in_line`] parses it to find out in advance what a statement reads.

use crate::cells::Value;
use crate::narrowing::{Bound, Condition, Narrowing};
use crate::relation::{Relation, Rows, relation};
use crate::scan::Request;
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
use rusqlite::types::ValueRef;
use rusqlite::vtab::{Filters, IndexConstraintOp, IndexInfo};
use snapscope_objects::kind::KindId;
use std::collections::HashSet;
use std::fmt;

/// The number of the column `snapshot`. It comes before those of the table.
pub(super) const SNAPSHOT: usize = 0;
/// The number of the column with IDs.
const ID: usize = 1;
/// The last bit of a mask of columns also means all further ones.
const MOST_COLUMNS: usize = 63;
/// Ends the text of a plan.
const END: char = '!';

/// The use of an argument of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Equal,
    OneOf,
    Above,
    AtLeast,
    Below,
    AtMost,
    Like,
    Glob,
    /// The snapshot's name.
    Snapshot,
    /// Rows with this value in a column are looked up, once for each row of another table.
    LookUp(usize),
}

const LETTERS: [(Use, char); 9] = [
    (Use::Equal, '='),
    (Use::OneOf, 'i'),
    (Use::Above, '>'),
    (Use::AtLeast, 'g'),
    (Use::Below, '<'),
    (Use::AtMost, 'l'),
    (Use::Like, 'L'),
    (Use::Glob, 'G'),
    (Use::Snapshot, 's'),
];

/// A way to read a table.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    relation: &'static Relation,
    /// The needed columns, one bit for each.
    columns: u64,
    uses: Vec<Use>,
}

/// The arguments of a plan.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) narrowing: Narrowing,
    /// The snapshot, by name.
    pub(super) snapshot: Option<Vec<u8>>,
    /// The column in which rows are looked up, and the value.
    pub(super) look_up: Option<(usize, rusqlite::types::Value)>,
    /// No row can have such a value.
    pub(super) is_nothing: bool,
}

impl Plan {
    /// Chooses how to read a table, and reports the cost to SQLite.
    pub(super) fn choose(
        relation: &'static Relation,
        info: &mut IndexInfo,
    ) -> rusqlite::Result<()> {
        let mut plan = Self { relation, columns: info.col_used(), uses: Vec::new() };
        let usable: Vec<(usize, usize, IndexConstraintOp)> = info
            .constraints()
            .enumerate()
            .filter(|(_, constraint)| constraint.is_usable())
            .filter_map(|(at, constraint)| {
                Some((at, usize::try_from(constraint.column()).ok()?, constraint.operator()))
            })
            .collect();
        let has_ids = matches!(relation.rows, Rows::Objects(_) | Rows::Links(_));
        let mut look_ups = Vec::new();
        for (at, column, operator) in usable {
            let is_equal = operator == IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ;
            // Other collations match IDs that differ in bytes.
            if is_equal && info.collation(at)? != "BINARY" {
                continue;
            }
            let is_known = info.rhs_value(at)?.is_some();
            let use_of_id = (column == ID && has_ids).then(|| use_of(&operator)).flatten();
            if is_equal && info.is_in_constraint(at)? {
                if use_of_id.is_some() && info.set_in_constraint(at, true)? {
                    plan.pass(info, at, Use::OneOf);
                }
            } else if is_equal && !is_known {
                look_ups.push((at, column));
            } else if is_equal && column == SNAPSHOT {
                plan.pass(info, at, Use::Snapshot);
            } else if let Some(as_what) = use_of_id.filter(|_| is_known)
                && (!is_compared(as_what) || info.collation(at)? == "BINARY")
            {
                plan.pass(info, at, as_what);
            }
        }
        // IDs select the fewest rows, names of snapshots the most.
        look_ups.sort_by_key(|(_, column)| match *column {
            ID => 0,
            SNAPSHOT => 2,
            _ => 1,
        });
        let look_up = look_ups.first().copied();
        if let Some((at, column)) = look_up {
            plan.pass(info, at, Use::LookUp(column));
            plan.columns |= 1 << column.min(MOST_COLUMNS);
        }
        plan.cost(info, look_up.is_some());
        info.set_idx_str(&plan.to_string());
        Ok(())
    }

    fn pass(&mut self, info: &mut IndexInfo, at: usize, what: Use) {
        self.uses.push(what);
        let number = i32::try_from(self.uses.len()).unwrap_or(i32::MAX);
        info.constraint_usage(at).set_argv_index(number);
    }

    /// It is better to read a large table once, with look-ups in others, than to look up rows in
    /// it.
    fn cost(&self, info: &mut IndexInfo, is_look_up: bool) {
        let rows: i32 = if self.relation.is_large() { 1_000_000 } else { 10_000 };
        let is = |what: &[Use]| self.uses.iter().any(|used| what.contains(used));
        let (cost, found) = match is_look_up {
            true if self.relation.is_large() => (rows / 3, 2),
            true => (10, 2),
            false if is(&[Use::Equal]) => (rows / 2, 1),
            false if is(&[Use::OneOf]) => (rows / 2, 10),
            false if self.uses.is_empty() => (rows, rows),
            false => (rows / 3 * 2, rows / 4),
        };
        info.set_estimated_cost(f64::from(cost));
        info.set_estimated_rows(i64::from(found));
    }

    /// Parses the text of a plan.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (name, rest) = text.strip_suffix(END)?.split_once('|')?;
        let (columns, uses) = rest.split_once('|')?;
        let read = |text: &str| match text.strip_prefix('?') {
            Some(column) => column.parse().ok().map(Use::LookUp),
            None => LETTERS.iter().find(|(_, c)| text.starts_with(*c)).map(|(what, _)| *what),
        };
        let uses = uses.split(',').filter(|text| !text.is_empty());
        Some(Self {
            relation: relation(name)?,
            columns: u64::from_str_radix(columns, 16).ok()?,
            uses: uses.map(read).collect::<Option<_>>()?,
        })
    }

    /// The plan in a line of `EXPLAIN QUERY PLAN`, if it is about a table of a snapshot.
    pub(super) fn in_line(line: &str) -> Option<Self> {
        let (_, rest) = line.split_once(" VIRTUAL TABLE INDEX ")?;
        let (_, text) = rest.split_once(':')?;
        Self::read(text.get(..=text.find(END)?)?)
    }

    /// Whether rows are looked up.
    pub(super) fn is_look_up(&self) -> bool {
        self.looked_up().is_some()
    }

    /// The column in which rows are looked up.
    pub(super) fn looked_up(&self) -> Option<usize> {
        self.uses.iter().find_map(|used| match used {
            Use::LookUp(column) => Some(*column),
            _ => None,
        })
    }

    /// The position of a column among those that are read.
    pub(super) fn position(&self, column: usize) -> Option<usize> {
        let columns = self.request().columns;
        columns.iter().position(|known| Some(*known) == column.checked_sub(ID))
    }

    pub(super) const fn relation(&self) -> &'static Relation {
        self.relation
    }

    /// The request for all rows.
    pub(super) fn request(&self) -> Request {
        let is_needed = |column: &usize| self.columns & 1 << (column + ID).min(MOST_COLUMNS) != 0;
        let columns = (0..self.relation.columns.len()).filter(is_needed).collect();
        Request::new(self.relation, columns)
    }

    /// Parses the arguments.
    pub(super) fn arguments(&self, values: &Filters<'_>) -> rusqlite::Result<Arguments> {
        let mut out = Arguments::default();
        for (at, what) in self.uses.iter().enumerate() {
            if *what == Use::OneOf {
                let mut bounds = HashSet::new();
                let mut is_text = true;
                let mut list = values.in_values(at)?;
                while let Some(value) = list.next()? {
                    match bound(ValueRef::from(value)) {
                        Some(bound) => drop(bounds.insert(bound)),
                        None => is_text = false,
                    }
                }
                if is_text {
                    out.narrowing.0.push(Condition::OneOf(bounds));
                }
                continue;
            }
            let value: rusqlite::types::Value = values.get(at)?;
            if value == rusqlite::types::Value::Null {
                // Null equals nothing.
                out.is_nothing = true;
                return Ok(out);
            }
            let known = bound(ValueRef::from(&value));
            match (what, known) {
                (Use::LookUp(column), _) => out.look_up = Some((*column, value)),
                (Use::Snapshot, Some(Bound::Text(name))) => out.snapshot = Some(name),
                (Use::Snapshot, _) => {}
                (what, Some(bound)) => out.narrowing.0.extend(condition(*what, bound)),
                // SQLite converts numbers to text before it compares them with IDs, in its own way.
                (_, None) => {}
            }
        }
        Ok(out)
    }
}

/// The use of a comparison with an ID.
const fn use_of(operator: &IndexConstraintOp) -> Option<Use> {
    Some(match operator {
        IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ => Use::Equal,
        IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GT => Use::Above,
        IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GE => Use::AtLeast,
        IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LT => Use::Below,
        IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LE => Use::AtMost,
        IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LIKE => Use::Like,
        IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GLOB => Use::Glob,
        _ => return None,
    })
}

/// Whether values are compared, according to a collation.
const fn is_compared(what: Use) -> bool {
    !matches!(what, Use::Like | Use::Glob)
}

fn bound(value: ValueRef<'_>) -> Option<Bound> {
    match value {
        ValueRef::Text(text) => Some(Bound::Text(text.to_vec())),
        ValueRef::Blob(bytes) => Some(Bound::Blob(bytes.to_vec())),
        _ => None,
    }
}

fn condition(what: Use, bound: Bound) -> Option<Condition> {
    // Other characters may match bytes that are not UTF-8.
    let prefix = |bound: Bound, specials: &[u8]| match bound {
        Bound::Text(pattern) => {
            let is_plain = |byte: &u8| byte.is_ascii() && *byte != 0 && !specials.contains(byte);
            Some(pattern.into_iter().take_while(is_plain).collect::<Vec<u8>>())
        }
        Bound::Blob(_) => None,
    };
    Some(match what {
        Use::Equal => Condition::Equal(bound),
        Use::Above => Condition::Above(bound, false),
        Use::AtLeast => Condition::Above(bound, true),
        Use::Below => Condition::Below(bound, false),
        Use::AtMost => Condition::Below(bound, true),
        Use::Glob => Condition::Prefix(prefix(bound, b"*?[")?),
        Use::Like => Condition::PrefixInAnyCase(prefix(bound, b"%_")?),
        Use::OneOf | Use::Snapshot | Use::LookUp(_) => return None,
    })
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{:x}|", self.relation.name, self.columns)?;
        for (at, what) in self.uses.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            match (what, LETTERS.iter().find(|(known, _)| known == what)) {
                (Use::LookUp(column), _) => write!(f, "?{column}")?,
                (_, Some((_, letter))) => write!(f, "{letter}")?,
                (_, None) => {}
            }
        }
        write!(f, "{END}")
    }
}

impl Relation {
    /// Whether it may have very many rows, so that it is read on demand wherever possible.
    pub(super) fn is_large(&self) -> bool {
        match self.rows {
            Rows::Objects(table) => table.kind.id == KindId::Kv,
            Rows::Records => true,
            _ => false,
        }
    }

    /// Whether it is read completely before a statement that also reads other tables.
    pub(super) fn is_read_ahead(&self) -> bool {
        !self.is_large()
    }
}

/// A value as SQLite has it.
pub(super) const fn to_sqlite(value: Value<'_>) -> ValueRef<'_> {
    match value {
        Value::Null => ValueRef::Null,
        Value::Int(n) => ValueRef::Integer(n),
        Value::Real(x) => ValueRef::Real(x),
        Value::Text(text) => ValueRef::Text(text),
        Value::Blob(bytes) => ValueRef::Blob(bytes),
    }
}
