//! The two ways through a snapshot: fold it, or map it in order.
//!
//! Workers take blocks one by one from the shared stream: while one folds its block, another reads,
//! hashes and splits the next. Results are the same for any number of workers.

use snapscope_archive::{Blocks, Closing, StoppedAt};
use snapscope_decode::{Block, FieldError, Frame, Kind};
use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Number of threads that process blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jobs(pub NonZeroUsize);

impl Jobs {
    /// Returns more workers, so that cores do not idle while a worker waits for the stream or for
    /// its result's turn. They read further ahead, so this is not for a pass that may end early.
    #[must_use]
    pub fn and_spare(self) -> Self {
        match self.0.get() {
            1 => self,
            _ => Self(self.0.saturating_add(2)),
        }
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }
}

/// A record with intact framing whose content does not fit its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Number of the record in the file, from 1.
    pub number: u64,
    /// Its offset in `state.bin`.
    pub offset: u64,
    /// Its type.
    pub kind: Kind,
    /// What is wrong.
    pub error: FieldError,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { number, offset, kind, error } = self;
        write!(f, "record {number} ({kind}, at byte {offset} of state.bin): {error}")
    }
}

/// Problems: the first ones, and their number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    /// The first ones in the file.
    pub first: Vec<Problem>,
    /// How many there are.
    pub count: u64,
}

impl Problems {
    /// Maximum number of problems kept.
    pub const KEPT: usize = 20;

    /// Adds a record's problem.
    pub fn add(&mut self, frame: &Frame<'_>, error: FieldError) {
        self.count += 1;
        if self.first.len() < Self::KEPT {
            let Frame { number, offset, kind, .. } = *frame;
            self.first.push(Problem { number, offset, kind, error });
        }
    }

    /// Drops the problems after the record with this number; `count` problems were found up to its
    /// end.
    fn cut(&mut self, record: u64, count: u64) {
        self.count = count;
        self.first.retain(|problem| problem.number <= record);
    }

    /// Merges the problems of two workers.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first.extend(other.first);
        self.first.sort_by_key(|problem| problem.number);
        self.first.truncate(Self::KEPT);
    }
}

/// A question that is answered by reading every record once.
pub trait Fold: Send + Sized {
    /// The answer.
    type Out;
    /// Reads a record. Records are in order, but a worker does not see all of them.
    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems);
    /// Merges the results of two workers; which of them saw which records must not matter.
    fn merge(&mut self, other: Self);
    /// Returns the answer, at the end.
    fn finish(self, closing: &Closing) -> Self::Out;
    /// Whether reading a record costs less than moving it to another core's cache, so that one
    /// worker is faster than several.
    fn is_light(&self) -> bool {
        false
    }
    /// Whether it needs all records in order although it is not light: one worker reads them, on a thread apart from
    /// the one that splits the stream, if there are several.
    fn is_in_order(&self) -> bool {
        false
    }
}

/// Two questions in one pass.
impl<A: Fold, B: Fold> Fold for (A, B) {
    type Out = (A::Out, B::Out);

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        self.0.frame(frame, problems);
        self.1.frame(frame, problems);
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
        self.1.merge(other.1);
    }

    fn finish(self, closing: &Closing) -> Self::Out {
        (self.0.finish(closing), self.1.finish(closing))
    }

    fn is_light(&self) -> bool {
        self.0.is_light() && self.1.is_light()
    }

    fn is_in_order(&self) -> bool {
        self.0.is_in_order() || self.1.is_in_order()
    }
}

/// An optional question.
impl<F: Fold> Fold for Option<F> {
    type Out = Option<F::Out>;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if let Some(question) = self {
            question.frame(frame, problems);
        }
    }

    fn merge(&mut self, other: Self) {
        if let (Some(question), Some(other)) = (self, other) {
            question.merge(other);
        }
    }

    fn finish(self, closing: &Closing) -> Self::Out {
        self.map(|question| question.finish(closing))
    }

    fn is_light(&self) -> bool {
        self.as_ref().is_none_or(Fold::is_light)
    }

    fn is_in_order(&self) -> bool {
        self.as_ref().is_some_and(Fold::is_in_order)
    }
}

