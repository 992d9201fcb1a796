//! Starts a real Consul server for a test and stops it again.
//!
//! The server listens only on loopback, on free ports, and keeps its data in a temporary folder. It contacts nobody. It
//! is killed by its process ID when the value is dropped.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::child::wait_bounded;
use crate::fetch::fetched;
use crate::generate::MANAGEMENT_SECRET;
use crate::http::{self, Response};

/// Names an existing Consul binary, so that none is downloaded.
pub const BINARY_VARIABLE: &str = "SNAPSCOPE_CONSUL";
/// The server's node name.
pub const NODE_NAME: &str = "testkit";

const LEADER_PATIENCE: Duration = Duration::from_secs(60);

/// Why a server could not be started.
#[derive(Debug)]
pub struct NoServer(String);

impl NoServer {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl std::fmt::Display for NoServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoServer {}

/// Whether tests must fail if no server can be started (`CI=true`), instead of being skipped.
#[must_use]
pub fn required() -> bool {
    std::env::var("CI").is_ok_and(|v| v == "true")
}

/// How a server differs from the plain one of [`ConsulServer::start`].
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// Also serves HTTPS, to clients with a certificate of that CA.
    pub tls: Option<TlsFiles>,
    /// Also serves HTTP on a Unix socket.
    pub unix_socket: bool,
    /// Waits for two more servers that never appear, so it has no leader.
    pub alone: bool,
    /// Has no tokens, because its ACL system was never bootstrapped.
    pub tokenless: bool,
}

/// PEM files of a server that serves HTTPS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The CA of accepted client certificates.
    pub ca: PathBuf,
    /// The server's certificate.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A running server with ACLs on (default deny), Connect on, and one management token.
#[derive(Debug)]
pub struct ConsulServer {
    child: Child,
    /// Kept for its removal on drop.
    dir: TempDir,
    http: SocketAddr,
    https: SocketAddr,
    version: (u64, u64, u64),
}

impl ConsulServer {
    /// Starts a server and waits until it leads and answers.
    ///
    /// # Errors
    /// If no binary is found or downloaded, or the server does not start. The message contains
    /// the end of its log.
    pub fn start() -> Result<Self, NoServer> {
        Self::start_with(&ServerOptions::default())
    }

