//! Three agents on a cluster of three, under faults: at most one stores at a time, another one
//! takes over in time, nothing partial ever appears, and nothing is removed that should stay.

use super::gate::{Gate, Mode};
use super::process::{AgentProcess, now};
use super::{at, bare, ids, ran};
use serde_json::Value;
use snapscope_testkit::clock::Clock;
use snapscope_testkit::cluster::{ConsulCluster, MEMBERS};
use snapscope_testkit::random::SplitMix64;
use snapscope_testkit::stores::{BUCKET, StoreKind, StoreServer};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_secs(2);
const RETAIN: usize = 6;
/// The time until another agent leads: servers expire a session of 10 s after twice that time, plus
/// the lock delay of 10 s; see the agent's lock.
const TAKE_OVER: Duration = Duration::from_secs(30);
/// Time for elections of Consul's own servers, pauses between attempts, and a busy machine.
const SLACK: Duration = Duration::from_secs(15);

/// The faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The leading agent is killed.
    AgentKilled,
    /// An operator ends the leading agent's session.
    SessionEnded,
    /// The leading Consul server is killed and restarted.
    ServerKilled,
    /// The leading agent cannot reach its Consul agent for a while.
    NetworkCut,
    /// The bucket refuses requests for a while.
    BucketRefuses(u16),
    /// The bucket is slow, for a while.
    BucketSlow,
    /// The disk is full for a while.
    DiskFull,
    /// The leading agent's clock is set this many hours ahead or back, and stays so.
    ClockJumps(i64),
    /// The same for the waiting agents: the next leader has another time.
    WaitingClocksJump(i64),
}

const FAULTS: [Fault; 12] = [
    Fault::AgentKilled,
    Fault::ServerKilled,
    Fault::NetworkCut,
    Fault::BucketRefuses(503),
    Fault::BucketSlow,
    Fault::BucketRefuses(403),
    Fault::DiskFull,
    Fault::ClockJumps(3),
    Fault::SessionEnded,
    Fault::ClockJumps(-7),
    Fault::WaitingClocksJump(5),
    Fault::WaitingClocksJump(-11),
];

/// A small disk, if the system provides one.
struct Disk {
    path: PathBuf,
    is_mounted: bool,
}

impl Disk {
    fn new(path: PathBuf) -> Self {
        std::fs::create_dir(&path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs"])
            .arg(&path)
            .output();
        Self { path, is_mounted: mounted.is_ok_and(|ran| ran.status.success()) }
    }

    /// Writes until the disk is full.
    fn fill(&self) {
        let chunk = vec![0; 64 << 10];
        let mut file = std::fs::File::create(self.path.join("filler")).unwrap();
        while std::io::Write::write_all(&mut file, &chunk).is_ok() {}
    }

    fn empty(&self) {
        std::fs::remove_file(self.path.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = Command::new("umount").arg("-l").arg(&self.path).status();
        }
    }
}

/// Three agents, each with its own clock, a gateway to its own Consul server, and one to the
/// bucket.
struct Scene {
    agents: Vec<AgentProcess>,
    /// The clock of each agent, if the system supports that. A restarted agent keeps its machine's
    /// clock.
    clocks: Vec<Option<Arc<Clock>>>,
    consul: Vec<Gate>,
    bucket: Gate,
    /// The logs of killed agents.
    gone: Vec<AgentProcess>,
    disk: Disk,
    store: StoreServer,
    cluster: ConsulCluster,
    dir: tempfile::TempDir,
    started: usize,
}

impl Scene {
    fn set(test: &str) -> Option<Self> {
        let cluster = ConsulCluster::for_test(test)?;
        let store = StoreServer::for_test(StoreKind::S3, test)?;
        let dir = tempfile::tempdir().unwrap();
        let disk = Disk::new(dir.path().join("disk"));
        let bucket = Gate::to(store.address());
        let consul = (0..MEMBERS).map(|at| Gate::to(cluster.http_addr(at))).collect();
        let clock =
            |place| Clock::for_test(test, &dir.path().join(format!("clock-{place}"))).map(Arc::new);
        let mut scene = Self {
            agents: Vec::new(),
            clocks: (0..MEMBERS).map(clock).collect(),
            consul,
            bucket,
            gone: Vec::new(),
            disk,
            store,
            cluster,
            dir,
            started: 0,
        };
        for place in 0..MEMBERS {
            let agent = scene.start_agent(place);
            scene.agents.push(agent);
        }
        Some(scene)
    }

