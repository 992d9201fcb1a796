//! The requested part of a table.

use crate::narrowing::Narrowing;
use crate::relation::{Relation, Rows};
use crate::schema::Holds;
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::KindId;
use std::sync::Arc;

/// The requested part of a table.
#[derive(Debug, Clone)]
pub struct Request {
    /// The table.
    pub relation: &'static Relation,
    /// The positions of the needed columns, ascending.
    pub columns: Vec<usize>,
    /// Selects the needed rows by ID. Other rows may come as well.
    pub narrowing: Narrowing,
    /// Selects the needed objects by all of their fields.
    pub filter: Option<Arc<Filter>>,
    /// Whether lists and maps are JSON instead of text for people.
    pub lists_as_json: bool,
}

impl Request {
    /// All rows of a table, with these columns.
    #[must_use]
    pub fn new(relation: &'static Relation, columns: Vec<usize>) -> Self {
        let narrowing = Narrowing::default();
        Self { relation, columns, narrowing, filter: None, lists_as_json: false }
    }

    /// The kinds that requested columns refer to.
    pub(super) fn referenced(&self) -> Vec<KindId> {
        let of_column = |column: &usize| match self.relation.rows {
            Rows::Objects(table) => match table.columns.get(*column)?.holds {
                Holds::Reference(reference) => Some(reference.to),
                _ => None,
            },
            Rows::Links(table) => (*column == 3).then_some(table.link.to),
            _ => None,
        };
        self.columns.iter().filter_map(of_column).collect()
    }

    /// Whether a requested column refers to other objects.
    #[must_use]
    pub fn has_references(&self) -> bool {
        !self.referenced().is_empty()
    }
}
