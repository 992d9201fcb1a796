//! Work on several threads, with results in order.

use anyhow::Result;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Maximum number of batches before each stage, for each worker.
const AHEAD: usize = 4;

/// Passes what `produce` makes through `prepare`, in order, then through `work`, on several
/// threads, and the results to `take`, in the original order. If `take` fails or stops, `produce`
/// stops.
///
/// The number of threads is that of the workers and includes the caller's. Only one of them
/// prepares batches, and it does other work only while there are none to prepare. The others do
/// the rest. With a thread for each stage, the slowest stage would share its core with the others.
pub(super) fn in_order<B: Send, R: Send, T>(
    workers: NonZeroUsize,
    prepare: impl FnMut(&mut B) + Send,
    work: impl Fn(B) -> R + Sync,
    take: impl FnMut(R) -> io::Result<ControlFlow<()>> + Send,
    produce: impl FnOnce(&mut dyn FnMut(B) -> ControlFlow<()>) -> Result<T>,
) -> Result<T> {
    let line = Line {
        queues: Mutex::new(Queues::new(workers.get().saturating_mul(AHEAD))),
        changed: Condvar::new(),
        prepare: Mutex::new(prepare),
        work,
        take: Mutex::new(take),
    };
    let produced = thread::scope(|scope| {
        for number in 1..workers.get() {
            let role = if number == 1 { Role::Prepares } else { Role::Helps };
            let line = &line;
            scope.spawn(move || line.run(role, |queues| queues.is_finished()));
        }
        let role = if workers.get() == 1 { Role::Prepares } else { Role::Helps };
        let _stop = StopOnPanic(&line.queues, &line.changed);
        let produced = produce(&mut |batch| line.give(role, batch));
        line.lock().is_all_made = true;
        line.changed.notify_all();
        line.run(role, |queues| queues.is_finished());
        produced
    });
    match line.queues.into_inner().unwrap_or_else(PoisonError::into_inner).failure {
        Some(failure) => Err(failure.into()),
        None => produced,
    }
}

/// The role of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Prepares batches, and helps while there are none to prepare.
    Prepares,
    Helps,
}

/// The stages, and what waits between them.
struct Line<B, R, P, W, K> {
    queues: Mutex<Queues<B, R>>,
    changed: Condvar,
    prepare: Mutex<P>,
    work: W,
    take: Mutex<K>,
}

struct Queues<B, R> {
    /// Maximum length of each.
    ahead: usize,
    made: VecDeque<B>,
    prepared: VecDeque<(u64, B)>,
    results: BTreeMap<u64, R>,
    is_preparing: bool,
    working: usize,
    /// Number of threads that wait for a change.
    waiting: usize,
    is_taking: bool,
    /// Numbers of the next batch to prepare and to take.
    next_prepared: u64,
    next_taken: u64,
    is_all_made: bool,
    /// No further batch is needed.
    is_stopped: bool,
    failure: Option<io::Error>,
}

/// The next task.
enum Task<B, R> {
    Take(R),
    Prepare(B),
    Work(u64, B),
}

impl<B, R> Queues<B, R> {
    const fn new(ahead: usize) -> Self {
        Self {
            ahead,
            made: VecDeque::new(),
            prepared: VecDeque::new(),
            results: BTreeMap::new(),
            is_preparing: false,
            working: 0,
            waiting: 0,
            is_taking: false,
            next_prepared: 0,
            next_taken: 0,
            is_all_made: false,
            is_stopped: false,
            failure: None,
        }
    }

    fn next(&mut self, role: Role) -> Option<Task<B, R>> {
        let has_room = self.prepared.len() + self.working + self.results.len() < self.ahead;
        if role == Role::Prepares
            && has_room
            && let Some(batch) = self.made.pop_front()
        {
            self.is_preparing = true;
            return Some(Task::Prepare(batch));
        }
        if !self.is_taking
            && let Some(result) = self.results.remove(&self.next_taken)
        {
            self.is_taking = true;
            return Some(Task::Take(result));
        }
        let (number, batch) = self.prepared.pop_front()?;
        self.working += 1;
        Some(Task::Work(number, batch))
    }

    fn is_finished(&self) -> bool {
        let is_empty = self.made.is_empty() && self.prepared.is_empty() && self.results.is_empty();
        let is_idle = !self.is_preparing && self.working == 0 && !self.is_taking;
        self.is_stopped || (self.is_all_made && is_empty && is_idle)
    }
}

