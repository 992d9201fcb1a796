//! The state before a mistake, from the server's own log.

use super::{apply, set, with};
use snapscope_testkit::ConsulServer;
use std::path::Path;

#[test]
fn the_state_before_a_mistake_comes_back() {
    let Some(server) = ConsulServer::for_test("the_state_before_a_mistake") else { return };
    for n in 0..70 {
        set(&server, &format!("app/{n:02}"), format!("value {n}").as_bytes());
    }
    set(&server, "other", b"x");
    let keys = server.get_json("/v1/kv/other").unwrap();
    let before = keys[0]["ModifyIndex"].as_u64().unwrap();
    server.delete("/v1/kv/app/?recurse").unwrap();
    set(&server, "other", b"later");
    let dir = tempfile::tempdir().unwrap();
    let data = server.data_dir();
    let at = |when: &str| format!("{}@{when}", data.display());
    let undo = dir.path().join("undo");
    let flags = ["--type", "kv", "--prefix", "app/", "--undo", undo.to_str().unwrap()];
    let ran = apply(&server, Path::new(&at(&before.to_string())), &flags);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(with(&ran.json(), "result", "done").len(), 70, "{}", ran.json());
    assert_eq!(server.get("/v1/kv/app/07?raw").unwrap(), b"value 7");
    assert_eq!(server.get("/v1/kv/other?raw").unwrap(), b"later");
    // The second time nothing is left to do.
    let more = dir.path().join("more");
    let flags = ["--type", "kv", "--prefix", "app/", "--undo", more.to_str().unwrap()];
    let ran = apply(&server, Path::new(&at(&before.to_string())), &flags);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(ran.json()["summary"]["kv"]["equal"], 70, "{}", ran.json());
}
