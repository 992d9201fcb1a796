//! One snapshot, and no more.

use super::{at, bare, ids, names, ran};
use crate::support::write;
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The sidecar of a snapshot.
fn sidecar(dir: &Path, id: u64) -> Value {
    let text = std::fs::read(dir.join(format!("consul-{id}.snap.json"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// The IDs in a folder that also has similar names of other programs.
fn big_ids(dir: &Path) -> Vec<u64> {
    ids(dir).into_iter().filter(|id| *id > 1_000_000_000_000_000_000).collect()
}

/// One server, and what can be tested with a single snapshot in a folder.
#[test]
fn a_single_snapshot_and_retention() {
    let Some(server) = ConsulServer::for_test("a_single_snapshot_and_retention") else { return };
    server.put("/v1/kv/app/big", vec![b'x'; 200_000]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (store, scratch) = (dir.path().join("store"), dir.path().join("scratch"));
    std::fs::create_dir(&store).unwrap();
    std::fs::create_dir(&scratch).unwrap();
    let config = json!({"snapshot_agent": {
        "http_addr": server.http_addr().to_string(), "token": server.token(),
        "snapshot": {"interval": "0", "retain": 2, "local_scratch_path": scratch},
        "local_storage": {"path": store}
    }});
    let config = write(dir.path(), "agent.json", config.to_string().as_bytes());
    let take = |more: &[&str]| {
        let mut args = vec!["agent", "-config-file", config.to_str().unwrap()];
        args.extend(more);
        ran(bare(), args)
    };
    let first = take(&[]);
    assert_eq!((first.code(), first.text()), (0, ""), "{}", first.stderr);
    let id = ids(&store)[0];
    assert!(first.stderr.contains(&format!("Saved snapshot {id}\n")), "{}", first.stderr);
    let path = store.join(format!("consul-{id}.snap"));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(names(&scratch), [""; 0]);

    what_is_beside(&store, id, &path);

    // IDs ascend even if the newest is from the future, and the oldest are removed first. Other
    // files stay.
    let future = 4_000_000_000_000_000_000_u64;
    std::fs::copy(&path, store.join(format!("consul-{future}.snap"))).unwrap();
    // So do files named by a date or a Raft index, as `save` may name them; they are not the
    // oldest.
    let others = ["other.snap", "consul-20261126.snap", "consul-17.snap"];
    for name in others {
        std::fs::write(store.join(name), "mine").unwrap();
    }
    // The leftovers of a killed process are removed; files in use stay.
    std::fs::write(store.join(".consul-1795462039661202458.snap.abcdef.part"), "half").unwrap();
    let busy = store.join(".consul-1795462039661202459.snap.abcdef.part");
    let busy_file = std::fs::File::create(&busy).unwrap();
    busy_file.lock().unwrap();
    assert_eq!(take(&[]).code(), 0);
    let hidden: Vec<String> =
        names(&store).into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(hidden, [".consul-1795462039661202459.snap.abcdef.part"]);
    drop(busy_file);
    std::fs::remove_file(busy).unwrap();
    assert_eq!(big_ids(&store), [future, future + 1]);
    for name in others {
        assert!(names(&store).contains(&name.to_owned()));
    }
    for name in &others[1..] {
        std::fs::remove_file(store.join(name)).unwrap();
    }
    assert!(!names(&store).contains(&format!("consul-{id}.snap.json")));

    listing(&store, future);

    // Much smaller than the previous one: it is stored and marked, and both stay.
    server.delete("/v1/kv/app/big").unwrap();
    let shrunk = take(&["-alert-shrink", "10", "-retain", "1"]);
    assert_eq!(shrunk.code(), 0);
    assert!(shrunk.stderr.contains("% smaller than"), "{}", shrunk.stderr);
    assert_eq!(ids(&store), [future + 1, future + 2]);
    assert_eq!(sidecar(&store, future + 2)["shrunk"]["before"], (future + 1).to_string());
    let table = ran(bare(), ["snapshots", store.to_str().unwrap()]);
    assert!(table.text().contains("shrunk by"), "{}", table.text());
    assert_eq!(take(&["-alert-shrink", "10", "-retain", "1"]).code(), 0);
    assert_eq!(ids(&store), [future + 1, future + 2, future + 3]);

    failures(&server, &store, &scratch);
}

/// The sidecar of a snapshot describes its content.
fn what_is_beside(store: &Path, id: u64, path: &Path) {
    let inspected = ran(bare(), ["inspect", "-format=json", path.to_str().unwrap()]).json();
    let beside = sidecar(store, id);
    assert_eq!(beside["index"], inspected["Meta"]["Index"]);
    assert_eq!(beside["state_size"], inspected["Meta"]["Size"]);
    for row in inspected["Stats"].as_array().unwrap() {
        assert_eq!(beside["counts"][row["Name"].as_str().unwrap()], row["Count"], "{row}");
    }
    assert_eq!(beside["datacenter"], "dc1");
    assert_eq!(beside["consul_version"], "1.8.7");
    let sum = std::process::Command::new("sha256sum").arg(path).output().unwrap().stdout;
    assert!(String::from_utf8_lossy(&sum).starts_with(beside["sha256"].as_str().unwrap()));
}

/// A listing needs only names and sidecars.
fn listing(store: &Path, future: u64) {
    let listed = ran(bare(), ["snapshots", store.to_str().unwrap(), "-o", "json"]).json();
    let rows = listed.as_array().unwrap();
    let (newest, planted) = ((future + 1).to_string(), future.to_string());
    assert_eq!(rows.len(), 3, "{listed}");
    let row = rows.iter().find(|row| row["id"].as_str() == Some(&newest)).unwrap();
    assert_eq!(row["index"], sidecar(store, future + 1)["index"]);
    assert_eq!((&row["version"], &row["counts"]["KVS"]), (&json!("1.8.7"), &json!(1)));
    let bare_row = rows.iter().find(|row| row["id"].as_str() == Some(&planted)).unwrap();
    assert!(bare_row.get("index").is_none() && bare_row["time"] == "2096-10-02T07:06:40Z");
    let table = ran(bare(), ["snapshots", store.to_str().unwrap()]);
    assert!(
        table.text().contains("other.snap") && table.text().contains("1.8.7"),
        "{}",
        table.text()
    );
    assert_eq!(ran(bare(), ["snapshots", "/nowhere"]).code(), 2);
}

/// Nothing is left of a failed snapshot, and the error says what to do.
fn failures(server: &ConsulServer, store: &Path, scratch: &Path) {
    let before = names(store);
    let args = |more: &[&str]| {
        let mut args: Vec<String> =
            ["agent", "-interval=0", "-local-path"].map(str::to_owned).into();
        args.push(store.display().to_string());
        args.extend(["-local-scratch-path".to_owned(), scratch.display().to_string()]);
        args.extend(more.iter().map(|arg| (*arg).to_owned()));
        args
    };
    let wrong = ran(at(server.http_addr(), "no-such-token"), args(&[]));
    assert_eq!(wrong.code(), 2);
    assert!(wrong.stderr.contains("403") && !wrong.stderr.contains("no-such"), "{}", wrong.stderr);
    let nobody = ran(at("127.0.0.1:1".parse().unwrap(), ""), args(&["-retries", "0"]));
    assert_eq!(nobody.code(), 2);
    assert!(nobody.stderr.contains("no connection"), "{}", nobody.stderr);
    let there = ran(at(server.http_addr(), server.token()), args(&["-datacenter", "nowhere"]));
    assert_eq!(there.code(), 2);
    assert!(there.stderr.contains("datacenter"), "{}", there.stderr);
    // A full disk, simulated by a limit on file sizes.
    let mut shell = at(server.http_addr(), server.token());
    let program = shell.get_program().to_owned();
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""]).arg(program);
    for (name, value) in shell.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    shell = limited;
    let full = ran(shell, args(&[]));
    assert_eq!(full.code(), 2);
    assert!(full.stderr.contains("ulimit"), "{}", full.stderr);
    assert_eq!(names(store), before);
    assert_eq!(names(scratch), [""; 0]);
}
