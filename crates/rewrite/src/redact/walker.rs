//! The context of a walk.

use super::fields::{Planned, Table};
use snapscope_decode::schema::Schema;
use std::collections::HashMap;
use std::sync::Arc;

/// Walks over records. Each worker has its own.
pub(super) struct Walker<'t> {
    pub(super) table: &'t Table,
    plans: HashMap<usize, Arc<[Planned]>>,
}

impl<'t> Walker<'t> {
    pub(super) fn new(table: &'t Table) -> Self {
        Self { table, plans: HashMap::new() }
    }

    /// The treatment of a struct's fields.
    pub(super) fn planned(&mut self, schema: &'static Schema) -> Arc<[Planned]> {
        let at = std::ptr::from_ref(schema).addr();
        let table = self.table;
        Arc::clone(self.plans.entry(at).or_insert_with(|| table.plan(schema).into()))
    }
}
