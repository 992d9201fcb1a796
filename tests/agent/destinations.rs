//! Several destinations, some of which refuse, lock, lose or hide objects. Each is handled
//! independently.

use super::bucket::{BucketGate, Rule};
use super::daemon::{SAVING, SOON, free_address, page, status, until};
use super::gate::{Gate, Mode};
use super::process::AgentProcess;
use super::{at, bare, ids, ran};
use crate::support::{Fixture, Ran};
use serde_json::Value;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::random::SplitMix64;
use snapscope_testkit::stores::{BUCKET, StoreKind, StoreServer};
use std::process::Command;
use std::time::{Duration, Instant};

/// A Consul server, and a gateway to a bucket.
struct Scene {
    server: ConsulServer,
    store: StoreServer,
    gate: BucketGate,
    dir: tempfile::TempDir,
}

impl Scene {
    fn set(test: &str) -> Option<Self> {
        let server = ConsulServer::for_test(test)?;
        let store = StoreServer::for_test(StoreKind::S3, test)?;
        let gate = BucketGate::to(store.address());
        Some(Self { server, store, gate, dir: tempfile::tempdir().unwrap() })
    }

    fn command(&self) -> Command {
        let mut command = at(self.server.http_addr(), self.server.token());
        command.envs(self.store.variables_at(self.gate.address()));
        command
    }

    /// Saves one snapshot to the bucket.
    fn once(&self, more: &[&str]) -> Ran {
        let scratch = self.dir.path().to_str().unwrap();
        let args =
            ["agent", "-interval=0", "-aws-s3-bucket", BUCKET, "-local-scratch-path", scratch];
        ran(self.command(), [&args[..], more].concat())
    }

    fn daemon(&self, more: &[&str]) -> AgentProcess {
        let scratch = self.dir.path().to_str().unwrap();
        let args = ["-interval=1s", "-aws-s3-bucket", BUCKET, "-local-scratch-path", scratch];
        AgentProcess::start(
            self.command(),
            &[&args[..], more].concat(),
            &self.dir.path().join("log"),
        )
    }

    /// The content of the bucket, without the gateway.
    fn rows(&self, prefix: &str) -> Vec<Value> {
        let mut command = bare();
        command.envs(self.store.variables());
        let listed = ran(command, ["snapshots", &self.store.url(prefix), "-o", "json"]);
        listed.json().as_array().unwrap().clone()
    }

    fn ids(&self) -> Vec<u64> {
        let id = |row: &Value| row["id"].as_str().unwrap().parse().unwrap();
        self.rows("consul-snapshot").iter().map(id).collect()
    }
}

/// Somebody else holds the lock, so the agent waits.
struct Holder(String);

impl Holder {
    fn lock(server: &ConsulServer) -> Self {
        let made = server.put("/v1/session/create", r#"{"LockDelay": "0s"}"#).unwrap();
        let made: Value = serde_json::from_slice(&made).unwrap();
        let id = made["ID"].as_str().unwrap().to_owned();
        let path = format!("/v1/kv/consul-snapshot/lock?acquire={id}&flags=3304740253564472344");
        assert_eq!(server.put(&path, "").unwrap(), b"true");
        Self(id)
    }

    fn unlock(self, server: &ConsulServer) -> bool {
        let path =
            format!("/v1/kv/consul-snapshot/lock?release={}&flags=3304740253564472344", self.0);
        server.put(&path, "").unwrap() == b"true"
    }
}

/// The value of a metric with labels; 0 if it is missing.
pub(super) fn metric(address: std::net::SocketAddr, name: &str) -> f64 {
    let text = String::from_utf8(page(address, "/metrics").ok().unwrap()).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("snapscope_agent_{name} ")));
    line.map_or(0.0, |value| value.parse().unwrap())
}

