//! Long runs under faults: two agents and two or three destinations, watched from outside.
//!
//! The watcher bypasses all gateways. A working destination gets no more snapshots than intervals
//! have passed, and Consul's checks are right every second.

use super::at;
use super::bucket::{BucketGate, Rule};
use super::daemon::{ALIVE, SAVING, free_address, page};
use super::login;
use super::process::{AgentProcess, now};
use super::watcher::{Place, Watcher, looks_at, looks_in};
use crate::support::write;
use serde_json::json;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::random::SplitMix64;
use snapscope_testkit::stores::{BUCKET, StoreKind, StoreServer};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_secs(2);
pub(super) const RETAIN: usize = 5;
/// The time until another agent leads and a snapshot is stored: servers wait for a session and its
/// lock; then a pause after failures, and a busy machine.
const RECOVERY: Duration = Duration::from_secs(75);

/// The faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The bucket does not answer for this number of intervals.
    BucketDown(u32),
    /// The other bucket, or the folder, for this number.
    OtherDown(u32),
    SidecarsDenied,
    SidecarsEmpty,
    Locked,
    Undeletable,
    ListingCut,
    ListingShuffled,
    ListingBroken,
    /// The tokens of all logins are deleted.
    LoginsGone,
    /// The leading agent gets SIGTERM, and restarts.
    Stopped,
    /// The leading agent is killed, and restarts.
    Killed,
    /// The same while removals take long.
    KilledRemoving,
    StoppedRemoving,
}

const FAULTS: [Fault; 16] = [
    Fault::BucketDown(3),
    Fault::Killed,
    Fault::SidecarsDenied,
    Fault::OtherDown(2),
    Fault::Locked,
    Fault::ListingShuffled,
    Fault::StoppedRemoving,
    Fault::SidecarsEmpty,
    Fault::ListingCut,
    Fault::LoginsGone,
    Fault::KilledRemoving,
    Fault::Undeletable,
    Fault::Stopped,
    Fault::ListingBroken,
    Fault::BucketDown(8),
    Fault::OtherDown(6),
];

/// Two agents with one configuration and one Consul server.
struct Scene {
    agents: Vec<AgentProcess>,
    gone: Vec<AgentProcess>,
    metrics: Vec<SocketAddr>,
    watcher: Watcher,
    bucket: BucketGate,
    other: Option<BucketGate>,
    folder: PathBuf,
    stores: Vec<Arc<StoreServer>>,
    config: PathBuf,
    started: usize,
    dir: tempfile::TempDir,
    server: Arc<ConsulServer>,
}

impl Scene {
    /// With a folder and an S3 bucket, and an Azure container if there are to be three.
    fn set(test: &str, count: usize) -> Option<Self> {
        let server = Arc::new(ConsulServer::for_test(test)?);
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        let bearer = login::method(&server, dir.path(), Some("60s"));
        let s3 = Arc::new(StoreServer::for_test(StoreKind::S3, test)?);
        let bucket = BucketGate::to(s3.address());
        let mut destinations = json!({
            "local_storage": [{"path": folder}],
            "aws_storage": [{"s3_bucket": BUCKET, "s3_region": "us-east-1", "access_key_id": "test",
                "secret_access_key": "test", "s3_endpoint": format!("http://{}", bucket.address())}]
        });
        let there = folder.clone();
        let mut places = vec![
            Place { name: "folder", look: looks_in(there) },
            Place { name: "bucket", look: looks_at(&s3, "consul-snapshot") },
        ];
        let mut stores: Vec<Arc<StoreServer>> = Vec::new();
        let mut other = None;
        if count > 2 {
            let azure = StoreServer::for_test(StoreKind::Azure, test)?;
            let gate = BucketGate::to(azure.address());
            destinations["azure_blob_storage"] = json!([{"container_name": BUCKET,
                "account_name": snapscope_testkit::stores::AZURE_ACCOUNT,
                "account_key": snapscope_testkit::stores::AZURE_KEY}]);
            let azure = Arc::new(azure);
            places.push(Place { name: "other", look: looks_at(&azure, "") });
            stores.push(azure);
            other = Some(gate);
        }
        stores.push(s3);
        let config = json!({"snapshot_agent": {
            "http_addr": server.http_addr().to_string(),
            "login": {"auth_method": "jwt", "bearer_token_file": bearer},
            "snapshot": {"interval": format!("{}s", INTERVAL.as_secs()), "retain": RETAIN,
                "max_failures": 4, "local_scratch_path": dir.path()},
            "backup_destinations": destinations
        }});
        let config = write(dir.path(), "agent.json", config.to_string().as_bytes());
        let mut scene = Self {
            agents: Vec::new(),
            gone: Vec::new(),
            metrics: vec![free_address(), free_address()],
            watcher: Watcher::start(places),
            bucket,
            other,
            folder,
            stores,
            config,
            started: 0,
            dir,
            server,
        };
        for place in 0..2 {
            let agent = scene.start_agent(place);
            scene.agents.push(agent);
        }
        Some(scene)
    }

