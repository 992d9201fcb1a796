//! The recordings.

use crate::client::Client;
use crate::recording::{Recording, Request};
use crate::{compare, exceptions, served};
use snapscope_archive::Source;
use snapscope_serve::Settings;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Number of parallel requests, some of which wait.
const AT_ONCE: usize = 24;

/// Number of requests in a row of the table, and how many of them had other answers.
#[derive(Default)]
struct Tally {
    asked: usize,
    excepted: usize,
    different: usize,
}

fn replay(version: &str) {
    let recording = Recording::read(version);
    let now = served(Source::File(recording.snapshot.clone()), Settings::default());
    let mut later = Settings::default();
    later.basis.at = Some(recording.after_expiry);
    let later = served(Source::File(recording.snapshot.clone()), later);
    let shown = std::env::var("SNAPSCOPE_REPLAY").ok();
    let next = AtomicUsize::new(0);
    let tallies: Mutex<BTreeMap<&str, Tally>> = Mutex::default();
    let first_differences: Mutex<Vec<String>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut clients = [Client::new(now), Client::new(later)];
                while let Some(request) =
                    recording.requests.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let client = &mut clients[usize::from(request.is_after_expiry)];
                    let difference = difference(client, request);
                    let excepted = exceptions::reason(version, request);
                    let mut tallies = tallies.lock().unwrap_or_else(PoisonError::into_inner);
                    let tally = tallies.entry(&request.row).or_default();
                    tally.asked += 1;
                    let Some(difference) = difference else { continue };
                    if excepted.is_some() {
                        tally.excepted += 1;
                        continue;
                    }
                    tally.different += 1;
                    let mut all = first_differences.lock().unwrap_or_else(PoisonError::into_inner);
                    if shown.as_ref().is_some_and(|row| request.row.starts_with(row.as_str())) {
                        all.push(format!("{request}\n    {difference}"));
                    }
                }
            });
        }
    });
    let tallies = tallies.into_inner().unwrap();
    let mut wrong = 0;
    for (row, Tally { asked, excepted, different }) in &tallies {
        if *different > 0 || *excepted > 0 {
            eprintln!("{version} {row}: {asked} asked, {different} different, {excepted} excepted");
        }
        wrong += different;
    }
    for difference in first_differences.into_inner().unwrap().iter().take(40) {
        eprintln!("{difference}");
    }
    let asked: usize = tallies.values().map(|tally| tally.asked).sum();
    let excepted: usize = tallies.values().map(|tally| tally.excepted).sum();
    eprintln!("{version}: {asked} asked, {excepted} excepted, {wrong} different");
    assert_eq!(wrong, 0, "answers differ from those of {version}");
}

fn difference(client: &mut Client, request: &Request) -> Option<String> {
    match client.ask(request) {
        Ok(answer) => compare::difference(request, &answer),
        Err(error) => Some(format!("no answer: {error}")),
    }
}

#[test]
fn answers_are_those_of_1_21_4() {
    replay("1.21.4");
}

#[test]
fn answers_are_those_of_1_8_7() {
    replay("1.8.7");
}
