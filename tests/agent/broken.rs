//! Stores whose newest snapshots are broken: the newest intact one is kept.

use super::process::AgentProcess;
use super::{at, bare, ids, names, ran};
use crate::support::{Fixture, Ran, write};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::stores::{StoreKind, StoreServer};
use std::path::Path;
use std::time::Duration;

const FIRST: u64 = 1_790_000_000_000_000_000;

/// Three intact snapshots without sidecars, then a truncated and an empty one.
fn files() -> Vec<(String, Vec<u8>)> {
    let whole = std::fs::read(Fixture::snap("consul-1.8.7/small-a").path).unwrap();
    let contents = [
        whole.clone(),
        whole.clone(),
        whole.clone(),
        whole[..whole.len() / 2].to_vec(),
        Vec::new(),
    ];
    let named = |(nth, bytes)| (format!("consul-{}.snap", FIRST + nth as u64), bytes);
    contents.into_iter().enumerate().map(named).collect()
}

fn prune(location: &str, more: &[&str]) -> Ran {
    ran(bare(), [&["prune", location, "--retain", "1"], more].concat())
}

#[test]
fn prune_keeps_the_newest_intact_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files() {
        write(dir.path(), &name, &bytes);
    }
    let location = dir.path().to_str().unwrap();
    let shown = prune(location, &["--dry-run", "-o", "json"]);
    assert_eq!(shown.code(), 0, "{}", shown.stderr);
    let actions: Vec<String> =
        shown.json().as_array().unwrap().iter().map(|row| row["action"].to_string()).collect();
    assert_eq!(actions, ["\"remove\"", "\"remove\"", "\"keep\"", "\"keep\"", "\"keep\""]);
    assert_eq!(ids(dir.path()).len(), 5);
    let done = prune(location, &[]);
    assert!(done.text().contains("newer than all intact ones, and damaged"), "{}", done.text());
    assert!(done.text().ends_with("3 kept, 2 removed\n"), "{}", done.text());
    assert!(done.stderr.contains(".snap is not intact: it is empty"), "{}", done.stderr);
    assert_eq!(ids(dir.path()), [FIRST + 2, FIRST + 3, FIRST + 4]);

    // A sidecar with another size proves nothing, but the snapshot itself does.
    let good = format!("consul-{}.snap", FIRST + 2);
    let sidecar = r#"{"id":"1","time":"2026-11-23T00:00:00Z","size":7,"sha256":"","index":1,"term":1,"state_size":1,"records":1,"counts":{}}"#;
    write(dir.path(), &format!("{good}.json"), sidecar.as_bytes());
    write(
        dir.path(),
        &format!("consul-{FIRST}.snap"),
        &std::fs::read(dir.path().join(&good)).unwrap(),
    );
    prune(location, &[]);
    assert_eq!(ids(dir.path()), [FIRST + 2, FIRST + 3, FIRST + 4]);

    // If none is intact, any of them may be the best one.
    std::fs::remove_file(dir.path().join(good)).unwrap();
    write(dir.path(), &format!("consul-{FIRST}.snap"), b"neither");
    let done = prune(location, &[]);
    assert_eq!((done.code(), ids(dir.path()).len()), (0, 3), "{}", done.text());
    assert!(done.stderr.contains("no snapshot is known to be intact"), "{}", done.stderr);
}

#[test]
fn the_same_in_a_bucket() {
    let Some(store) = StoreServer::for_test(StoreKind::S3, "the_same_in_a_bucket") else { return };
    for (name, bytes) in files() {
        store.put_object(&format!("p/{name}"), &bytes).unwrap();
    }
    let mut command = bare();
    command.envs(store.variables());
    let done = ran(command, ["prune", &store.url("p"), "--retain", "1"]);
    assert!(done.text().ends_with("3 kept, 2 removed\n"), "{} {}", done.text(), done.stderr);
    for (nth, is_there) in [(1, false), (2, true), (3, true), (4, true)] {
        assert_eq!(
            store.object(&format!("p/consul-{}.snap", FIRST + nth)).is_ok(),
            is_there,
            "{nth}"
        );
    }
}

/// When an agent starts to lead, it checks its store again.
#[test]
fn an_agent_that_starts_keeps_the_newest_intact_snapshot() {
    let test = "an_agent_that_starts_keeps_the_newest_intact_snapshot";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let once = || {
        let command = at(server.http_addr(), server.token());
        let args = ["agent", "-interval=0", "-retain=0", "-local-path"];
        let args: Vec<&Path> = args.iter().map(Path::new).chain([store.as_path()]).collect();
        assert_eq!(ran(command, args).code(), 0);
    };
    let agent = |line: &str| {
        let args = ["-interval=1h", "-retain=1", "-local-path", store.to_str().unwrap()];
        let log = dir.path().join("agent.log");
        let mut agent = AgentProcess::at(server.http_addr(), server.token(), &args, &log);
        agent.expect(line, Duration::from_secs(60));
        assert_eq!(agent.stop(), 0);
    };
    let prepare = |has_sidecars: bool| {
        for name in names(&store) {
            std::fs::remove_file(store.join(name)).unwrap();
        }
        once();
        once();
        let (good, cut) = (ids(&store)[0], ids(&store)[1]);
        let path = store.join(format!("consul-{cut}.snap"));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        for name in
            names(&store).into_iter().filter(|name| name.ends_with(".json") && !has_sidecars)
        {
            std::fs::remove_file(store.join(name)).unwrap();
        }
        (good, cut)
    };
    // Nothing shows that the newest one is truncated, so none is due; but the intact one stays.
    let (good, cut) = prepare(false);
    agent("the next one is due in");
    assert_eq!(ids(&store), [good, cut]);
    // According to its sidecar, it is not this turn's snapshot.
    let (_, cut) = prepare(true);
    agent("Saved snapshot ");
    let left = ids(&store);
    assert!(left.len() == 1 && left[0] > cut, "{left:?}");
}