    fn start_agent(&mut self, place: usize) -> AgentProcess {
        let interval = format!("-interval={}s", INTERVAL.as_secs());
        let retain = format!("-retain={RETAIN}");
        let folder = self.disk.path.to_str().unwrap();
        let args = [
            &interval,
            &retain,
            "-max-failures=100",
            "-local-path",
            folder,
            "-local-scratch-path",
            self.dir.path().to_str().unwrap(),
            "-aws-s3-bucket",
            BUCKET,
        ];
        let mut command = at(self.consul[place].address(), self.cluster.token());
        command.envs(self.store.variables_at(self.bucket.address()));
        self.started += 1;
        let log = self.dir.path().join(format!("agent-{place}-{}.log", self.started));
        AgentProcess::start_by(self.clocks[place].clone(), command, &args, &log)
    }

    /// Moves an agent's clock this many hours ahead. Returns false if it has none.
    fn jump(&self, place: usize, hours: i64) -> bool {
        let Some(clock) = &self.clocks[place] else { return false };
        clock.set(clock.offset() + hours * 3600);
        true
    }

    /// The leading agent, if there is one.
    fn leader(&self) -> Option<usize> {
        self.agents.iter().position(AgentProcess::leads)
    }

    /// All snapshots of all agents that were saved so far, with their times.
    fn saved(&self) -> Vec<(f64, u64)> {
        let mut saved: Vec<(f64, u64)> =
            self.agents.iter().chain(&self.gone).flat_map(AgentProcess::saved).collect();
        saved.sort_by(|a, b| a.0.total_cmp(&b.0));
        saved
    }

