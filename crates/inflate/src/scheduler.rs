//! Assigns segments to decoders: a queue that the output advances, and threads that run ahead.
//!
//! Segment k reaches from the first plausible block at or after byte k * size to the first one at
//! or after byte (k + 1) * size. The output's *head* is the first segment that it has not reached.
//! Segments are claimed in order, at most `ahead` of them from the head on.

use crate::finder;
use crate::hashing::HashQueue;
use crate::options::Plan;
use crate::segment::{Segment, Stop};
use crate::source::ReadAt;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

/// A decoded segment.
pub(crate) struct Found {
    pub(crate) segment: Segment,
    /// The bit at which it starts.
    pub(crate) start: u64,
    pub(crate) stop: Stop,
}

enum Slot {
    /// A thread is decoding it.
    Working,
    Found(Box<Found>),
    /// No plausible start, or it could not be read.
    Nothing,
}

struct Queue {
    /// The first segment that the output has not reached.
    head: u64,
    /// The claimed segments from the head on.
    slots: VecDeque<Slot>,
    /// Decoders for reuse.
    idle: Vec<Segment>,
    closed: bool,
}

/// The state of the segment at the output's head.
pub(crate) enum Head {
    /// Not started; it now belongs to the caller.
    Yours,
    /// It was decoded from the caller's position.
    Ready(Box<Found>),
    /// It is being decoded; the caller may decode this other one in the meantime.
    Busy(u64),
}

pub(crate) struct Scheduler {
    source: Arc<dyn ReadAt>,
    plan: Plan,
    size: u64,
    /// Number of segments of the source.
    count: u64,
    queue: Mutex<Queue>,
    /// Signals that there may be something to claim.
    room: Condvar,
    /// Signals that a segment was decoded.
    done: Condvar,
    /// A copy of the head, so that threads notice that their segment has become unnecessary.
    wanted: AtomicU64,
    hashes: OnceLock<Arc<HashQueue>>,
}

impl Scheduler {
    pub(crate) fn new(source: Arc<dyn ReadAt>, plan: Plan, size: u64) -> Self {
        Self {
            source,
            plan,
            size,
            count: if plan.threads > 1 { size.div_ceil(plan.segment) } else { 0 },
            queue: Mutex::new(Queue {
                // Segment 0 is the caller's: its start is known.
                head: 1,
                slots: VecDeque::new(),
                idle: Vec::new(),
                closed: false,
            }),
            room: Condvar::new(),
            done: Condvar::new(),
            wanted: AtomicU64::new(1),
            hashes: OnceLock::new(),
        }
    }

    pub(crate) fn source(&self) -> &dyn ReadAt {
        &*self.source
    }

    /// The queue that decoders hash meanwhile.
    pub(crate) fn hashes(&self) -> Option<&HashQueue> {
        self.hashes.get().map(|hashes| &**hashes)
    }

    /// Sets the queue that decoders hash meanwhile; later calls change nothing.
    pub(crate) fn set_hashes(&self, hashes: Arc<HashQueue>) {
        let _ = self.hashes.set(hashes);
    }

