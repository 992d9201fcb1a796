//! A jump of the clock must not affect order, retention, the previous snapshot, or ages.

use super::daemon::{SOON, free_address, page, until};
use super::process::{AgentProcess, now};
use super::{at, bare, ids, names, ran};
use serde_json::Value;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::clock::Clock;
use snapscope_testkit::random::SplitMix64;
use std::path::Path;
use std::sync::Arc;

const HOUR: i64 = 3600;
const RETAIN: usize = 3;

/// When the newest snapshot was taken, according to its file name and to its sidecar; in seconds
/// relative to the true current time.
fn newest_is_off(store: &Path) -> (f64, String) {
    let id = *ids(store).last().unwrap();
    let text = std::fs::read(store.join(format!("consul-{id}.snap.json"))).unwrap();
    let beside: Value = serde_json::from_slice(&text).unwrap();
    (id as f64 / 1e9 - now(), beside["time"].as_str().unwrap().to_owned())
}

/// One agent and one folder. The clock moves ahead by hours, then back to before the start.
#[test]
fn a_clock_that_jumps_changes_no_order() {
    let test = "a_clock_that_jumps_changes_no_order";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let mut noise = SplitMix64::new(3);
    let big: Vec<u8> = (0..200_000).map(|_| noise.below(256) as u8).collect();
    server.put("/v1/kv/app/big", big).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let Some(clock) = Clock::for_test(test, &dir.path().join("clock")).map(Arc::new) else {
        return;
    };
    let store = dir.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let (metrics, retain) = (free_address(), format!("-retain={RETAIN}"));
    let address = metrics.to_string();
    let args = [
        "-interval=1s",
        &retain,
        "-alert-shrink=50",
        "-metrics",
        &address,
        "-local-scratch-path",
        dir.path().to_str().unwrap(),
        "-local-path",
        store.to_str().unwrap(),
    ];
    let command = at(server.http_addr(), server.token());
    let log = dir.path().join("log");
    let mut agent = AgentProcess::start_by(Some(Arc::clone(&clock)), command, &args, &log);
    let three_more = |agent: &mut AgentProcess| {
        for _ in 0..RETAIN {
            agent.expect("Saved snapshot ", SOON);
        }
        // The newest one is there, whatever its ID, and each ID is higher than the previous one.
        let all: Vec<u64> = agent.saved().into_iter().map(|(_, id)| id).collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
        until("the newest are kept", || {
            let newest = agent.saved().last().unwrap().1;
            let kept = ids(&store);
            kept.len() == RETAIN && *kept.last().unwrap() >= newest
        });
        // Nothing considers it late or early.
        let health = page(metrics, "/healthz");
        assert_eq!(health.status, 200, "{}", String::from_utf8_lossy(&health.body));
        let text = String::from_utf8(page(metrics, "/metrics").ok().unwrap()).unwrap();
        let name = "\nsnapscope_agent_last_success_age_seconds ";
        let age = text.split_once(name).unwrap().1.lines().next().unwrap();
        assert!((0.0..15.0).contains(&age.parse::<f64>().unwrap()), "{age}");
    };
    three_more(&mut agent);
    assert!(newest_is_off(&store).0.abs() < 60.0);

    clock.set(5 * HOUR);
    three_more(&mut agent);
    let (ahead, _) = newest_is_off(&store);
    assert!((ahead - 5.0 * 3600.0).abs() < 60.0, "{ahead}");

    clock.set(-4 * HOUR);
    three_more(&mut agent);
    // IDs continue from where they were; sidecars have the time of the clock.
    let (ahead, time) = newest_is_off(&store);
    assert!(ahead > 4.9 * 3600.0, "{ahead}");
    let listed = ran(bare(), ["snapshots", store.to_str().unwrap(), "-o", "json"]).json();
    let rows: Vec<u64> = listed.as_array().unwrap().iter().map(id_of).collect();
    assert!(rows.windows(2).all(|pair| pair[0] < pair[1]), "{listed}");
    assert!(listed.as_array().unwrap().iter().any(|row| row["time"] == time.as_str()), "{listed}");
    assert_eq!(agent.count("smaller than"), 0, "{}", agent.text());

    server.delete("/v1/kv/app/big").unwrap();
    shrunk_after_the_last_one(&mut agent, &store);
    let off = agent.last_shown().unwrap() - now();
    assert!((off + 4.0 * 3600.0).abs() < 60.0, "its clock is {off} s ahead");
    assert_eq!(agent.count("Obtained leadership"), 1, "{}", agent.text());
    assert_eq!(agent.stop(), 0, "{}", agent.text());
    assert!(names(&store).iter().all(|name| name.starts_with("consul-")), "{:?}", names(&store));
}

/// The predecessor of a shrunken snapshot is the one taken before it, not the one with the latest
/// time.
fn shrunk_after_the_last_one(agent: &mut AgentProcess, store: &Path) {
    agent.expect("% smaller than ", SOON);
    let text = agent.text();
    let line = text.lines().find(|line| line.contains("% smaller than ")).unwrap();
    let number = |before: &str| -> u64 {
        let rest = line.split_once(before).unwrap().1;
        rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
    };
    let (marked, before) = (number("snapshot "), number("the previous one, "));
    assert_eq!(marked, before + 1, "{line}");
    for _ in 0..=RETAIN {
        agent.expect("Saved snapshot ", SOON);
    }
    until("both are kept", || {
        let kept = ids(store);
        kept.len() == RETAIN + 2 && kept[..2] == [before, marked]
    });
}

fn id_of(row: &Value) -> u64 {
    row["id"].as_str().unwrap().parse().unwrap()
}
