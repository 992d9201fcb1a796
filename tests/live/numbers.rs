//! Numbers outside the range of their fields, in every struct that 1.8.7 stores. A real server
//! refuses those that were predicted, and restores all others.

use super::mutations::{judge, number, try_each, verified};
use crate::support::{Fixture, in_parallel, write};
use snapscope_testkit::mutate::{Mutation, Original};
use snapscope_testkit::numbers::{Number, filled, numbers, replaced};
use snapscope_testkit::{ConsulVersion, Val};
use std::path::Path;
use std::sync::Mutex;

/// Numbers at the limits of Go's integers and floats, and values that are not numbers.
const ODD: [(&str, Val); 12] = [
    ("-1", Val::Int(-1)),
    ("the least of 32 bits", Val::Int(i32::MIN as i64)),
    ("the least of 64 bits", Val::Int(i64::MIN)),
    ("2^31", Val::Uint(1 << 31)),
    ("2^32 - 1", Val::Uint(u32::MAX as u64)),
    ("2^32", Val::Uint(1 << 32)),
    ("2^63", Val::Uint(1 << 63)),
    ("2^64 - 1", Val::Uint(u64::MAX)),
    ("a float of 32 bits", Val::F32(0.5)),
    ("a float of 64 bits", Val::F64(2.0)),
    ("more than 32 bits of float", Val::F64(1e300)),
    ("not a number", Val::F64(f64::NAN)),
];

/// A snapshot of 1.8.7 in which every struct is filled.
fn original() -> Original {
    let path = Fixture::snap("consul-1.8.7/small-a").path;
    let mut original = Original::of(&std::fs::read(path).unwrap());
    original.records = filled(&original.records, ConsulVersion::V1_8_7);
    original
}

/// A number, and the unusual one that replaces it.
type Change<'n> = (&'n Number, usize);

fn mutation(original: &Original, changes: &[Change<'_>]) -> Mutation {
    let values = changes.iter().map(|(number, odd)| (*number, ODD[*odd].1.clone()));
    let snap = original.snap(&replaced(&original.records, values));
    let names: Vec<String> =
        changes.iter().map(|(number, odd)| format!("{} is {}", number.name, ODD[*odd].0)).collect();
    Mutation { what: names.join(", "), snap }
}

/// Tries every number with every unusual one, or one of `stride` pairs: each that is predicted to
/// be refused alone, and all others together.
fn try_pairs(test: &str, stride: usize) {
    let original = original();
    let all = numbers(&original.records);
    assert!(all.len() > 100, "{}", all.len());
    let first = number("SNAPSCOPE_SEED", 7) as usize % stride;
    let pairs = all.iter().flat_map(|number| (0..ODD.len()).map(move |odd| (number, odd)));
    let pairs: Vec<Change<'_>> = pairs.skip(first).step_by(stride).collect();
    let (refused, accepted) = foreseen(&original, pairs);
    let mut tries: Vec<Vec<Change<'_>>> = (0..ODD.len())
        .map(|odd| accepted.iter().copied().filter(|change| change.1 == odd).collect())
        .collect();
    tries.retain(|changes| !changes.is_empty());
    tries.extend(refused.into_iter().map(|change| vec![change]));
    let tried = try_each(test, tries.len() as u64, |at| {
        (at, mutation(&original, &tries[usize::try_from(at).unwrap()]))
    });
    if let Some(tried) = tried {
        judge(&tried);
    }
}

/// The changes that servers are predicted to refuse, and the others.
fn foreseen<'n>(original: &Original, pairs: Vec<Change<'n>>) -> (Vec<Change<'n>>, Vec<Change<'n>>) {
    let dir = tempfile::tempdir().unwrap();
    let verdicts = Mutex::new(Vec::new());
    let numbered: Vec<(usize, Change<'n>)> = pairs.into_iter().enumerate().collect();
    in_parallel(numbered, |(at, change)| {
        let is_refused = is_refused(dir.path(), *at, &mutation(original, &[*change]).snap);
        verdicts.lock().unwrap().push((*at, *change, is_refused));
    });
    let mut verdicts = verdicts.into_inner().unwrap();
    verdicts.sort_by_key(|(at, ..)| *at);
    let (refused, accepted): (Vec<_>, Vec<_>) = verdicts.into_iter().partition(|(.., is)| *is);
    let changes = |of: Vec<(usize, Change<'n>, bool)>| of.into_iter().map(|(_, c, _)| c).collect();
    (changes(refused), changes(accepted))
}

fn is_refused(dir: &Path, at: usize, snap: &[u8]) -> bool {
    let file = write(dir, &format!("{at}.snap"), snap);
    let (verdict, _) = verified(&file);
    std::fs::remove_file(&file).unwrap();
    verdict == "refused"
}

#[test]
fn a_few_odd_numbers_end_as_foreseen() {
    try_pairs("a_few_odd_numbers_end_as_foreseen", 131);
}

#[test]
#[ignore = "takes fifteen minutes: every refused snapshot costs a server"]
fn odd_numbers_end_as_foreseen() {
    try_pairs("odd_numbers_end_as_foreseen", 1);
}
