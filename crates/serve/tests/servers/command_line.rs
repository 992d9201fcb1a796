//! Consul's own command line, with a running server and with the served snapshot.

use crate::beside::{TIME, settle};
use crate::recording::Recording;
use crate::served;
use snapscope_archive::Source;
use snapscope_serve::Settings;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::consul::binary;
use std::net::SocketAddr;
use std::process::{Command, Output};
use std::time::Instant;

/// Calls that only read. Those of the catalog come first, because the server removes nodes from it
/// a minute after its start.
const CALLS: &[&str] = &[
    "catalog datacenters",
    "catalog nodes",
    "catalog nodes -detailed",
    "catalog nodes -service=ads-api",
    "catalog nodes -node-meta=zone=a",
    "catalog nodes -near=ap-south-1-node-02",
    "catalog nodes -filter=Meta.zone==b",
    "catalog services",
    "catalog services -node=ap-south-1-node-02",
    "catalog services -node-meta=zone=a",
    "rtt ap-south-1-node-02 ap-south-1-node-06",
    "rtt ap-south-1-node-02 nope",
    "watch -type=nodes",
    "watch -type=service -service=ads-api -passingonly=false",
    "watch -type=checks -state=critical",
    "watch -type=checks -service=ads-api",
    "watch -type=event -name=deploy",
    "watch -type=key -key=counter",
    "watch -type=keyprefix -prefix=config/dev/",
    "kv get counter",
    "kv get missing/key",
    "kv get -detailed locks/again",
    "kv get -keys config/",
    "kv get -keys -separator=/ apps/",
    "kv get -recurse config/dev/",
    "kv get -recurse -detailed config/dev/",
    "kv get -recurse -base64 config/dev/",
    "kv get -base64 counter",
    "kv get -stale counter",
    "kv export apps/",
    "kv export missing/",
    "acl token list",
    "acl token list -meta",
    "acl token list -format=json",
    "acl token read -self",
    "acl token read -self -format=json",
    "acl token read -id 00000000-0000-0000-0000-000000000002",
    "acl token read -id 00000000-0000-0000-0000-00000000dead",
    "acl policy list",
    "acl policy list -meta",
    "acl policy list -format=json",
    "acl policy read -name global-management",
    "acl policy read -id 00000000-0000-0000-0000-000000000001",
    "acl policy read -id 00000000-0000-0000-0000-000000000001 -format=json",
    "acl policy read -name nope",
    "acl role list",
    "acl role list -meta",
    "acl role list -format=json",
    "acl role read -name role-policies",
    "acl role read -name role-policies -meta",
    "acl role read -name nope",
    "acl auth-method list",
    "acl auth-method list -meta",
    "acl auth-method list -format=json",
    "acl auth-method read -name jwt-local",
    "acl auth-method read -name jwt-local -format=json",
    "acl auth-method read -name nope",
    "acl binding-rule list",
    "acl binding-rule list -meta",
    "acl binding-rule list -format=json",
    "acl binding-rule read -id 00000000-0000-0000-0000-00000000dead",
    "config list -kind service-defaults",
    "config list -kind proxy-defaults",
    "config list -kind service-router",
    "config list -kind terminating-gateway",
    "config list -kind nope",
    "config read -kind proxy-defaults -name global",
    "config read -kind service-resolver -name shipping-scheduler",
    "config read -kind service-splitter -name nope",
    "config list -kind ingress-gateway",
    "connect ca get-config",
    "intention check payments-gateway billing-frontend",
    "intention check nope nope",
    "intention match ads-cache",
    "intention match -source payments-gateway",
    "intention match nope",
    "intention get payments-gateway billing-frontend",
    "intention get nope nope",
    "operator autopilot get-config",
    "maint",
    "acl translate-rules -token-accessor 00000000-0000-0000-0000-000000000002",
];

