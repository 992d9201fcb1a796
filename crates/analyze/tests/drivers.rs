//! Results come in order, whichever worker finishes first, and a pass ends when requested.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

use snapscope_analyze::{Jobs, Stop, ordered};
use snapscope_archive::{OpenOptions, Source, StoppedAt, Verdict, open};
use snapscope_testkit::generate::{Container, GenerateOptions, write_to};
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

/// The record does not matter to the order.
const STOP: Stop = Stop { at: StoppedAt { record: 1, bytes: 1 }, problems: 0 };

/// Numbers of the blocks in the order in which they were passed on, and how the pass ended.
fn pass(
    file: &Path,
    jobs: usize,
    mut then: impl FnMut(u64) -> io::Result<ControlFlow<Stop>> + Send,
) -> (Vec<u64>, io::Result<Verdict>) {
    let blocks = open(&Source::find(file).unwrap(), &OpenOptions::default()).unwrap();
    let mut handed_on = Vec::new();
    let outcome = ordered(
        blocks,
        Jobs(NonZeroUsize::new(jobs).unwrap()),
        |block, seq: &mut u64, _| {
            *seq = block.seq();
            // Every third one takes long, so that later ones finish before it.
            if seq.is_multiple_of(3) {
                std::thread::sleep(Duration::from_millis(3));
            }
        },
        |seq| {
            handed_on.push(*seq);
            then(*seq)
        },
    );
    (handed_on, outcome.map(|outcome| outcome.closing.integrity.verdict))
}

#[test]
fn results_are_handed_on_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.snap");
    let options = GenerateOptions { bytes: 24 << 20, ..GenerateOptions::default() };
    write_to(&options, Container::Snap, &file).unwrap();
    let go_on = |_| Ok(ControlFlow::Continue(()));
    let (all, verdict) = pass(&file, 1, go_on);
    assert!(all.len() > 10 && all.iter().copied().eq(0..all.len() as u64), "{all:?}");
    assert_eq!(verdict.unwrap(), Verdict::Verified);
    for jobs in [2, 3, 9] {
        let (handed_on, verdict) = pass(&file, jobs, go_on);
        assert_eq!(handed_on, all);
        assert_eq!(verdict.unwrap(), Verdict::Verified);

        let (handed_on, verdict) = pass(&file, jobs, |seq| match seq {
            5 => Ok(ControlFlow::Break(STOP)),
            _ => Ok(ControlFlow::Continue(())),
        });
        assert_eq!(handed_on, all[..6]);
        assert_eq!(verdict.unwrap(), Verdict::StoppedEarly);

        let (handed_on, error) = pass(&file, jobs, |seq| match seq {
            4 => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(ControlFlow::Continue(())),
        });
        assert_eq!(handed_on, all[..5]);
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
