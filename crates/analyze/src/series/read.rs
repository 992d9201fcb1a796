//! Runs the same question on many snapshots.

use super::find::Named;
use crate::drivers::{Fold, Jobs, Outcome, fold};
use crate::identity::{ClusterName, Identity};
use snapscope_archive::{OpenError, OpenOptions, open};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The result for one snapshot: its cluster and the answer, or the system's error.
pub type Answer<T> = Result<Outcome<(ClusterName, T)>, OpenError>;

/// Reads snapshots and runs the question that `new` creates on each; `keep` selects what to keep of
/// its answer. Answers are in the order of `named`.
///
/// A worker handles a snapshot alone, from inflating to the answer: threads that share one would
/// only wait for each other. With fewer snapshots than jobs, the jobs are divided among them.
pub fn read<F: Fold, T: Send>(
    named: &[&Named],
    jobs: Jobs,
    options: &OpenOptions,
    new: impl Fn() -> F + Sync,
    keep: impl Fn(usize, F::Out) -> T + Sync,
) -> Vec<Answer<T>> {
    let workers = jobs.0.get().min(named.len()).max(1);
    let each = NonZeroUsize::new(jobs.0.get() / workers).unwrap_or(NonZeroUsize::MIN);
    let options = OpenOptions { threads: each.get(), hash_state: true, ..options.clone() };
    let one = |at: usize, named: &Named| -> Answer<T> {
        let blocks = open(&named.source, &options)?;
        let Outcome { out: (name, answer), closing, problems } =
            fold(blocks, Jobs(each), || (Identity::default(), new()));
        Ok(Outcome { out: (name, keep(at, answer)), closing, problems })
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut answers = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(named) = named.get(at) else { break };
            answers.push((at, one(at, named)));
        }
        answers
    };
    let mut answers = std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut answers = work();
        for other in others {
            match other.join() {
                Ok(theirs) => answers.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        answers
    });
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