/// An answer, and whether it can be trusted.
#[derive(Debug, Clone)]
pub struct Outcome<T> {
    /// The answer.
    pub out: T,
    /// What is known about the container.
    pub closing: Closing,
    /// Malformed records.
    pub problems: Problems,
}

impl<T> Outcome<T> {
    /// Whether something is missing, changed or cannot be trusted.
    pub fn is_damaged(&self) -> bool {
        self.closing.is_damaged() || self.problems.count > 0
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers a question by folding all records; `new` creates an empty answer for each worker.
pub fn fold<F: Fold>(
    mut blocks: Blocks,
    jobs: Jobs,
    new: impl Fn() -> F + Sync,
) -> Outcome<F::Out> {
    let work = |next: &mut dyn FnMut() -> Option<Block>| {
        let mut answer = new();
        let mut problems = Problems::default();
        while let Some(block) = next() {
            for frame in block.frames() {
                answer.frame(&frame, &mut problems);
            }
        }
        (answer, problems)
    };
    let probe = new();
    let (is_light, is_in_order) = (probe.is_light(), probe.is_in_order());
    drop(probe);
    let mut parts = if jobs.0.get() == 1 || is_light {
        vec![work(&mut || blocks.next())]
    } else if is_in_order {
        vec![apart(&mut blocks, work)]
    } else {
        let shared = Mutex::new(&mut blocks);
        std::thread::scope(|scope| {
            let run = || work(&mut || locked(&shared).next());
            let others = 1..jobs.and_spare().0.get();
            let others: Vec<_> = others.map(|_| scope.spawn(run)).collect();
            let mut parts = vec![run()];
            for other in others {
                match other.join() {
                    Ok(part) => parts.push(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            parts
        })
    };
    let closing = blocks.finish();
    let (mut answer, mut problems) = parts.swap_remove(0);
    for (other, found) in parts {
        answer.merge(other);
        problems.merge(found);
    }
    Outcome { out: answer.finish(&closing), closing, problems }
}

/// Folds on another thread what the caller's thread reads.
fn apart<T: Send>(
    blocks: &mut Blocks,
    work: impl Fn(&mut dyn FnMut() -> Option<Block>) -> T + Sync,
) -> T {
    let (send, receive) = sync_channel(QUEUED);
    std::thread::scope(|scope| {
        let folding = scope.spawn(|| {
            let receive = receive;
            work(&mut || receive.recv().ok())
        });
        // It ends early only with a panic, which is passed on below.
        let _ = blocks.try_for_each(|block| send.send(block));
        drop(send);
        folding.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Where the sink of [`ordered`] ends the pass: after this record of its current result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The record.
    pub at: StoppedAt,
    /// Number of problems in the result's block up to the end of that record.
    pub problems: u64,
}

/// Why an ordered pass ended before the last record.
enum Ended {
    No,
    Stop(StoppedAt),
    /// A worker panicked.
    Broken,
    Failed(io::Error),
}

/// Ends the pass if its worker panics: the others would wait for its turn forever.
struct Awaken<'a, T> {
    window: &'a Mutex<Window<T>>,
    turn: &'a Condvar,
}

impl<T> Drop for Awaken<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            locked(self.window).ended = Ended::Broken;
            self.turn.notify_all();
        }
    }
}

struct Window<T> {
    /// The block whose result is passed on next.
    due: u64,
    /// Results that wait for their turn, by block, with their problems.
    ready: BTreeMap<u64, (T, Problems)>,
    /// Whether a worker is passing results on.
    handing: bool,
    /// Results for reuse.
    spare: Vec<T>,
    ended: Ended,
    problems: Problems,
}

impl<T> Window<T> {
    const fn goes_on(&self) -> bool {
        matches!(self.ended, Ended::No)
    }
}

/// Blocks that wait for the thread that folds them in order.
const QUEUED: usize = 2;

/// Maximum number of blocks finished ahead of the one that is due, for any number of workers. This
/// bounds memory.
const AHEAD: u64 = 4;

/// Passes on the results that are due, until one is missing or the pass ends.
fn hand_on<'w, T, S>(
    mut state: MutexGuard<'w, Window<T>>,
    window: &'w Mutex<Window<T>>,
    turn: &Condvar,
    sink: &Mutex<S>,
) -> MutexGuard<'w, Window<T>>
where
    S: FnMut(&mut T) -> io::Result<ControlFlow<Stop>>,
{
    while state.goes_on() {
        let due = state.due;
        let Some((mut result, mut problems)) = state.ready.remove(&due) else { break };
        drop(state);
        let given = locked(sink)(&mut result);
        state = locked(window);
        state.due += 1;
        match given {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(stop)) => {
                problems.cut(stop.at.record, stop.problems);
                state.ended = Ended::Stop(stop.at);
            }
            Err(e) => state.ended = Ended::Failed(e),
        }
        state.problems.merge(problems);
        state.spare.push(result);
        turn.notify_all();
    }
    state
}

/// Maps blocks on all workers and passes the results to `sink` in order; results are reused for
/// later blocks.
///
/// `sink` may end the pass early: it returns `Break` with the last record that it needs. The
/// outcome then depends on that record alone, not on how far the workers were ahead: nothing is
/// verified, and problems of later records are not reported.
///
/// # Errors
/// If `sink` fails.
pub fn ordered<T: Send + Default>(
    mut blocks: Blocks,
    jobs: Jobs,
    map: impl Fn(&Block, &mut T, &mut Problems) + Sync,
    mut sink: impl FnMut(&mut T) -> io::Result<ControlFlow<Stop>> + Send,
) -> io::Result<Outcome<()>> {
    if jobs.0.get() == 1 {
        return ordered_alone(blocks, map, sink);
    }
    let window = Mutex::new(Window {
        due: 0,
        ready: BTreeMap::new(),
        handing: false,
        spare: Vec::new(),
        ended: Ended::No,
        problems: Problems::default(),
    });
    let turn = Condvar::new();
    let sink = Mutex::new(&mut sink);
    {
        let hashing = blocks.hashing();
        let shared = Mutex::new(&mut blocks);
        let worker = || {
            let _guard = Awaken { window: &window, turn: &turn };
            loop {
                let Some(block) = locked(&shared).next() else { break };
                let mut result = locked(&window).spare.pop().unwrap_or_default();
                let mut problems = Problems::default();
                map(&block, &mut result, &mut problems);
                let seq = block.seq();
                drop(block);
                let mut state = locked(&window);
                while seq.saturating_sub(state.due) >= AHEAD && state.goes_on() {
                    state = turn.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                state.ready.insert(seq, (result, problems));
                // The worker that is passing results on also passes this one on, so other workers
                // wait only if they are far ahead.
                if !state.handing {
                    state.handing = true;
                    state = hand_on(state, &window, &turn, &sink);
                    state.handing = false;
                }
                let goes_on = state.goes_on();
                drop(state);
                if !goes_on {
                    break;
                }
                hashing.help();
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..jobs.0.get() {
                scope.spawn(worker);
            }
            worker();
        });
    }
    let window = window.into_inner().unwrap_or_else(PoisonError::into_inner);
    let closing = match window.ended {
        Ended::Failed(e) => return Err(e),
        Ended::Stop(at) => blocks.stop_at(at),
        Ended::No | Ended::Broken => blocks.finish(),
    };
    Ok(Outcome { out: (), closing, problems: window.problems })
}

/// The same on the caller's thread.
fn ordered_alone<T: Default>(
    mut blocks: Blocks,
    map: impl Fn(&Block, &mut T, &mut Problems),
    mut sink: impl FnMut(&mut T) -> io::Result<ControlFlow<Stop>>,
) -> io::Result<Outcome<()>> {
    let mut problems = Problems::default();
    let mut result = T::default();
    while let Some(block) = blocks.next() {
        let mut found = Problems::default();
        map(&block, &mut result, &mut found);
        drop(block);
        let stop = sink(&mut result)?.break_value();
        if let Some(stop) = stop {
            found.cut(stop.at.record, stop.problems);
        }
        problems.merge(found);
        if let Some(stop) = stop {
            return Ok(Outcome { out: (), closing: blocks.stop_at(stop.at), problems });
        }
    }
    Ok(Outcome { out: (), closing: blocks.finish(), problems })
}