    /// Waits until another snapshot is saved.
    fn wait_saved(&self, patience: Duration, why: &str) {
        let (begun, before) = (Instant::now(), self.saved().len());
        while self.saved().len() <= before {
            if begun.elapsed() > patience {
                let logs: Vec<String> = self.agents.iter().map(AgentProcess::text).collect();
                panic!("no snapshot within {patience:?} after {why}:\n{}", logs.join("\n---\n"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Causes a fault, ends it, and waits until snapshots are taken again. Returns false if this
    /// system does not support the fault.
    fn break_and_mend(&mut self, fault: Fault) -> bool {
        let Some(leader) = self.leader() else { panic!("nobody leads before {fault:?}") };
        let while_broken = TAKE_OVER / 5;
        match fault {
            Fault::AgentKilled => {
                self.agents[leader].kill();
                let again = self.start_agent(leader);
                self.gone.push(std::mem::replace(&mut self.agents[leader], again));
            }
            Fault::SessionEnded => {
                let key = self.cluster.get(0, "/v1/kv/consul-snapshot/lock");
                let session = key.and_then(|key| Some(key[0]["Session"].as_str()?.to_owned()));
                let path = format!("/v1/session/destroy/{}", session.expect("it is locked"));
                self.cluster.request(0, "PUT", &path, b"").unwrap().ok().unwrap();
            }
            Fault::ServerKilled => {
                let server = self.cluster.leader().expect("the cluster has a leader");
                self.cluster.kill(server);
                std::thread::sleep(while_broken);
                self.cluster.start_again(server).unwrap();
                self.cluster.wait_whole().unwrap();
            }
            Fault::NetworkCut => {
                self.consul[leader].set(Mode::Cut);
                std::thread::sleep(Duration::from_secs(25));
                self.consul[leader].set(Mode::Open);
            }
            Fault::BucketRefuses(status) => {
                self.bucket.set(Mode::Refuse(status));
                std::thread::sleep(while_broken);
                self.bucket.set(Mode::Open);
            }
            Fault::BucketSlow => {
                self.bucket.set(Mode::Slow(Duration::from_millis(700)));
                std::thread::sleep(while_broken);
                self.bucket.set(Mode::Open);
            }
            Fault::DiskFull => {
                if !self.disk.is_mounted {
                    return false;
                }
                self.disk.fill();
                std::thread::sleep(while_broken);
                self.disk.empty();
            }
            Fault::ClockJumps(hours) => {
                if !self.jump(leader, hours) {
                    return false;
                }
                // No reason to give up leadership: the next ones come when they are due.
                for _ in 0..2 {
                    self.wait_saved(INTERVAL + SLACK, "a jump of the clock");
                }
                let agent = &self.agents[leader];
                let off = agent.last_shown().unwrap() - now();
                let expected = self.clocks[leader].as_ref().unwrap().offset() as f64;
                assert!((off - expected).abs() < 60.0, "the clock is {off} s ahead");
                assert_eq!(self.leader(), Some(leader), "{}", agent.text());
            }
            Fault::WaitingClocksJump(hours) => {
                let mut waiting = (0..MEMBERS).filter(|place| *place != leader);
                if !waiting.all(|place| self.jump(place, hours)) {
                    return false;
                }
            }
        }
        self.wait_saved(TAKE_OVER + INTERVAL + SLACK, &format!("{fault:?}"));
        true
    }

    /// Checks what must always hold.
    fn check(&self, after: &str) {
        // At most one agent leads at a time, according to the agents' own logs, whose times have
        // milliseconds.
        let all = || self.agents.iter().chain(&self.gone);
        let mut tenures: Vec<(f64, f64)> = all().flat_map(AgentProcess::tenures).collect();
        tenures.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in tenures.windows(2) {
            assert!(pair[0].1 <= pair[1].0 + 0.05, "{after}: two led at once: {pair:?}");
        }
        // An agent that stores is leading.
        for agent in all() {
            let tenures = agent.tenures();
            for (time, id) in agent.saved() {
                let led = tenures.iter().any(|(from, to)| *from <= time && time <= *to + 0.05);
                assert!(led, "{after}: {id} was stored without leadership");
            }
        }
        // IDs ascend in the order in which snapshots were taken.
        let saved = self.saved();
        assert!(saved.windows(2).all(|pair| pair[0].1 < pair[1].1), "{after}: {saved:?}");
        self.check_stored(after, &saved);
    }

    /// The stored snapshots are intact and the right ones: the newest, and as many as are to be
    /// kept.
    fn check_stored(&self, after: &str, saved: &[(f64, u64)]) {
        let variables = || {
            let mut command = bare();
            command.envs(self.store.variables());
            command
        };
        let url = self.store.url("consul-snapshot");
        let listed = ran(variables(), ["snapshots", &url, "-o", "json"]).json();
        let remote: Vec<u64> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|row: &Value| row["id"].as_str().unwrap().parse().unwrap())
            .collect();
        let local = ids(&self.disk.path);
        let known: BTreeSet<u64> = saved.iter().map(|(_, id)| *id).collect();
        for (place, stored) in [("bucket", &remote), ("disk", &local)] {
            let stored_known = stored.iter().filter(|id| known.contains(id)).count();
            // A failed attempt may have reached one of the two, and counts there.
            assert!(
                stored.len() >= RETAIN.min(known.len()) && stored_known > 0,
                "{after}: too much was removed from the {place}: {stored:?}, saved {saved:?}"
            );
        }
        for (id, path) in local
            .iter()
            .map(|id| (id, self.disk.path.join(format!("consul-{id}.snap")).display().to_string()))
            .chain(remote.iter().map(|id| (id, format!("{url}/consul-{id}.snap"))))
        {
            let inspected = ran(variables(), ["inspect", &path]);
            // Meanwhile the leader may remove an old one.
            let is_gone = inspected.code() == 2 && *id < *known.iter().next_back().unwrap();
            assert!(inspected.code() == 0 || is_gone, "{after}: {path}: {}", inspected.stderr);
        }
    }

    /// All agents stop. Nothing is left in Consul, and no partial file anywhere.
    fn end(mut self) {
        for agent in &mut self.agents {
            assert_eq!(agent.stop(), 0, "{}", agent.text());
        }
        let services = self.cluster.get(0, "/v1/health/checks/consul-snapshot").unwrap();
        let left: Vec<&Value> = services.as_array().unwrap().iter().collect();
        // Those of killed agents stay until Consul removes them.
        assert!(left.len() <= self.gone.len() * 2, "{left:?}");
        let lock = self.cluster.get(0, "/v1/kv/consul-snapshot/lock").unwrap();
        assert_eq!(lock[0].get("Session"), None);
        let half = |folder: &Path| {
            super::names(folder).into_iter().filter(|name| name.ends_with(".part")).count()
        };
        // The download of a killed agent is removed by the next leader on its machine.
        assert!(half(self.dir.path()) <= self.gone.len());
        assert_eq!(half(&self.disk.path), 0);
    }

    /// No gap between two snapshots was longer than a takeover.
    fn check_pauses(&self) {
        let saved = self.saved();
        let longest = saved.windows(2).map(|pair| pair[1].0 - pair[0].0).fold(0.0, f64::max);
        let limit = (TAKE_OVER + INTERVAL + SLACK * 2).as_secs_f64();
        assert!(longest <= limit, "{longest} s between two snapshots");
        assert!(now() - saved.last().unwrap().0 < limit);
    }
}

/// A few faults, for every run of the tests.
#[test]
fn another_agent_takes_over() {
    let Some(mut scene) = Scene::set("another_agent_takes_over") else { return };
    scene.wait_saved(TAKE_OVER + SLACK, "the start");
    for fault in [
        Fault::SessionEnded,
        Fault::ClockJumps(3),
        Fault::BucketRefuses(503),
        Fault::ClockJumps(-7),
        Fault::DiskFull,
        Fault::WaitingClocksJump(-11),
        Fault::AgentKilled,
    ] {
        scene.break_and_mend(fault);
        scene.check(&format!("{fault:?}"));
    }
    scene.check_pauses();
    scene.end();
}

/// Fifty faults, or `SNAPSCOPE_FAULTS`, chosen by the seed `SNAPSCOPE_SEED`; see CONTRIBUTING.
#[test]
#[ignore = "takes ten minutes"]
fn fifty_faults() {
    let number = |name: &str, default| {
        std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
    };
    let (count, seed) = (number("SNAPSCOPE_FAULTS", 50), number("SNAPSCOPE_SEED", 1));
    let Some(mut scene) = Scene::set("fifty_faults") else { return };
    scene.wait_saved(TAKE_OVER + SLACK, "the start");
    let mut random = SplitMix64::new(seed);
    for turn in 0..count {
        // In the first turns each kind, then random ones.
        let fault = match FAULTS.get(turn as usize) {
            Some(fault) => *fault,
            None => *random.pick(&FAULTS),
        };
        let begun = Instant::now();
        let happened = scene.break_and_mend(fault);
        scene.check(&format!("fault {turn}, {fault:?}"));
        let how = if happened { "mended" } else { "skipped: no disk of our own can be mounted" };
        #[allow(clippy::print_stderr)]
        {
            eprintln!("{turn}: {fault:?} {how} after {:.1} s", begun.elapsed().as_secs_f64());
        }
    }
    scene.check_pauses();
    scene.end();
}