/// One of two destinations is down for long. The other one gets a snapshot each interval, not for
/// each attempt, whichever agent leads. The check is critical all the time.
#[test]
fn one_that_fails_costs_the_others_nothing() {
    let test = "one_that_fails_costs_the_others_nothing";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let [good, bad] = ["good", "bad"].map(|name| dir.path().join(name));
    std::fs::create_dir(&good).unwrap();
    std::fs::create_dir(&bad).unwrap();
    let config = serde_json::json!({"snapshot_agent": {
        "http_addr": server.http_addr().to_string(), "token": server.token(),
        "snapshot": {"interval": "1h", "retain": 2, "max_failures": 2, "local_scratch_path": dir.path()},
        "backup_destinations": {"local_storage": [{"path": good}, {"path": bad}]}
    }});
    let file = crate::support::write(dir.path(), "agent.json", config.to_string().as_bytes());
    // Objects that were stored at least two hours ago.
    let old = [1_700_000_000_000_000_001_u64, 1_700_000_000_000_000_002];
    for id in old {
        std::fs::write(good.join(format!("consul-{id}.snap")), "x").unwrap();
    }
    let args = ["-config-file", file.to_str().unwrap()];
    let holder = Holder::lock(&server);
    let mut agent = AgentProcess::at(server.http_addr(), "", &args, &dir.path().join("log"));
    agent.expect("Snapshot agent running", SOON);
    // Both destinations exist at the start, otherwise its configuration would be refused; it has to
    // wait for the lock.
    std::fs::remove_dir(&bad).unwrap();
    let session = holder.unlock(&server);
    assert!(session, "the lock was held");
    agent.expect("Snapshot failed (1 in a row)", SOON);
    until("the check is critical", || status(&server, SAVING) == "critical");
    let kept = ids(&good);
    assert_eq!(kept.len(), 2, "{}", agent.text());
    // A second attempt after ten seconds; leadership is given up and obtained again after fifteen;
    // a third attempt.
    let begun = Instant::now();
    while agent.count("Snapshot failed") < 3 {
        assert!(begun.elapsed() < Duration::from_secs(90), "{}", agent.text());
        assert_eq!(status(&server, SAVING), "critical", "{}", agent.text());
        std::thread::sleep(Duration::from_millis(250));
    }
    assert!(agent.text().contains("Gave up leadership after 2 failures"), "{}", agent.text());
    assert_eq!(ids(&good), kept, "{}", agent.text());
    std::fs::create_dir(&bad).unwrap();
    agent.expect("Saved snapshot ", Duration::from_secs(60));
    until("the check passes", || status(&server, SAVING) == "passing");
    assert_eq!((ids(&good), ids(&bad).len()), (kept, 1), "{}", agent.text());
    assert_eq!(agent.stop(), 0, "{}", agent.text());
}