    fn start_agent(&mut self, place: usize) -> AgentProcess {
        let mut command = at(self.server.http_addr(), "");
        if let (Some(azure), Some(gate)) = (self.stores.first(), &self.other) {
            command.envs(azure.variables_at(gate.address()));
        }
        self.started += 1;
        let log = self.dir.path().join(format!("agent-{place}-{}.log", self.started));
        let metrics = self.metrics[place].to_string();
        let args = ["-config-file", self.config.to_str().unwrap(), "-metrics", &metrics];
        AgentProcess::start(command, &args, &log)
    }

    fn leader(&self) -> Option<usize> {
        self.agents.iter().position(AgentProcess::leads)
    }

    fn saved(&self) -> usize {
        self.agents.iter().chain(&self.gone).map(|agent| agent.saved().len()).sum()
    }

    /// Consul's checks: whether each agent runs, and whether it saves snapshots.
    fn checks(&self) -> (Vec<String>, Vec<String>) {
        let checks = self.server.get_json("/v1/health/checks/consul-snapshot").unwrap();
        let of = |name: &str| -> Vec<String> {
            let all = checks.as_array().unwrap().iter().filter(|check| check["Name"] == name);
            all.map(|check| check["Status"].as_str().unwrap().to_owned()).collect()
        };
        (of(ALIVE), of(SAVING))
    }

    fn logs(&self) -> String {
        let logs: Vec<String> = self.agents.iter().map(AgentProcess::text).collect();
        logs.join("\n---\n")
    }

