//! A cluster of three real Consul servers on loopback, whose members can be killed and started again.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::child::wait_bounded;
use crate::consul::{NoServer, binary, free_ports, required};
use crate::generate::MANAGEMENT_SECRET;
use crate::http::{self, Response};

/// Number of servers: the smallest cluster that survives the loss of one.
pub const MEMBERS: usize = 3;

const PATIENCE: Duration = Duration::from_secs(90);

/// A running cluster, with ACLs on (default deny) and one management token.
#[derive(Debug)]
pub struct ConsulCluster {
    dir: TempDir,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    child: Option<Child>,
    http: SocketAddr,
    server: SocketAddr,
}

impl ConsulCluster {
    /// Starts three servers and waits until they know each other and a leader.
    ///
    /// # Errors
    /// If no binary is found or downloaded, or the servers do not start.
    pub fn start() -> Result<Self, NoServer> {
        let binary = binary()?;
        let mut last = NoServer::new("not tried");
        // A port that was free may be taken by another test before a server binds it.
        for _ in 0..3 {
            match Self::start_once(&binary) {
                Ok(cluster) => return Ok(cluster),
                Err(e) => last = e,
            }
        }
        Err(last)
    }

    /// A cluster for the test named `test`. If there is none, prints why the test is skipped and returns `None`.
    ///
    /// # Panics
    /// If there is none, but CI requires one.
    #[must_use]
    pub fn for_test(test: &str) -> Option<Self> {
        match Self::start() {
            Ok(cluster) => Some(cluster),
            Err(e) if required() => panic!("{test} needs Consul servers: {e}"),
            Err(e) => {
                #[allow(clippy::print_stderr)]
                {
                    eprintln!("skipped: {test} needs Consul servers: {e}");
                }
                None
            }
        }
    }

    fn start_once(binary: &Path) -> Result<Self, NoServer> {
        let fail = |what: &str, e: std::io::Error| NoServer::new(format!("{what}: {e}"));
        let dir = tempfile::Builder::new()
            .prefix("snapscope-cluster")
            .tempdir()
            .map_err(|e| fail("temporary folder", e))?;
        let ports = free_ports(MEMBERS * 3).map_err(|e| fail("free ports", e))?;
        let join: Vec<String> =
            ports.chunks(3).map(|own| format!("127.0.0.1:{}", own[2])).collect();
        let mut members = Vec::new();
        for (at, own) in ports.chunks(3).enumerate() {
            let home = dir.path().join(node_name(at));
            fs::create_dir(&home).map_err(|e| fail("folder", e))?;
            fs::write(home.join("config.json"), config_text(at, &home, own, &join))
                .map_err(|e| fail("config file", e))?;
            let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            members.push(Member { child: None, http: address(own[0]), server: address(own[1]) });
        }
        let mut cluster = Self { dir, members };
        for at in 0..MEMBERS {
            cluster.launch(at, binary).map_err(|e| fail("starting a server", e))?;
        }
        cluster.wait_whole()?;
        Ok(cluster)
    }

    fn launch(&mut self, at: usize, binary: &Path) -> std::io::Result<()> {
        let home = self.dir.path().join(node_name(at));
        let log = File::options().create(true).append(true).open(home.join("log"))?;
        let errors = log.try_clone()?;
        let child = Command::new(binary)
            .args(["agent", "-config-file"])
            .arg(home.join("config.json"))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()?;
        self.members[at].child = Some(child);
        Ok(())
    }

    /// Waits until each running server knows a leader, and all three are healthy in the catalog.
    ///
    /// # Errors
    /// If that does not happen within a minute and a half.
    pub fn wait_whole(&self) -> Result<(), NoServer> {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            let all_know = (0..MEMBERS)
                .all(|at| self.get(at, "/v1/status/leader").is_some_and(|leader| leader != ""));
            let healthy = self.get(0, "/v1/health/state/passing").map_or(0, |checks| {
                let checks = checks.as_array().cloned().unwrap_or_default();
                checks.iter().filter(|check| check["CheckID"] == "serfHealth").count()
            });
            if all_know && healthy == MEMBERS {
                return Ok(());
            }
            sleep(Duration::from_millis(100));
        }
        Err(NoServer::new(format!("the cluster is not whole after {PATIENCE:?}")))
    }

    /// Address of a member's HTTP API.
    #[must_use]
    pub fn http_addr(&self, at: usize) -> SocketAddr {
        self.members[at].http
    }

    /// The management token's SecretID.
    #[must_use]
    pub fn token(&self) -> &'static str {
        MANAGEMENT_SECRET
    }

    /// The JSON of a member's answer to a GET; `None` without an answer.
    #[must_use]
    pub fn get(&self, at: usize, path: &str) -> Option<Value> {
        let answer = self.request(at, "GET", path, b"")?;
        serde_json::from_slice(&answer.ok().ok()?).ok()
    }

    /// A member's answer; `None` if there is none.
    #[must_use]
    pub fn request(&self, at: usize, method: &str, path: &str, body: &[u8]) -> Option<Response> {
        http::request(self.members[at].http, method, path, self.token(), body).ok()
    }

    /// A member's data directory.
    #[must_use]
    pub fn data_dir(&self, at: usize) -> PathBuf {
        self.dir.path().join(node_name(at)).join("data")
    }

    /// The leading member, according to those that run.
    #[must_use]
    pub fn leader(&self) -> Option<usize> {
        let running = (0..MEMBERS).find(|at| self.members[*at].child.is_some())?;
        let leader = self.get(running, "/v1/status/leader")?.as_str()?.to_owned();
        self.members.iter().position(|member| member.server.to_string() == leader)
    }

    /// Kills a member without warning, as a power cut would.
    pub fn kill(&mut self, at: usize) {
        if let Some(mut child) = self.members[at].child.take() {
            let _ = child.kill();
            wait_bounded(&mut child, Duration::from_secs(10));
        }
    }

    /// Restarts a killed member with its data.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn start_again(&mut self, at: usize) -> Result<(), NoServer> {
        let binary = binary()?;
        self.launch(at, &binary).map_err(|e| NoServer::new(format!("starting a server: {e}")))
    }
}

impl Drop for ConsulCluster {
    fn drop(&mut self) {
        for at in 0..MEMBERS {
            self.kill(at);
        }
    }
}

/// The node name of a member.
#[must_use]
pub fn node_name(at: usize) -> String {
    format!("node-{at}")
}

fn config_text(at: usize, home: &Path, ports: &[u16], join: &[String]) -> String {
    json!({
        "data_dir": home.join("data"),
        "node_name": node_name(at),
        "server": true,
        "bootstrap_expect": MEMBERS,
        "bind_addr": "127.0.0.1",
        "client_addr": "127.0.0.1",
        "ports": {"http": ports[0], "server": ports[1], "serf_lan": ports[2], "serf_wan": -1, "dns": -1, "grpc": -1},
        "retry_join": join,
        "retry_interval": "1s",
        "acl": {
            "enabled": true, "default_policy": "deny",
            "tokens": {"master": MANAGEMENT_SECRET, "agent": MANAGEMENT_SECRET},
        },
        "disable_update_check": true,
        "leave_on_terminate": false,
        "performance": {"raft_multiplier": 1},
        "log_level": "WARN",
    })
    .to_string()
}
