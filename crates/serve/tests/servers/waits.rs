//! Blocking queries.

use crate::recording::Recording;
use crate::served;
use snapscope_archive::Source;
use snapscope_serve::Settings;
use snapscope_testkit::http::request;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn a_blocking_query_waits_and_returns_the_same_index() {
    let recording = Recording::read("1.21.4");
    let settings = Settings { no_acl: true, ..Settings::default() };
    let to = served(Source::File(recording.snapshot), settings);
    let ask = |path: &str| {
        let started = Instant::now();
        let response = request(to, "GET", path, "", b"").unwrap();
        let index = response.header("X-Consul-Index").unwrap_or("none").to_owned();
        (response.status, index, started.elapsed())
    };
    let (status, index, _) = ask("/v1/kv/counter");
    assert_eq!((status, index.as_str()), (200, "611"));
    for path in ["/v1/kv/counter?index=611&wait=300ms", "/v1/kv/counter?index=1611&wait=300ms"] {
        let (status, index, took) = ask(path);
        assert_eq!((status, index.as_str()), (200, "611"));
        assert!(took >= Duration::from_millis(300), "{took:?}");
    }
    // Missing keys wait, too; an index before the current one does not.
    assert!(ask("/v1/kv/missing?index=9999&wait=300ms").2 >= Duration::from_millis(300));
    assert!(ask("/v1/kv/counter?index=5&wait=30s").2 < Duration::from_secs(10));
    // Hundreds wait at once.
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..200 {
            scope.spawn(|| assert_eq!(ask("/v1/kv/?keys&index=99999&wait=2s").0, 200));
        }
    });
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}