    /// Waits until snapshots are stored everywhere, and checks report it.
    fn recover(&self, after: &str) {
        let (begun, before) = (Instant::now(), self.saved());
        while self.saved() < before + 2 {
            assert!(begun.elapsed() < RECOVERY, "no snapshot after {after}:\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(100));
        }
        // A second for Consul to learn of it, and at most the time to notice ended agents.
        let begun = Instant::now();
        loop {
            let (alive, saving) = self.checks();
            let is_good = |status: &String| status == "passing" || status == "warning";
            if alive == ["passing", "passing"] && saving.len() == 1 && saving.iter().all(is_good) {
                return;
            }
            let said = format!("{alive:?}, {saving:?}");
            assert!(begun.elapsed() < Duration::from_secs(40), "{after}: {said}\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// A destination is down. Once the check reports it, it does so every second, whichever agent
    /// leads. The others get what is due and no more.
    fn down(&self, set: &dyn Fn(bool), others: &[&'static str], intervals: u32, after: &str) {
        let since = now();
        set(true);
        let begun = Instant::now();
        while self.checks().1.iter().all(|status| status != "critical") {
            assert!(begun.elapsed() < Duration::from_secs(30), "{after}:\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(200));
        }
        for _ in 0..(intervals * INTERVAL.as_secs() as u32) {
            std::thread::sleep(Duration::from_secs(1));
            let (alive, saving) = self.checks();
            assert!(saving.iter().any(|s| s == "critical"), "{after}: {saving:?}\n{}", self.logs());
            assert_eq!(alive, ["passing", "passing"], "{after}:\n{}", self.logs());
        }
        let passed = now() - since;
        let due = passed / INTERVAL.as_secs_f64();
        for name in others {
            let came = self.watcher.came_since(name, since);
            assert!(came as f64 <= due + 3.0, "{after}: {came} came to {name} in {passed} s");
        }
        set(false);
    }

    fn restart(&mut self, place: usize) {
        let again = self.start_agent(place);
        self.gone.push(std::mem::replace(&mut self.agents[place], again));
    }

    fn break_and_mend(&mut self, fault: Fault, random: &mut SplitMix64) {
        let after = format!("{fault:?}");
        let leader = self.leader().unwrap_or_else(|| panic!("nobody leads before {after}"));
        match fault {
            Fault::BucketDown(intervals) => self.bucket_down(intervals, &after),
            Fault::OtherDown(intervals) => self.other_down(intervals, &after),
            Fault::SidecarsDenied => {
                self.bucket.set([Rule::NoSidecars]);
                rounds(4);
            }
            Fault::SidecarsEmpty => {
                self.bucket.set([Rule::EmptySidecars]);
                rounds(3);
            }
            Fault::Locked | Fault::Undeletable => self.keep_one(fault, random, &after),
            Fault::ListingCut | Fault::ListingShuffled | Fault::ListingBroken => {
                let ids: Vec<u64> = self.watcher.ids("bucket").into_iter().collect();
                self.watcher.slack("bucket", 3);
                self.bucket.set([match fault {
                    Fault::ListingCut => Rule::CutListing(random.pick(&ids).to_string()),
                    Fault::ListingShuffled => Rule::ShuffledListing,
                    _ => Rule::BrokenListing,
                }]);
                // While the content of a destination is unknown, nothing is removed there: one
                // interval's snapshot may be added.
                rounds(1);
                self.bucket.set([]);
            }
            Fault::LoginsGone => {
                let tokens = self.server.get_json("/v1/acl/tokens?authmethod=jwt").unwrap();
                for token in tokens.as_array().unwrap() {
                    let accessor = token["AccessorID"].as_str().unwrap();
                    let _ = self.server.delete(&format!("/v1/acl/token/{accessor}"));
                }
            }
            Fault::Stopped | Fault::Killed | Fault::StoppedRemoving | Fault::KilledRemoving => {
                self.end_one(fault, leader, random, &after);
            }
        }
        self.recover(&after);
        self.watcher.slack("bucket", 0);
        assert_eq!(self.watcher.complaints(), [""; 0], "{after}:\n{}", self.logs());
    }

    fn bucket_down(&mut self, intervals: u32, after: &str) {
        let bucket = self.bucket.clone();
        let set = move |is_down: bool| bucket.set(is_down.then_some(Rule::Down));
        self.down(&set, &["folder", "other"], intervals, after);
    }

    fn other_down(&mut self, intervals: u32, after: &str) {
        if let Some(other) = self.other.clone() {
            let set = move |is_down: bool| other.set(is_down.then_some(Rule::Down));
            return self.down(&set, &["folder", "bucket"], intervals, after);
        }
        // The folder is missing; its content returns unchanged.
        let (here, away) = (self.folder.clone(), self.dir.path().join("away"));
        let set = move |is_down: bool| {
            let (from, to) = if is_down { (&here, &away) } else { (&away, &here) };
            std::fs::rename(from, to).unwrap();
        };
        self.down(&set, &["bucket"], intervals, after);
    }

    /// One snapshot in the bucket cannot be removed for a while.
    fn keep_one(&mut self, fault: Fault, random: &mut SplitMix64, after: &str) {
        let ids = self.watcher.ids("bucket");
        // One of the newest, because the oldest may be removed before the rule applies.
        let id = *random.pick(&ids.iter().rev().take(3).copied().collect::<Vec<u64>>());
        self.watcher.force("bucket", [id].into());
        let is_lock = fault == Fault::Locked;
        let name = id.to_string();
        self.bucket.set([if is_lock { Rule::Locked(name) } else { Rule::Undeletable(name) }]);
        rounds(RETAIN as u32 + 4);
        assert!(self.watcher.ids("bucket").contains(&id), "{after}");
        self.looks_well(is_lock, after);
        self.bucket.set([]);
        rounds(2);
        self.watcher.force("bucket", BTreeSet::new());
    }

    /// The leader ends, perhaps while it removes snapshots, and restarts.
    fn end_one(&mut self, fault: Fault, leader: usize, random: &mut SplitMix64, after: &str) {
        let some_time = |random: &mut SplitMix64, most: u64| {
            std::thread::sleep(Duration::from_millis(random.below(most)));
        };
        if matches!(fault, Fault::StoppedRemoving | Fault::KilledRemoving) {
            self.bucket.set([Rule::SlowDeletes(Duration::from_millis(300))]);
        }
        some_time(random, 2 * INTERVAL.as_millis() as u64);
        let agent = &mut self.agents[leader];
        if matches!(fault, Fault::Stopped | Fault::StoppedRemoving) {
            let code = agent.stop();
            assert_eq!(code, 0, "{after}: {}", self.agents[leader].text());
        } else {
            agent.kill();
        }
        some_time(random, 3000);
        self.restart(leader);
        self.bucket.set([]);
    }

    /// A locked object is not a failure; for health, any other object that cannot be removed is.
    fn looks_well(&self, is_lock: bool, after: &str) {
        let Some(leader) = self.leader() else { return };
        let health = page(self.metrics[leader], "/healthz").status;
        assert_eq!(health, if is_lock { 200 } else { 503 }, "{after}:\n{}", self.logs());
        let expected = if is_lock { "passing" } else { "warning" };
        assert_eq!(self.checks().1, [expected], "{after}:\n{}", self.logs());
    }

    /// All stop, and nothing of them is left in Consul.
    fn end(mut self) {
        for agent in &mut self.agents {
            assert_eq!(agent.stop(), 0, "{}", agent.text());
            assert!(!agent.text().contains("panicked"), "{}", agent.text());
        }
        let checks = self.server.get_json("/v1/health/checks/consul-snapshot").unwrap();
        assert_eq!(checks, json!([]));
        let lock = self.server.get_json("/v1/kv/consul-snapshot/lock").unwrap();
        assert_eq!(lock[0].get("Session"), None);
    }
}

fn rounds(intervals: u32) {
    std::thread::sleep(INTERVAL * intervals);
}

/// A number of faults by a seed: in the first turns each kind, then random ones.
fn faults(test: &str, destinations: usize, count: usize, seed: u64) {
    let Some(mut scene) = Scene::set(test, destinations) else { return };
    scene.recover("the start");
    let mut random = SplitMix64::new(seed);
    for turn in 0..count {
        let fault = match FAULTS.get(turn) {
            Some(fault) => *fault,
            None => *random.pick(&FAULTS),
        };
        let begun = Instant::now();
        scene.break_and_mend(fault, &mut random);
        #[allow(clippy::print_stderr)]
        {
            eprintln!("{turn}: {fault:?} mended after {:.1} s", begun.elapsed().as_secs_f64());
        }
    }
    scene.end();
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

/// Sixty faults, or `SNAPSCOPE_FAULTS`, chosen by the seed `SNAPSCOPE_SEED`; see CONTRIBUTING.
#[test]
#[ignore = "takes half an hour"]
fn sixty_faults_with_two_destinations() {
    let (count, seed) = (number("SNAPSCOPE_FAULTS", 60), number("SNAPSCOPE_SEED", 1));
    faults("sixty_faults_with_two_destinations", 2, count as usize, seed);
}

/// The same with a third destination.
#[test]
#[ignore = "takes half an hour"]
fn sixty_faults_with_three_destinations() {
    let (count, seed) = (number("SNAPSCOPE_FAULTS", 60), number("SNAPSCOPE_SEED", 1));
    faults("sixty_faults_with_three_destinations", 3, count as usize, seed + 1000);
}
