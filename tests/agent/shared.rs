//! Two clusters that store their snapshots in the same place.

use super::daemon::SOON;
use super::process::AgentProcess;
use super::{at, bare, ids, names, ran};
use serde_json::Value;
use snapscope_testkit::ConsulServer;
use std::collections::BTreeSet;
use std::path::Path;

/// A snapshot's sidecar.
fn sidecar(store: &Path, id: u64) -> Value {
    let text = std::fs::read(store.join(format!("consul-{id}.snap.json"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn clusters_that_share_a_folder_leave_each_other_alone() {
    let test = "clusters_that_share_a_folder_leave_each_other_alone";
    let Some(one) = ConsulServer::for_test(test) else { return };
    let Some(two) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let folder = store.to_str().unwrap();
    let once = |server: &ConsulServer, retain: &str| {
        let command = at(server.http_addr(), server.token());
        let ran = ran(command, ["agent", "-interval=0", retain, "-local-path", folder]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        ran
    };
    let first = once(&one, "-retain=1");
    assert!(!first.stderr.contains("WARN"), "{}", first.stderr);
    let of_one = ids(&store)[0];
    let cluster = sidecar(&store, of_one)["cluster_id"].as_str().unwrap().to_owned();
    let roots = one.get_json("/v1/connect/ca/roots").unwrap();
    assert!(roots["TrustDomain"].as_str().unwrap().starts_with(&cluster), "{roots}");
    for _ in 0..2 {
        let second = once(&two, "-retain=1");
        let said = format!(
            "1 of the snapshots there are another cluster's (datacenter dc1, cluster ID {cluster}"
        );
        assert!(second.stderr.contains(&said), "{}", second.stderr);
    }
    let left = ids(&store);
    assert!(left.len() == 2 && left[0] == of_one, "{left:?}");

    // Only the other cluster's snapshot is recent enough; this cluster's is due.
    let age = |id: u64| {
        for name in [format!("consul-{id}.snap"), format!("consul-{id}.snap.json")] {
            let old = name.replace(&id.to_string(), &(id - 7_200_000_000_000).to_string());
            std::fs::rename(store.join(name), store.join(old)).unwrap();
        }
    };
    age(of_one);
    let args = ["-interval=1h", "-retain=3", "-local-path", folder];
    let log = dir.path().join("agent.log");
    let mut agent = AgentProcess::at(one.http_addr(), one.token(), &args, &log);
    agent.expect("Saved snapshot ", SOON);
    agent.expect("another cluster's", SOON);
    assert_eq!(agent.stop(), 0);

    // Each then has two; prune keeps the newest of each.
    once(&two, "-retain=2");
    let clusters = || -> BTreeSet<String> {
        ids(&store).iter().map(|id| sidecar(&store, *id)["cluster_id"].to_string()).collect()
    };
    assert_eq!((ids(&store).len(), clusters().len()), (4, 2));
    let pruned = ran(bare(), ["prune", folder, "--retain", "1"]);
    assert!(pruned.stderr.contains("snapshots of 2 clusters are there"), "{}", pruned.stderr);
    assert!(pruned.text().ends_with("2 kept, 2 removed\n"), "{}", pruned.text());
    assert_eq!((ids(&store).len(), clusters().len()), (2, 2));

    // Sidecars of older versions do not name the cluster; they count as this cluster's.
    for name in names(&store).into_iter().filter(|name| name.ends_with(".json")) {
        let mut about: Value =
            serde_json::from_slice(&std::fs::read(store.join(&name)).unwrap()).unwrap();
        about.as_object_mut().unwrap().remove("cluster_id");
        std::fs::write(store.join(name), about.to_string()).unwrap();
    }
    let last = once(&one, "-retain=2");
    assert!(!last.stderr.contains("another cluster"), "{}", last.stderr);
    assert_eq!(ids(&store).len(), 2);
}
