//! The speed of writing keys, compared with one request for each.

use super::{apply, fill_keys, saved};
use snapscope_testkit::ConsulServer;
use std::time::Instant;

/// `cargo test --profile ci --test e2e -- --ignored --nocapture apply_is_faster_than_a_put_per_key`
///
/// Both in one run; a part of the single requests is measured.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stderr)]
fn apply_is_faster_than_a_put_per_key() {
    const KEYS: usize = 100_000;
    const SINGLE: usize = 5_000;
    let Some(server) = ConsulServer::for_test("apply_is_faster") else { return };
    fill_keys(&server, "app/", KEYS);
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    server.delete("/v1/kv/app?recurse").unwrap();
    let undo = dir.path().join("undo");
    let begin = Instant::now();
    let ran = apply(&server, &snap, &["--prefix", "app/", "--undo", undo.to_str().unwrap()]);
    let applied = begin.elapsed();
    assert_eq!((ran.code(), &ran.json()["result"]["done"]), (0, &KEYS.into()), "{}", ran.stderr);
    let begin = Instant::now();
    for n in 0..SINGLE {
        server.put(&format!("/v1/kv/single/{n:06}?flags={n}"), format!("value {n}")).unwrap();
    }
    let single = begin.elapsed() * u32::try_from(KEYS / SINGLE).unwrap();
    let times = single.as_secs_f64() / applied.as_secs_f64();
    eprintln!("{KEYS} keys: applied in {applied:?}, with a PUT each {single:?}: {times:.1} times");
    assert!(times >= 20.0, "{times}");
}