/// Calls whose answers differ, what in them is equal, and why the rest is not.
const EXCEPTED: &[(&str, Equal, &str)] = &[
    ("members", Equal::Code, "the nodes are those of the catalog, not those that gossip knows"),
    ("members -detailed", Equal::Code, "tags of gossip are in no snapshot"),
    ("operator raft list-peers", Equal::Code, "no snapshot records who leads"),
    ("info", Equal::Code, "statistics of a running agent are in no snapshot"),
    ("keyring -list", Equal::Nothing, "gossip keys are in no snapshot"),
    ("catalog services -tags", Equal::Names, "servers list tags in random order"),
    ("watch -type=services", Equal::Code, "servers list tags in random order"),
];

/// What is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Equal {
    /// Everything: the output and the exit code.
    All,
    /// The exit code, and the first word of each line.
    Names,
    /// The exit code.
    Code,
    /// Neither.
    Nothing,
}

/// The first word of each line.
fn names(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

fn run(to: SocketAddr, token: &str, call: &str) -> Output {
    Command::new(binary().unwrap())
        .args(call.split(' '))
        .env("CONSUL_HTTP_ADDR", to.to_string())
        .env("CONSUL_HTTP_TOKEN", token)
        .output()
        .unwrap()
}

/// A running server, and its snapshot served.
struct Pair {
    theirs: ConsulServer,
    ours: SocketAddr,
    started: Instant,
}

impl Pair {
    fn start(recording: &Recording, token: &str) -> Option<Self> {
        let mut theirs = ConsulServer::for_test("consuls_command_line_prints_the_same")?;
        let started = Instant::now();
        theirs.snapshot_restore(&std::fs::read(&recording.snapshot).unwrap()).unwrap();
        settle(&theirs, token);
        let to = theirs.http_addr();
        let taken = snapscope_testkit::http::request(to, "GET", "/v1/snapshot", token, b"");
        let taken = taken.unwrap().ok().unwrap();
        let ours = served(Source::Memory(taken.into()), Settings::default());
        Some(Self { theirs, ours, started })
    }

    fn run(&self, token: &str, call: &str) -> (Output, Output) {
        (run(self.theirs.http_addr(), token, call), run(self.ours, token, call))
    }
}

#[test]
fn consuls_command_line_prints_the_same() {
    let recording = Recording::read("1.8.7");
    let token = recording.secret("management");
    let Some(mut pair) = Pair::start(&recording, &token) else { return };
    let calls = CALLS.iter().map(|call| (*call, Equal::All, ""));
    let calls: Vec<_> = calls.chain(EXCEPTED.iter().copied()).collect();
    let mut different = Vec::new();
    for (call, equal, why) in &calls {
        // A minute after its start this server ends with a panic.
        if pair.started.elapsed() > TIME {
            pair = Pair::start(&recording, &token).unwrap();
        }
        let (theirs, ours) = pair.run(&token, call);
        let same = match equal {
            Equal::All => {
                theirs.status.code() == ours.status.code()
                    && theirs.stdout == ours.stdout
                    && theirs.stderr == ours.stderr
            }
            Equal::Names => {
                theirs.status.code() == ours.status.code() && names(&theirs) == names(&ours)
            }
            Equal::Code => theirs.status.code() == ours.status.code(),
            Equal::Nothing => !ours.status.success(),
        };
        if !same {
            different.push(format!(
                "consul {call} ({why}): {:?} {} {}\n  expected {:?} {} {}",
                ours.status.code(),
                String::from_utf8_lossy(&ours.stdout),
                String::from_utf8_lossy(&ours.stderr),
                theirs.status.code(),
                String::from_utf8_lossy(&theirs.stdout),
                String::from_utf8_lossy(&theirs.stderr),
            ));
        }
    }
    eprintln!("{} calls, {} different", calls.len(), different.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// The command line saves the served snapshot.
#[test]
fn consuls_command_line_saves_the_snapshot() {
    let recording = Recording::read("1.8.7");
    let Ok(_) = binary() else { return };
    let ours = served(Source::File(recording.snapshot.clone()), Settings::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("saved.snap");
    let saved =
        run(ours, &recording.secret("management"), &format!("snapshot save {}", file.display()));
    assert!(saved.status.success(), "{saved:?}");
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(&recording.snapshot).unwrap());
    let inspected = run(ours, "", &format!("snapshot inspect {}", file.display()));
    assert!(inspected.status.success(), "{inspected:?}");
}