impl<B, R, P, W, K> Line<B, R, P, W, K>
where
    P: FnMut(&mut B),
    W: Fn(B) -> R,
    K: FnMut(R) -> io::Result<ControlFlow<()>>,
{
    fn lock(&self) -> MutexGuard<'_, Queues<B, R>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a batch. If enough are waiting, does other work until half of them are prepared.
    fn give(&self, role: Role, batch: B) -> ControlFlow<()> {
        let mut queues = self.lock();
        queues.made.push_back(batch);
        let is_full = queues.made.len() >= queues.ahead;
        let is_awaited = queues.waiting > 0;
        drop(queues);
        if is_awaited {
            self.changed.notify_all();
        }
        if is_full {
            self.run(role, |queues| queues.is_stopped || queues.made.len() <= queues.ahead / 2);
        }
        if self.lock().is_stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Works on tasks until `is_enough` returns true.
    fn run(&self, role: Role, is_enough: impl Fn(&Queues<B, R>) -> bool) {
        let _stop = StopOnPanic(&self.queues, &self.changed);
        let mut queues = self.lock();
        while !is_enough(&queues) {
            let Some(task) = queues.next(role) else {
                queues.waiting += 1;
                queues = self.changed.wait(queues).unwrap_or_else(PoisonError::into_inner);
                queues.waiting -= 1;
                continue;
            };
            drop(queues);
            queues = self.perform(task);
            if queues.waiting > 0 {
                self.changed.notify_all();
            }
        }
    }

    fn perform(&self, task: Task<B, R>) -> MutexGuard<'_, Queues<B, R>> {
        match task {
            Task::Prepare(mut batch) => {
                (self.prepare.lock().unwrap_or_else(PoisonError::into_inner))(&mut batch);
                let mut queues = self.lock();
                queues.is_preparing = false;
                let number = queues.next_prepared;
                queues.next_prepared += 1;
                queues.prepared.push_back((number, batch));
                queues
            }
            Task::Work(number, batch) => {
                let result = (self.work)(batch);
                let mut queues = self.lock();
                queues.working -= 1;
                queues.results.insert(number, result);
                queues
            }
            Task::Take(result) => {
                let taken = (self.take.lock().unwrap_or_else(PoisonError::into_inner))(result);
                let mut queues = self.lock();
                queues.is_taking = false;
                queues.next_taken += 1;
                match taken {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => queues.is_stopped = true,
                    Err(failure) => {
                        queues.failure = Some(failure);
                        queues.is_stopped = true;
                    }
                }
                queues
            }
        }
    }
}

/// Ends the other threads if this one panics. The scope passes the panic on.
struct StopOnPanic<'l, B, R>(&'l Mutex<Queues<B, R>>, &'l Condvar);

impl<B, R> Drop for StopOnPanic<'_, B, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).is_stopped = true;
            self.1.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKERS: NonZeroUsize = NonZeroUsize::new(3).unwrap();

    #[test]
    fn results_are_in_order() {
        let mut taken = Vec::new();
        let made = in_order(
            WORKERS,
            |number: &mut u64| *number += 1,
            |number: u64| {
                thread::sleep(std::time::Duration::from_micros(number * 37 % 11));
                number * 2
            },
            |result| {
                taken.push(result);
                Ok(ControlFlow::Continue(()))
            },
            |give| {
                for number in 0..500 {
                    assert!(give(number).is_continue());
                }
                Ok(7)
            },
        );
        assert_eq!(made.unwrap(), 7);
        assert!(taken.into_iter().eq((1..=500).map(|number| number * 2)));
    }

    #[test]
    fn a_failure_to_take_stops_what_makes() {
        let mut made = 0u64;
        let failed = in_order(
            WORKERS,
            |_| {},
            |number: u64| number,
            |_| Err(io::ErrorKind::BrokenPipe.into()),
            |give| {
                while give(made).is_continue() {
                    made += 1;
                }
                Ok(())
            },
        );
        assert!(failed.is_err() && made < 1000, "{made}");
    }

    #[test]
    fn no_more_is_taken_than_is_wanted() {
        let (mut made, mut taken) = (0u64, 0u64);
        let done = in_order(
            WORKERS,
            |_| {},
            |number: u64| number,
            |_| {
                taken += 1;
                Ok(if taken < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            },
            |give| {
                while give(made).is_continue() {
                    made += 1;
                }
                Ok(())
            },
        );
        assert!(done.is_ok() && taken == 5 && made < 1000, "{taken} {made}");
    }
}
