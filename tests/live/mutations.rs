//! Snapshots with one wrong value, restored into a real server. Everything that it refuses or dies
//! of was reported as an obstacle before, by `restore` and by `verify --for-consul`, and nothing
//! that it restores was.

#![allow(clippy::print_stdout)] // prints what a long loop found, and with SNAPSCOPE_VERBOSE everything

use super::run_at;
use crate::support::{Fixture, run, write};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::mutate::{Mutation, mutate};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Each number gives another mutation.
const SEED: u64 = 7;

pub(super) fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// The result for one mutation.
pub(super) struct Tried {
    seed: u64,
    what: String,
    /// The exit code and output of the dry run.
    before: (i32, String),
    /// The verdict of `verify --for-consul`, and its findings at that level.
    verified: (String, String),
    /// The server's error, if it did not restore it.
    refused: Option<String>,
}

impl Tried {
    fn is_right(&self) -> bool {
        let verdict = self.verified.0.as_str();
        // Servers are more lenient about the content of a field than a trustworthy file is.
        let foreseen = match self.refused {
            Some(_) => matches!(verdict, "refused" | "damaged"),
            None => verdict != "refused",
        };
        (self.before.0 != 0) == self.refused.is_some() && foreseen
    }
}

fn try_one(server: &mut ConsulServer, seed: u64, mutation: &Mutation, dir: &Path) -> Tried {
    let file = write(dir, &format!("{seed}.snap"), &mutation.snap);
    let ran = run_at(server, ["restore", "--dry-run", file.to_str().unwrap()]);
    let said = format!("{}{}", ran.stderr, ran.text());
    let said = said.lines().filter(|line| line.contains("Warning") || line.contains("snapscope:"));
    let said = said.collect::<Vec<_>>().join("\n");
    let verified = verified(&file);
    let refused = server.snapshot_restore(&mutation.snap).err();
    Tried { seed, what: mutation.what.clone(), before: (ran.code(), said), verified, refused }
}

/// The verdict of `verify --for-consul`, and its findings at that level.
pub(super) fn verified(file: &Path) -> (String, String) {
    let ran = run(["verify", "-o", "json", "--for-consul", "1.8.7", file.to_str().unwrap()]);
    let report = ran.json()["snapshots"][0].clone();
    let verdict = report["verdict"].as_str().unwrap().to_owned();
    let worst = report["findings"].as_array().unwrap().iter();
    let worst = worst.filter(|finding| finding["level"] == verdict.as_str());
    let found: Vec<String> = worst.map(|finding| finding["message"].to_string()).collect();
    (verdict, found.join("; "))
}

/// Tries `count` mutations of two fixtures.
fn try_all(test: &str, count: u64) -> Option<Vec<Tried>> {
    let fixtures: Vec<Vec<u8>> = ["consul-1.8.7/small-a", "consul-1.8.7/empty"]
        .map(|name| std::fs::read(Fixture::snap(name).path).unwrap())
        .into();
    let first = number("SNAPSCOPE_SEED", SEED);
    try_each(test, count, |at| {
        let seed = first * 1_000_000 + at;
        // The empty one has few records, which every server has.
        (seed, mutate(&fixtures[usize::from(at % 8 == 7)], seed))
    })
}

/// Tries this number of mutations, each with its number, with two servers, which are restarted
/// after they have died.
#[allow(clippy::print_stderr)]
pub(super) fn try_each(
    test: &str,
    count: u64,
    mutation: impl Fn(u64) -> (u64, Mutation) + Sync,
) -> Option<Vec<Tried>> {
    drop(ConsulServer::for_test(test)?);
    let next = AtomicU64::new(0);
    let tried = Mutex::new(Vec::new());
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut server: Option<ConsulServer> = None;
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    let (seed, mutation) = mutation(at);
                    let mut running =
                        server.take().unwrap_or_else(|| ConsulServer::start().unwrap());
                    let one = try_one(&mut running, seed, &mutation, dir.path());
                    if std::env::var_os("SNAPSCOPE_VERBOSE").is_some() {
                        eprintln!(
                            "{} {} {:?}\n  before {:?}\n  verify {:?}\n  server {:?}",
                            one.is_right(),
                            one.seed,
                            one.what,
                            one.before,
                            one.verified,
                            one.refused
                        );
                    }
                    // A server that refuses something has died, or is about to. One that can no
                    // longer read its policies answers nobody.
                    if one.refused.is_none() && running.snapshot_save().is_ok() {
                        server = Some(running);
                    }
                    tried.lock().unwrap().push(one);
                }
            });
        }
    });
    Some(tried.into_inner().unwrap())
}

#[allow(clippy::print_stderr)]
pub(super) fn judge(tried: &[Tried]) {
    let wrong: Vec<String> = tried
        .iter()
        .filter(|one| !one.is_right())
        .map(|one| {
            let Tried { seed, what, before: (code, said), verified: (verdict, found), refused } = one;
            format!(
                "seed {seed}: {what}\n  dry run: {code} {said}\n  verify: {verdict} {found}\n  server: \
                 {refused:?}"
            )
        })
        .collect();
    let refused = tried.iter().filter(|one| one.refused.is_some()).count();
    eprintln!("{} mutations, {refused} refused, {} wrong", tried.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 0 && refused < tried.len());
}

#[test]
fn a_few_mutations_end_as_foreseen() {
    if let Some(tried) = try_all("a_few_mutations_end_as_foreseen", 16) {
        judge(&tried);
    }
}

/// `SNAPSCOPE_MUTATIONS=N`, `SNAPSCOPE_SEED=N`.
#[test]
#[ignore = "takes five minutes: every refused snapshot costs a server"]
fn mutations_end_as_foreseen() {
    if let Some(tried) = try_all("mutations_end_as_foreseen", number("SNAPSCOPE_MUTATIONS", 200)) {
        judge(&tried);
    }
}
