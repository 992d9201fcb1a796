//! Carries out a plan.

use super::decide::comparer;
use super::endpoints::INTENTIONS_BY_NAME;
use super::model::{Planned, Written};
use super::pace::Pace;
use super::plan::Plan;
use super::{Action, Cluster, Folder, Verdict};
use crate::client::{Client, ClientError, Limits};
use snapscope_analyze::compare::Comparer;
use snapscope_objects::kind::KindId;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How to write.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether to write regardless of the cluster's current state.
    pub overwrite: bool,
    /// Maximum number of writes in a second.
    pub rate: Option<u32>,
    /// Counts the completed writes.
    pub done: Arc<AtomicU64>,
}

/// The result of carrying out a plan.
#[derive(Debug, Default)]
pub struct Report {
    /// How the writes ended, by the position of the object in the plan; `None` if they did not.
    pub results: Vec<Option<Written>>,
    /// Why it ended before everything was written.
    pub stopped: Option<String>,
}

impl Report {
    /// Number of writes that were done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.results.iter().filter(|result| matches!(result, Some(Written::Done(_)))).count()
    }
}

/// Carries out a plan in order, and records the outcome of each step in the journal. The report is
/// complete even if the future is dropped before its end.
pub async fn carry_out(
    client: &Client,
    (plan, cluster): (&Plan, &Cluster),
    folder: &mut Folder,
    options: &Options,
    report: &RefCell<Report>,
) {
    report.borrow_mut().results = vec![None; plan.objects.len()];
    let run = Run {
        client,
        plan,
        limits: cluster.limits,
        intentions_by_name: cluster.version.is_some_and(|v| INTENTIONS_BY_NAME.contains(v)),
        overwrite: options.overwrite,
        folder: RefCell::new(folder),
        report,
        pace: Pace::new(options.rate),
        comparer: comparer(),
        done: &options.done,
    };
    run.note_known();
    run.keys().await;
    for deletes in [false, true] {
        for kinds in run.by_kind(deletes) {
            run.one_kind(&kinds).await;
        }
    }
    let flushed = run.folder.borrow().flush();
    if let Err(e) = flushed {
        run.stop(format!("the journal cannot be written: {e}"));
    }
}

/// A run.
pub(super) struct Run<'r> {
    pub(super) client: &'r Client,
    pub(super) plan: &'r Plan,
    pub(super) limits: Limits,
    /// Whether these servers write intentions by their names.
    pub(super) intentions_by_name: bool,
    pub(super) overwrite: bool,
    folder: RefCell<&'r mut Folder>,
    report: &'r RefCell<Report>,
    pub(super) pace: Pace,
    pub(super) comparer: Comparer,
    done: &'r AtomicU64,
}

impl Run<'_> {
    /// Whether nothing more may be sent.
    pub(super) fn is_stopped(&self) -> bool {
        self.report.borrow().stopped.is_some()
    }

    /// Stops all further requests.
    pub(super) fn stop(&self, why: String) {
        self.report.borrow_mut().stopped.get_or_insert(why);
    }

    /// An object of the plan.
    pub(super) fn planned(&self, at: usize) -> Option<&Planned> {
        self.plan.objects.get(at)
    }

    /// Records how the writes of objects ended.
    pub(super) fn ended(&self, at: &[usize], how: &Written) {
        let steps: Vec<usize> = at.iter().filter_map(|at| self.planned(*at)?.wanted.step).collect();
        let noted = self.folder.borrow_mut().note(&steps, how);
        if let Err(e) = noted {
            self.stop(format!("the journal cannot be written: {e}"));
        }
        let mut report = self.report.borrow_mut();
        for at in at {
            if let Some(result) = report.results.get_mut(*at) {
                *result = Some(how.clone());
            }
        }
        self.done.fetch_add(at.len() as u64, Ordering::Relaxed);
    }

    /// Whether an error is worth another attempt; the pause was already made.
    pub(super) async fn is_worth_a_try(&self, error: &ClientError, tries: &mut u32) -> bool {
        if !error.is_passing() || *tries >= self.client.retries() || self.is_stopped() {
            return false;
        }
        *tries += 1;
        super::pace::pause(*tries).await;
        true
    }

    /// The answer to a request that only reads, repeated if that helps.
    pub(super) async fn patiently<T>(
        &self,
        ask: impl AsyncFn() -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let mut tries = 0;
        loop {
            match ask().await {
                Err(e) if self.is_worth_a_try(&e, &mut tries).await => {}
                answer => return answer,
            }
        }
    }

    /// Records in the journal what a resumed run finds done or changed.
    fn note_known(&self) {
        let known = |is: fn(&Verdict) -> bool| -> Vec<usize> {
            let objects = self.plan.objects.iter().enumerate();
            let found = objects.filter(|(_, one)| one.wanted.step.is_some() && is(&one.verdict));
            found.map(|(at, _)| at).collect()
        };
        let equal = known(|verdict| *verdict == Verdict::Equal);
        if !equal.is_empty() {
            self.ended(&equal, &Written::Done(None));
        }
        let conflicts = known(|verdict| matches!(verdict, Verdict::Conflict(_)));
        for at in conflicts {
            let why = self.planned(at).and_then(|planned| planned.verdict.why());
            self.ended(&[at], &Written::Conflict(why.unwrap_or_default().to_owned()));
        }
    }

    /// The writes of objects other than keys, by kind and in order.
    fn by_kind(&self, deletes: bool) -> Vec<(KindId, Vec<usize>)> {
        let mut kinds: Vec<(KindId, Vec<usize>)> = Vec::new();
        for (at, planned) in self.plan.objects.iter().enumerate() {
            let kind = planned.wanted.kind;
            let is_one =
                planned.action().is_some_and(|action| (action == Action::Delete) == deletes);
            if !is_one || kind == KindId::Kv {
                continue;
            }
            match kinds.last_mut() {
                Some((last, objects)) if *last == kind => objects.push(at),
                _ => kinds.push((kind, vec![at])),
            }
        }
        kinds
    }

    async fn one_kind(&self, (kind, objects): &(KindId, Vec<usize>)) {
        match kind {
            KindId::ConfigEntries => self.entries(objects).await,
            _ => self.singles(objects).await,
        }
    }
}