    /// The same with options. For a server without a leader, waits only until it answers.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with(options: &ServerOptions) -> Result<Self, NoServer> {
        let binary = binary()?;
        let version = version_of(&binary)?;
        let mut last = NoServer("not tried".into());
        // A port that was free may be taken by another test before the server binds it.
        for _ in 0..3 {
            match Self::start_once(&binary, version, options) {
                Ok(server) => return Ok(server),
                Err(e) => last = e,
            }
        }
        Err(last)
    }

    /// A server for the test named `test`. If there is none, prints why the test is skipped and returns `None`.
    ///
    /// # Panics
    /// If no server is available, but CI requires one.
    #[must_use]
    pub fn for_test(test: &str) -> Option<Self> {
        Self::for_test_with(test, &ServerOptions::default())
    }

    /// The same with options.
    ///
    /// # Panics
    /// As [`for_test`](Self::for_test).
    #[must_use]
    pub fn for_test_with(test: &str, options: &ServerOptions) -> Option<Self> {
        match Self::start_with(options) {
            Ok(server) => Some(server),
            Err(e) if required() => panic!("{test} needs a Consul server: {e}"),
            Err(e) => {
                #[allow(clippy::print_stderr)]
                {
                    eprintln!("skipped: {test} needs a Consul server: {e}");
                }
                None
            }
        }
    }

    fn start_once(
        binary: &Path,
        version: (u64, u64, u64),
        options: &ServerOptions,
    ) -> Result<Self, NoServer> {
        let fail = |what: &str, e: io::Error| NoServer(format!("{what}: {e}"));
        let dir = tempfile::Builder::new()
            .prefix("snapscope-consul")
            .tempdir()
            .map_err(|e| fail("temporary folder", e))?;
        let ports = free_ports(4).map_err(|e| fail("free ports", e))?;
        let config = dir.path().join("config.json");
        fs::write(&config, config_text(dir.path(), &ports, version, options))
            .map_err(|e| fail("config file", e))?;
        let log = File::create(dir.path().join("log")).map_err(|e| fail("log file", e))?;
        let errors = log.try_clone().map_err(|e| fail("log file", e))?;
        let child = Command::new(binary)
            .args(["agent", "-config-file"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|e| fail("starting the server", e))?;
        let http = SocketAddr::from((Ipv4Addr::LOCALHOST, ports[0]));
        let https = SocketAddr::from((Ipv4Addr::LOCALHOST, ports[3]));
        let mut server = Self { child, dir, http, https, version };
        if options.alone {
            server.wait_for(|server| server.get("/v1/status/leader").map(drop))?;
        } else if options.tokenless {
            server.wait_for(Self::has_leader)?;
        } else {
            server.wait_for(Self::registered)?;
        }
        Ok(server)
    }

    /// Waits until the server leads and its ACLs and CA are up.
    ///
    /// # Errors
    /// If that does not happen within a minute, or the server ends.
    pub fn wait_ready(&mut self) -> Result<(), NoServer> {
        self.wait_for(Self::leads)
    }

    fn wait_for(&mut self, ready: impl Fn(&Self) -> Result<(), String>) -> Result<(), NoServer> {
        let begin = Instant::now();
        let mut last = String::new();
        while begin.elapsed() < LEADER_PATIENCE {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(NoServer(format!(
                    "the server ended with {status}:\n{}",
                    self.log_end()
                )));
            }
            match ready(self) {
                Ok(()) => return Ok(()),
                Err(e) => last = e,
            }
            sleep(Duration::from_millis(50));
        }
        Err(NoServer(format!(
            "the server is not ready after {LEADER_PATIENCE:?} ({last}):\n{}",
            self.log_end()
        )))
    }

    fn has_leader(&self) -> Result<(), String> {
        let leader = self.get("/v1/status/leader")?;
        if leader.len() < 4 { Err("no leader yet".into()) } else { Ok(()) }
    }

    fn leads(&self) -> Result<(), String> {
        self.has_leader()?;
        self.get("/v1/acl/token/self")?;
        self.get("/v1/connect/ca/roots").map(drop)
    }

    /// Whether it leads and is in its own catalog. This is not required after a restore, which removes it from the
    /// catalog for up to a minute.
    fn registered(&self) -> Result<(), String> {
        self.leads()?;
        let node = self.get(&format!("/v1/health/node/{NODE_NAME}"))?;
        if node.windows(10).any(|w| w == b"serfHealth") {
            Ok(())
        } else {
            Err("not registered yet".into())
        }
    }

    /// Address of the HTTP API.
    #[must_use]
    pub fn http_addr(&self) -> SocketAddr {
        self.http
    }

    /// Address of the HTTPS API, for servers that have one.
    #[must_use]
    pub fn https_addr(&self) -> SocketAddr {
        self.https
    }

    /// The Unix socket of the HTTP API, for servers that have one.
    #[must_use]
    pub fn unix_socket(&self) -> PathBuf {
        socket(self.dir.path())
    }

    /// The management token's SecretID; it is also in generated snapshots, so it is valid after a restore.
    #[must_use]
    pub fn token(&self) -> &'static str {
        MANAGEMENT_SECRET
    }

    /// The server's version.
    #[must_use]
    pub fn version(&self) -> (u64, u64, u64) {
        self.version
    }

    /// The server's data folder, which contains `raft/snapshots`.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The server's process ID.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a request with the management token.
    ///
    /// # Errors
    /// If the server can't be reached.
    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> io::Result<Response> {
        http::request(self.http, method, path, self.token(), body)
    }

    /// The body of a GET.
    ///
    /// # Errors
    /// If the server can't be reached or refuses. The message contains its answer.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, String> {
        self.checked("GET", path, &[])
    }

    /// The body of a PUT's answer.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn put(&self, path: &str, body: impl AsRef<[u8]>) -> Result<Vec<u8>, String> {
        self.checked("PUT", path, body.as_ref())
    }

    /// The body of a POST's answer.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn post(&self, path: &str, body: impl AsRef<[u8]>) -> Result<Vec<u8>, String> {
        self.checked("POST", path, body.as_ref())
    }

    /// The body of a DELETE's answer.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn delete(&self, path: &str) -> Result<Vec<u8>, String> {
        self.checked("DELETE", path, &[])
    }

    /// The JSON of a GET.
    ///
    /// # Errors
    /// As [`get`](Self::get), or when the answer is not JSON.
    pub fn get_json(&self, path: &str) -> Result<Value, String> {
        serde_json::from_slice(&self.get(path)?).map_err(|e| format!("GET {path}: {e}"))
    }

    /// A snapshot of the server's state, as `consul snapshot save` would write it.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn snapshot_save(&self) -> Result<Vec<u8>, String> {
        self.get("/v1/snapshot")
    }

    /// Restores a snapshot and waits until the server leads again. The server itself may be missing from the
    /// restored catalog for up to a minute, until it registers again.
    ///
    /// # Errors
    /// If the server refuses the snapshot or does not come back.
    pub fn snapshot_restore(&mut self, snap: &[u8]) -> Result<(), String> {
        self.put("/v1/snapshot", snap)?;
        self.wait_ready().map_err(|e| e.to_string())
    }

    /// The last lines of the server's log.
    #[must_use]
    pub fn log_end(&self) -> String {
        let log = fs::read(self.dir.path().join("log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn checked(&self, method: &str, path: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        let response =
            self.request(method, path, body).map_err(|e| format!("{method} {path}: {e}"))?;
        response.ok().map_err(|e| format!("{method} {path}: {e}"))
    }
}

impl Drop for ConsulServer {
    fn drop(&mut self) {
        // It does not leave gracefully, because nothing of it is needed any more. `kill` affects only this child.
        let _ = self.child.kill();
        wait_bounded(&mut self.child, Duration::from_secs(10));
    }
}

fn socket(dir: &Path) -> PathBuf {
    dir.join("http.sock")
}

fn config_text(
    dir: &Path,
    ports: &[u16],
    version: (u64, u64, u64),
    options: &ServerOptions,
) -> String {
    let tokens = if options.tokenless {
        json!({})
    } else if version >= (1, 11, 0) {
        json!({"initial_management": MANAGEMENT_SECRET, "agent": MANAGEMENT_SECRET})
    } else {
        json!({"master": MANAGEMENT_SECRET, "agent": MANAGEMENT_SECRET})
    };
    let mut config = json!({
        "data_dir": dir.join("data"),
        "node_name": NODE_NAME,
        "server": true,
        "bootstrap_expect": 1,
        "bind_addr": "127.0.0.1",
        "client_addr": "127.0.0.1",
        "ports": {"http": ports[0], "server": ports[1], "serf_lan": ports[2], "serf_wan": -1, "dns": -1, "grpc": -1},
        "connect": {"enabled": true},
        "acl": {"enabled": true, "default_policy": "deny", "tokens": tokens},
        "disable_update_check": true,
        // Allows keys with newlines and bytes that are not UTF-8, as in stores filled by older
        // servers.
        "disable_http_unprintable_char_filter": true,
        // The shortest election times; otherwise each test would wait ten seconds for a leader.
        "performance": {"raft_multiplier": 1},
        "log_level": "WARN",
    });
    if let Some(TlsFiles { ca, cert, key }) = &options.tls {
        config["ports"]["https"] = json!(ports[3]);
        config["ca_file"] = json!(ca);
        config["cert_file"] = json!(cert);
        config["key_file"] = json!(key);
        config["verify_incoming_https"] = json!(true);
    }
    if options.unix_socket {
        let both = format!("127.0.0.1 unix://{}", socket(dir).display());
        config["addresses"] = json!({ "http": both });
    }
    if options.alone {
        config["bootstrap_expect"] = json!(3);
    }
    config.to_string()
}

pub(crate) fn free_ports(count: usize) -> io::Result<Vec<u16>> {
    // All ports are bound at once, so they differ.
    let held: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<io::Result<_>>()?;
    held.iter().map(|l| Ok(l.local_addr()?.port())).collect()
}

/// The path of a Consul binary: the one in [`BINARY_VARIABLE`], or one that is downloaded once into the target folder.
///
/// # Errors
/// If there is none, and it cannot be downloaded.
pub fn binary() -> Result<PathBuf, NoServer> {
    if let Some(path) = std::env::var_os(BINARY_VARIABLE) {
        let path = PathBuf::from(path);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(NoServer(format!(
                "{BINARY_VARIABLE} names {}, which does not exist",
                path.display()
            )))
        };
    }
    fetched("get-consul", "consul-1.8.7", "consul")
        .map_err(|e| NoServer(format!("no Consul binary, and the download failed: {e}")))
}

fn version_of(binary: &Path) -> Result<(u64, u64, u64), NoServer> {
    let output = Command::new(binary)
        .arg("version")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| NoServer(format!("{} can't be run: {e}", binary.display())))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers = || {
        let number = text.split_whitespace().nth(1)?.strip_prefix('v')?;
        let mut parts = number.split(['.', '-', '+']).map(|p| p.parse().ok());
        Some((parts.next()??, parts.next()??, parts.next()??))
    };
    numbers().ok_or_else(|| NoServer(format!("{} is not Consul: {text:?}", binary.display())))
}