    /// The bit at which segment `k` ends and the next may begin.
    pub(crate) fn cut(&self, k: u64) -> u64 {
        k.saturating_mul(self.plan.segment).saturating_mul(8)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // A thread that panicked while it held the lock left consistent values.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops all threads; they notice it within one piece of input.
    pub(crate) fn close(&self) {
        self.wanted.store(u64::MAX, Ordering::Relaxed);
        self.lock().closed = true;
        self.room.notify_all();
    }

    /// A decoder for the caller.
    pub(crate) fn decoder(&self) -> Segment {
        self.lock().idle.pop().unwrap_or_else(|| Segment::new(self.size))
    }

    /// The output is at `bit`, the start of a dynamic block at or after the head's cut. Returns the
    /// segment that starts there; unless it is busy, the head moves past it.
    pub(crate) fn reach(&self, bit: u64, head: &mut u64) -> Head {
        let mut queue = self.lock();
        loop {
            if self.cut(queue.head + 1) <= bit {
                // A block extended over the whole segment.
                self.pass(&mut queue);
                continue;
            }
            let result = match queue.slots.front() {
                None => {
                    self.pass(&mut queue);
                    Head::Yours
                }
                Some(Slot::Working) => match self.claim(&mut queue) {
                    Some(k) => Head::Busy(k),
                    None => {
                        queue = self.done.wait(queue).unwrap_or_else(PoisonError::into_inner);
                        continue;
                    }
                },
                Some(Slot::Found(_) | Slot::Nothing) => match self.pass(&mut queue) {
                    Some(Slot::Found(found)) if found.start == bit => Head::Ready(found),
                    Some(Slot::Found(found)) => {
                        // The guess was wrong.
                        queue.idle.push(found.segment);
                        Head::Yours
                    }
                    _ => Head::Yours,
                },
            };
            *head = queue.head;
            return result;
        }
    }

    /// Advances the head by one and returns the segment that was there.
    fn pass(&self, queue: &mut Queue) -> Option<Slot> {
        queue.head += 1;
        self.wanted.fetch_max(queue.head, Ordering::Relaxed);
        let slot = queue.slots.pop_front();
        self.room.notify_one();
        slot
    }

    /// Returns a decoder for reuse.
    pub(crate) fn recycle(&self, segment: Segment) {
        self.lock().idle.push(segment);
    }

    fn claim(&self, queue: &mut Queue) -> Option<u64> {
        self.may_claim(queue).then(|| {
            queue.slots.push_back(Slot::Working);
            queue.head + queue.slots.len() as u64 - 1
        })
    }

    fn may_claim(&self, queue: &Queue) -> bool {
        let claimed = queue.slots.len() as u64;
        queue.head + claimed < self.count && claimed < self.plan.ahead
    }

    /// Decodes segment `k`, which the calling thread has claimed.
    pub(crate) fn decode(&self, k: u64) {
        let mut outcome = Outcome { scheduler: self, k, slot: Slot::Nothing, idle: None };
        let mut segment = self.decoder();
        let cancelled = || self.wanted.load(Ordering::Relaxed) > k;
        let (from, to) = (self.cut(k), self.cut(k + 1));
        match finder::find(&mut segment.input, self.source(), from, to, &cancelled) {
            Ok(true) => {
                let start = segment.input.position();
                segment.start(start, self.plan.tokens);
                let stop = segment.run(self.source(), to, self.hashes(), &cancelled);
                outcome.slot = Slot::Found(Box::new(Found { segment, start, stop }));
            }
            // The output encounters a failing read itself, at its position.
            Ok(false) | Err(_) => outcome.idle = Some(segment),
        }
    }

    /// Decodes everything that may be claimed.
    pub(crate) fn decode_all_ahead(&self) {
        loop {
            let claimed = self.claim(&mut self.lock());
            match claimed {
                Some(k) => self.decode(k),
                None => return,
            }
        }
    }

    /// The work of a thread other than the caller's.
    pub(crate) fn work(&self) {
        loop {
            let mut queue = self.lock();
            let k = loop {
                if queue.closed {
                    return;
                }
                if let Some(k) = self.claim(&mut queue) {
                    break k;
                }
                drop(queue);
                let was_idle = !self.hashes().is_some_and(HashQueue::idle);
                queue = self.lock();
                // The output may have advanced in the meantime.
                if was_idle && !queue.closed && !self.may_claim(&queue) {
                    queue = self.room.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
            };
            drop(queue);
            self.decode(k);
        }
    }
}

/// Reports the outcome of a claimed segment, even if its thread unwinds: the output waits for it.
struct Outcome<'a> {
    scheduler: &'a Scheduler,
    k: u64,
    slot: Slot,
    idle: Option<Segment>,
}

impl Drop for Outcome<'_> {
    fn drop(&mut self) {
        let mut queue = self.scheduler.lock();
        queue.idle.extend(self.idle.take());
        let slot = std::mem::replace(&mut self.slot, Slot::Nothing);
        let place = self
            .k
            .checked_sub(queue.head)
            .and_then(|place| usize::try_from(place).ok())
            .filter(|&place| place < queue.slots.len());
        match (place, slot) {
            (Some(place), slot) => queue.slots[place] = slot,
            (None, Slot::Found(found)) => queue.idle.push(found.segment),
            (None, _) => {}
        }
        drop(queue);
        self.scheduler.done.notify_one();
    }
}
