//! Work on several threads, with results in order.

use anyhow::Result;
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Passes what `produce` makes through `prepare`, in order, then through `work`, on several
/// threads, and the results to `take`, in the original order. If `take` fails or stops, `produce`
/// stops.
pub(super) fn in_order<B: Send, R: Send, T>(
    workers: NonZeroUsize,
    mut prepare: impl FnMut(&mut B) + Send,
    work: impl Fn(B) -> R + Sync,
    mut take: impl FnMut(R) -> io::Result<ControlFlow<()>> + Send,
    produce: impl FnOnce(&mut dyn FnMut(B) -> ControlFlow<()>) -> Result<T>,
) -> Result<T> {
    let ahead = workers.get() * 2;
    let (to_prepare, made) = sync_channel::<B>(ahead);
    let (to_work, work_left) = sync_channel::<(B, SyncSender<R>)>(ahead);
    let (to_take, results) = sync_channel::<Receiver<R>>(ahead);
    let work_left = Mutex::new(work_left);
    thread::scope(|scope| {
        for _ in 0..workers.get() {
            scope.spawn(|| {
                loop {
                    let next = work_left.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((batch, done)) = next else { break };
                    // If taking has failed, nobody waits for it.
                    let _ = done.send(work(batch));
                }
            });
        }
        let taker = scope.spawn(move || {
            for result in results {
                // A panicking worker ends the whole scope.
                let Ok(result) = result.recv() else { break };
                if take(result)?.is_break() {
                    break;
                }
            }
            Ok(())
        });
        scope.spawn(move || {
            for mut batch in made {
                prepare(&mut batch);
                let (done, result) = sync_channel(1);
                if to_take.send(result).is_err() || to_work.send((batch, done)).is_err() {
                    break;
                }
            }
        });
        let produced = produce(&mut |batch| match to_prepare.send(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        });
        drop(to_prepare);
        let taken: io::Result<()> = match taker.join() {
            Ok(taken) => taken,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        taken?;
        produced
    })
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
