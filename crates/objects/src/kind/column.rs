//! Columns of tables.

use super::cell::CellValue;
use crate::filter::{Selector, Shape, parse};
use crate::nearest;
use crate::value::Node;

/// A column of a kind's table.
#[derive(Debug)]
pub struct Column {
    /// Its name, in lower case with dashes.
    pub name: &'static str,
    /// Its content.
    pub cell: Cell,
    /// Whether only wide tables show it.
    pub wide: bool,
    /// Its rank on screens where not all columns fit: 1 is the most important after the name. The
    /// columns of rank 0 come last, in the order of the table.
    pub rank: u8,
}

/// Where the content of a column comes from.
#[derive(Debug)]
pub enum Cell {
    /// A field, by its path with dots.
    Field(&'static str),
    /// It is computed.
    Made {
        /// The outermost fields that it uses.
        from: &'static [&'static str],
        /// Computes it.
        make: for<'t> fn(Node<'t>) -> CellValue<'t>,
    },
}

/// A chosen column: one of the table's, or any selector.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// One of the table's.
    Column(&'static Column),
    /// A selector as in filters.
    Selector(Selector),
}

/// A name that is neither a column nor a selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown column {name:?} of {kind}; {}", self.hint())]
pub struct UnknownColumn {
    /// The kind's name.
    pub kind: &'static str,
    /// The requested name.
    pub name: String,
    /// The known columns.
    pub columns: Vec<&'static str>,
    /// The known outermost fields.
    pub fields: Vec<&'static str>,
}

impl UnknownColumn {
    fn hint(&self) -> String {
        let known = self.columns.iter().chain(&self.fields).copied();
        match nearest(&self.name, known) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => {
                let (columns, fields) = (self.columns.join(", "), self.fields.join(", "));
                format!("known columns: {columns}, and any selector: {fields}")
            }
        }
    }
}

impl Column {
    /// The cell of an object in this column.
    #[must_use]
    pub fn cell<'t>(&self, object: Node<'t>) -> CellValue<'t> {
        match &self.cell {
            Cell::Field(_) => self.field(object).map_or(CellValue::Nothing, CellValue::from),
            Cell::Made { make, .. } => make(object),
        }
    }

    /// The field that it shows, if it is not computed and the object has the field.
    #[must_use]
    pub fn field<'t>(&self, object: Node<'t>) -> Option<Node<'t>> {
        match &self.cell {
            // Most paths are a single name, and looking that up is faster than splitting it.
            Cell::Field(path) => match path.bytes().any(|b| b == b'.') {
                false => object.get(path),
                true => object.at(path.split('.')),
            },
            Cell::Made { .. } => None,
        }
    }

    /// Whether it uses a field without showing it.
    #[must_use]
    pub fn is_made_of(&self, field: &str) -> bool {
        matches!(self.cell, Cell::Made { from, .. } if from.contains(&field))
    }

    /// The outermost fields that it uses.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        let (field, made) = match &self.cell {
            Cell::Field(path) => (path.split('.').next(), &[][..]),
            Cell::Made { from, .. } => (None, *from),
        };
        field.into_iter().chain(made.iter().copied())
    }
}

impl Chosen {
    /// Finds a column by its name (any case), or a selector.
    pub(super) fn find(columns: &'static [Column], shape: &Shape, name: &str) -> Option<Self> {
        if let Some(column) = columns.iter().find(|c| c.name.eq_ignore_ascii_case(name)) {
            return Some(Self::Column(column));
        }
        let selector = selector(name)?;
        selector.path.iter().try_fold(shape.clone(), |shape, name| shape.member(name))?;
        Some(Self::Selector(selector))
    }

    /// The heading.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Column(column) => column.name.to_owned(),
            Self::Selector(selector) => selector.to_string(),
        }
    }

    /// The rank on narrow screens.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Column(column) => column.rank,
            Self::Selector(_) => 0,
        }
    }

    /// Returns the content of this column for an object.
    #[must_use]
    pub fn cell<'t>(&self, object: Node<'t>) -> CellValue<'t> {
        match self {
            Self::Column(column) => column.cell(object),
            Self::Selector(selector) => {
                let path = &selector.path;
                let found = path.iter().try_fold(object, |node, name| node.get(name));
                found.map_or(CellValue::Nothing, CellValue::from)
            }
        }
    }

    /// The outermost fields that it needs.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        match self {
            Self::Column(column) => column.fields().map(str::to_owned).collect(),
            Self::Selector(selector) => {
                let first = selector.path.first();
                first.map(|name| String::from_utf8_lossy(name).into_owned()).into_iter().collect()
            }
        }
    }
}

/// A single selector.
fn selector(text: &str) -> Option<Selector> {
    match parse(&format!("{text} is empty")).ok()? {
        crate::filter::Expr::Match(statement) => Some(statement.selector),
        _ => None,
    }
}
