//! State that the tables of a database share: the snapshots, and copies of tables during a
//! statement.

use super::copy::{Copy, Copying};
use super::plan::Plan;
use crate::scan::{Batch, collect};
use crate::snapshot::Snapshot;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Snapshots, and the state of their tables during a statement.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) snapshots: Vec<Arc<Snapshot>>,
    /// Their names.
    pub(super) names: Vec<String>,
    /// The bytes of a large table's copy that may be in memory.
    memory: usize,
    statement: Mutex<Statement>,
}

/// Of a statement.
#[derive(Debug, Default)]
struct Statement {
    /// Tables that are copied in one pass once one of them is needed, by their plans.
    ahead: Vec<String>,
    copies: HashMap<String, Arc<Copy>>,
    /// Number of look-ups by plan.
    look_ups: HashMap<String, u64>,
}

impl Session {
    pub(super) fn new(snapshots: Vec<Arc<Snapshot>>, memory: usize) -> Self {
        let names = snapshots.iter().map(|snapshot| snapshot.name()).collect();
        Self { snapshots, names, memory, statement: Mutex::default() }
    }

    fn statement(&self) -> MutexGuard<'_, Statement> {
        self.statement.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a statement that reads tables by these plans.
    pub(super) fn begin(&self, plans: Vec<Plan>) {
        let is_alone = plans.len() == 1;
        let is_copied = |plan: &Plan| match is_alone {
            true => plan.request().has_references(),
            false => plan.relation().is_read_ahead() || plan.is_look_up(),
        };
        let mut ahead: Vec<String> =
            plans.iter().filter(|plan| is_copied(plan)).map(ToString::to_string).collect();
        ahead.sort_unstable();
        ahead.dedup();
        *self.statement() = Statement { ahead, ..Statement::default() };
    }

    /// The copy for a plan, if it exists or is needed.
    ///
    /// # Errors
    /// If a snapshot cannot be read.
    pub(super) fn copy(&self, plan: &Plan, is_repeated: bool) -> io::Result<Option<Arc<Copy>>> {
        let name = plan.to_string();
        let wanted = {
            let mut statement = self.statement();
            if let Some(copy) = statement.copies.get(&name) {
                return Ok(Some(Arc::clone(copy)));
            }
            let look_ups = statement.look_ups.entry(name.clone()).or_default();
            *look_ups += u64::from(plan.is_look_up());
            let is_needed = is_repeated || *look_ups > 1 || plan.request().has_references();
            if statement.ahead.contains(&name) {
                statement.ahead.clone()
            } else if is_needed {
                vec![name.clone()]
            } else {
                return Ok(None);
            }
        };
        let copies = self.read(&wanted)?;
        let mut statement = self.statement();
        statement.copies.extend(copies);
        Ok(statement.copies.get(&name).map(Arc::clone))
    }

    /// Copies tables, in one pass over each snapshot.
    fn read(&self, wanted: &[String]) -> io::Result<Vec<(String, Arc<Copy>)>> {
        let plans: Vec<Plan> = wanted.iter().filter_map(|text| Plan::read(text)).collect();
        let requests: Vec<_> = plans.iter().map(Plan::request).collect();
        let mut copies: Vec<Copying<'_>> =
            plans.iter().map(|plan| Copying::new(plan, &self.names, self.memory)).collect();
        for (number, snapshot) in self.snapshots.iter().enumerate() {
            let mut take = |at: usize, batch: &mut Batch| match copies.get_mut(at) {
                Some(copy) => copy.take(number, batch),
                None => Ok(()),
            };
            let tables = collect(snapshot, &requests, &mut take)?;
            for (copy, table) in copies.iter_mut().zip(tables) {
                copy.keep(number, table);
            }
        }
        let finished =
            |(plan, copy): (&Plan, Copying<'_>)| Ok((plan.to_string(), Arc::new(copy.finish()?)));
        plans.iter().zip(copies).map(finished).collect()
    }
}