/// A bucket that accepts connections but never answers is given up within a minute. The other
/// destination gets its snapshot.
#[test]
fn one_that_hangs_holds_up_no_other() {
    let test = "one_that_hangs_holds_up_no_other";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let Some(store) = StoreServer::for_test(StoreKind::S3, test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let good = dir.path().join("good");
    std::fs::create_dir(&good).unwrap();
    let gate = Gate::to(store.address());
    let config = serde_json::json!({"snapshot_agent": {
        "snapshot": {"interval": "2m", "local_scratch_path": dir.path()},
        "backup_destinations": {
            "local_storage": [{"path": good}], "aws_storage": [{"s3_bucket": BUCKET}]
        }
    }});
    let file = crate::support::write(dir.path(), "agent.json", config.to_string().as_bytes());
    let mut command = at(server.http_addr(), server.token());
    command.envs(store.variables_at(gate.address()));
    let holder = Holder::lock(&server);
    let args = ["-config-file", file.to_str().unwrap()];
    let mut agent = AgentProcess::start(command, &args, &dir.path().join("log"));
    agent.expect("Snapshot agent running", SOON);
    gate.set(Mode::Hang);
    assert!(holder.unlock(&server), "the lock was held");
    agent.expect("Snapshot failed (1 in a row)", Duration::from_secs(180));
    let text = agent.text();
    assert!(text.contains("no answer within 15 s"), "{text}");
    assert_eq!(ids(&good).len(), 1, "{text}");
    until("the check is critical", || status(&server, SAVING) == "critical");
    gate.set(Mode::Open);
    agent.expect("Saved snapshot ", Duration::from_secs(60));
    assert_eq!(ids(&good).len(), 1, "{}", agent.text());
    assert_eq!(agent.stop(), 0, "{}", agent.text());
}

/// The permissions in Consul's documentation suffice. What they do not allow is reported and
/// counted.
#[test]
fn documented_rights_suffice() {
    let Some(scene) = Scene::set("documented_rights_suffice") else { return };
    scene.gate.set([Rule::NoSidecars]);
    for _ in 0..4 {
        let ran = scene.once(&["-retain=2"]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("[WARN]") && ran.stderr.contains("Saved snapshot "));
    }
    assert_eq!(scene.ids().len(), 2);
    let metrics = free_address();
    let mut agent = scene.daemon(&["-retain=2", "-metrics", &metrics.to_string()]);
    for _ in 0..5 {
        agent.expect("Saved snapshot ", SOON);
    }
    until("two are kept", || scene.ids().len() == 2);
    assert!(metric(metrics, "failures_total{stage=\"sidecar\"}") >= 4.0);
    assert_eq!(metric(metrics, "failures_total{stage=\"store\"}"), 0.0);
    assert_eq!(page(metrics, "/healthz").status, 200);
    assert_eq!(status(&scene.server, SAVING), "warning");
    assert_eq!(agent.stop(), 0, "{}", agent.text());
}

/// An object that cannot be removed, and one whose sidecar is empty, do not affect others. After
/// several rounds the agent's health shows it; a lock never does.
#[test]
fn one_bad_object_keeps_no_others() {
    let Some(scene) = Scene::set("one_bad_object_keeps_no_others") else { return };
    for _ in 0..2 {
        assert_eq!(scene.once(&[]).code(), 0);
    }
    scene.gate.set([Rule::EmptySidecars]);
    assert_eq!(scene.once(&[]).code(), 0);
    let bad = scene.ids()[0].to_string();
    scene.gate.set([Rule::Undeletable(bad.clone())]);
    let metrics = free_address();
    let mut agent = scene.daemon(&["-retain=2", "-metrics", &metrics.to_string()]);
    for _ in 0..6 {
        agent.expect("Saved snapshot ", SOON);
    }
    let kept_with_bad = || {
        let ids = scene.ids();
        ids.len() == 3 && ids[0].to_string() == bad
    };
    until("two and the bad one are kept", kept_with_bad);
    assert!(agent.text().contains("is damaged"), "{}", agent.text());
    assert!(metric(metrics, "failures_total{stage=\"retention\"}") >= 3.0);
    until("it is unhealthy", || page(metrics, "/healthz").status == 503);
    assert_eq!(status(&scene.server, SAVING), "warning");

    // If the same object is locked, it is kept without an error.
    scene.gate.set([Rule::Locked(bad.clone())]);
    until("it is well again", || page(metrics, "/healthz").status == 200);
    until("the check passes", || status(&scene.server, SAVING) == "passing");
    until("two and the locked one are kept", kept_with_bad);
    scene.gate.set([]);
    until("two are kept", || scene.ids().len() == 2);
    assert_eq!(agent.stop(), 0, "{}", agent.text());
}

/// An incomplete listing removes nothing. A listing in any order, or with repeated names, is as
/// good as any other.
#[test]
fn a_cut_listing_removes_nothing() {
    let Some(scene) = Scene::set("a_cut_listing_removes_nothing") else { return };
    for _ in 0..3 {
        assert_eq!(scene.once(&[]).code(), 0);
    }
    let before = scene.ids();
    scene.gate.set([Rule::BrokenListing]);
    let ran = scene.once(&["-retain=1"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot remove old snapshots"), "{}", ran.stderr);
    assert_eq!(scene.ids().len(), 4);
    // All of this year are missing, including the one just stored, as if a page were lost.
    let newest = "consul-".to_owned() + &before[2].to_string()[..4];
    scene.gate.set([Rule::CutListing(newest)]);
    let ran = scene.once(&["-retain=1"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("the listing is incomplete"), "{}", ran.stderr);
    assert_eq!(scene.ids().len(), 5);
    scene.gate.set([Rule::ShuffledListing]);
    let all = scene.ids();
    assert_eq!(scene.once(&["-retain=3"]).code(), 0);
    let now = scene.ids();
    assert_eq!((now.len(), &now[..2]), (3, &all[3..]));
}

/// Each object and each part has a SHA-256. If the bucket refuses checksums, they are sent without.
#[test]
fn objects_have_checksums_where_the_bucket_takes_them() {
    let test = "objects_have_checksums_where_the_bucket_takes_them";
    let Some(scene) = Scene::set(test) else { return };
    let mut noise = SplitMix64::new(7);
    for key in 0..24 {
        let mut value = vec![0; 500_000];
        noise.fill(&mut value);
        scene.server.put(&format!("/v1/kv/app/{key}"), value).unwrap();
    }
    scene.gate.set([Rule::NeedsChecksum]);
    let ran = scene.once(&[]);
    assert_eq!((ran.code(), ran.stderr.matches("WARN").count()), (0, 0), "{}", ran.stderr);
    let asked = scene.gate.asked();
    let uploads: Vec<_> = asked.iter().filter(|asked| asked.method == "PUT").collect();
    assert!(uploads.len() >= 3, "two parts and what is beside: {uploads:?}");
    assert!(uploads.iter().any(|asked| asked.path.contains("partNumber=2")), "{uploads:?}");
    assert!(uploads.iter().all(|asked| asked.headers.contains_key("x-amz-checksum-sha256")));

    scene.gate.set([Rule::KnowsNoChecksum]);
    let ran = scene.once(&[]);
    assert_eq!((ran.code(), ran.stderr.matches("WARN").count()), (0, 0), "{}", ran.stderr);
    let rows = scene.rows("consul-snapshot");
    assert_eq!((rows.len(), &rows[0]["counts"]), (2, &rows[1]["counts"]));
    let path = scene.store.url(&format!("consul-snapshot/{}", rows[1]["name"].as_str().unwrap()));
    let mut command = bare();
    command.envs(scene.store.variables());
    assert_eq!(super::ran(command, ["inspect", &path]).code(), 0);
}

/// SIGTERM while old snapshots are removed: the new one is stored, and reported as stored. The next
/// run continues where this one ended.
#[test]
fn a_signal_while_old_ones_go_tells_the_truth() {
    let Some(scene) = Scene::set("a_signal_while_old_ones_go_tells_the_truth") else { return };
    for _ in 0..2 {
        assert_eq!(scene.once(&[]).code(), 0);
    }
    let made = scene.rows("consul-snapshot")[0]["name"].as_str().unwrap().to_owned();
    let bytes = scene.store.object(&format!("consul-snapshot/{made}")).unwrap();
    let first = 1_700_000_000_000_000_000_u64;
    for id in first..first + 12 {
        let path = format!("consul-snapshot/consul-{id}.snap");
        scene.store.put_object(&path, &bytes).unwrap();
        scene.store.put_object(&format!("{path}.json"), b"{}").unwrap();
    }
    scene.gate.set([Rule::SlowDeletes(Duration::from_millis(400))]);
    let scratch = scene.dir.path().to_str().unwrap();
    let args =
        ["-interval=0", "-aws-s3-bucket", BUCKET, "-retain=2", "-local-scratch-path", scratch];
    let log = scene.dir.path().join("log");
    let mut before = scene.ids().len();
    for _ in 0..2 {
        let mut agent = AgentProcess::start(scene.command(), &args, &log);
        agent.expect("removed snapshot", SOON);
        assert_eq!(agent.stop(), 0, "{}", agent.text());
        assert_eq!(agent.count("Saved snapshot "), 1, "{}", agent.text());
        assert!(!agent.text().contains("nothing was stored"), "{}", agent.text());
        // One was added, and at least one more was removed.
        let now = scene.ids().len();
        assert!(now <= before, "{now} of {before}");
        before = now;
    }
    scene.gate.set([]);
    assert_eq!(scene.once(&["-retain=2"]).code(), 0);
    assert_eq!(scene.ids().len(), 2);
}

/// A static name is the whole key, and the endpoint may come from the environment variable of
/// Consul's own agent.
#[test]
fn a_static_name_is_the_whole_key() {
    let Some(scene) = Scene::set("a_static_name_is_the_whole_key") else { return };
    let variables: Vec<(&str, String)> = scene.store.variables_at(scene.gate.address());
    for (key, prefix) in [("latest.snap", ""), ("some/where/latest.snap", "some/where")] {
        let mut command = at(scene.server.http_addr(), scene.server.token());
        for (name, value) in &variables {
            let name = if *name == "AWS_ENDPOINT_URL" { "AWS_S3_ENDPOINT" } else { name };
            command.env(name, value);
        }
        let args =
            ["agent", "-interval=0", "-aws-s3-bucket", BUCKET, "-aws-s3-static-snapshot-name", key];
        let ran = ran(command, [&args[..], &["-aws-s3-key-prefix", "ignored"]].concat());
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        assert!(scene.store.object(key).is_ok(), "{key}");
        let rows = scene.rows(prefix);
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0]["version"], "1.8.7");
    }
}

/// `prune` applies the agent's rules, after a dry run.
#[test]
fn prune_removes_what_it_showed() {
    let Some(scene) = Scene::set("prune_removes_what_it_showed") else { return };
    assert_eq!(scene.once(&[]).code(), 0);
    let made = scene.rows("consul-snapshot")[0]["name"].as_str().unwrap().to_owned();
    let bytes = scene.store.object(&format!("consul-snapshot/{made}")).unwrap();
    // One every six hours for thirty days.
    let day = 86_400_000_000_000_u64;
    let start = 1_790_000_000_000_000_000 / day * day;
    for nth in 0..120 {
        let id = start + nth * day / 4;
        scene.store.put_object(&format!("consul-snapshot/consul-{id}.snap"), &bytes).unwrap();
    }
    let url = scene.store.url("consul-snapshot");
    let prune = |more: &[&str]| {
        let mut command = bare();
        command.envs(scene.store.variables());
        let args = ["prune", &url, "--retain", "2", "--keep-daily", "10"];
        ran(command, [&args[..], more].concat())
    };
    let shown = prune(&["--dry-run", "-o", "json"]);
    assert_eq!((shown.code(), shown.stderr.as_str()), (0, ""));
    assert_eq!(scene.ids().len(), 121);
    let kept: Vec<u64> = shown
        .json()
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["action"] == "keep")
        .map(|row| row["id"].as_str().unwrap().parse().unwrap())
        .collect();
    // Today's, the one before it, and the last of nine more days.
    assert_eq!(kept.len(), 10, "{kept:?}");
    let done = prune(&[]);
    assert_eq!((done.code(), done.stderr.as_str()), (0, ""));
    assert!(done.text().ends_with("10 kept, 111 removed\n"), "{}", done.text());
    assert_eq!(scene.ids(), kept);
    let mut command = bare();
    command.envs(scene.store.variables());
    let nothing = ran(command, ["prune", &url]);
    assert_eq!(nothing.code(), 2);
    assert!(nothing.stderr.contains("no rule given"), "{}", nothing.stderr);
}

/// The same in Azure Blob Storage and Google Cloud Storage, as far as they have policies.
#[test]
fn other_clouds_are_looked_after_the_same_way() {
    let test = "other_clouds_are_looked_after_the_same_way";
    let Some(server) = ConsulServer::for_test(test) else { return };
    for (kind, flags) in [
        (StoreKind::Azure, ["-azure-blob-container-name", BUCKET]),
        (StoreKind::Google, ["-gcs-bucket", BUCKET]),
    ] {
        let Some(store) = StoreServer::for_test(kind, test) else { return };
        let gate = BucketGate::to(store.address());
        let once = |retain: &str| {
            let mut command = at(server.http_addr(), server.token());
            command.envs(store.variables_at(gate.address()));
            ran(command, ["agent", "-interval=0", retain, flags[0], flags[1]])
        };
        let ids = || {
            let mut command = bare();
            command.envs(store.variables());
            let rows = ran(command, ["snapshots", &store.url(""), "-o", "json"]).json();
            let ids =
                rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned());
            ids.collect::<Vec<String>>()
        };
        for _ in 0..3 {
            assert_eq!(once("-retain=0").code(), 0, "{kind:?}");
        }
        let all = ids();
        gate.set([Rule::NoSidecars, Rule::Undeletable(all[0].clone())]);
        let done = once("-retain=1");
        assert_eq!(done.code(), 0, "{kind:?}: {}", done.stderr);
        assert!(done.stderr.contains("cannot remove old snapshots"), "{kind:?}: {}", done.stderr);
        let left = ids();
        assert_eq!((left.len(), &left[0]), (2, &all[0]), "{kind:?}: {}", done.stderr);
        gate.set([Rule::Locked(all[0].clone()), Rule::ShuffledListing]);
        let done = once("-retain=1");
        assert_eq!((done.code(), ids().len()), (0, 2), "{kind:?}: {}", done.stderr);
        assert_eq!(done.stderr.matches("WARN").count(), 0, "{kind:?}: {}", done.stderr);
    }
}

/// Files with other names are counted, and stay.
#[test]
fn prune_names_what_it_leaves_alone() {
    let dir = tempfile::tempdir().unwrap();
    let kept = ["consul-1790000000000000000.snap", "consul-1790000000000000001.snap"];
    let others = ["consul-dc1-42.snap", "nightly.snap", "notes.txt"];
    // Other files than snapshots would also stay if nothing were intact.
    let whole = std::fs::read(Fixture::snap("consul-1.8.7/small-a").path).unwrap();
    for name in kept.into_iter().chain(others) {
        std::fs::write(dir.path().join(name), &whole).unwrap();
    }
    let mut command = bare();
    command.env("TZ", "UTC");
    let done = ran(command, ["prune", dir.path().to_str().unwrap(), "--retain", "1"]);
    assert_eq!(done.code(), 0, "{}", done.stderr);
    assert!(
        done.stderr.contains("note: 2 other snapshots are left alone, such as consul-dc1-42.snap;"),
        "{}",
        done.stderr
    );
    assert_eq!(super::names(dir.path()), [kept[1], others[0], others[1], others[2]]);
}
