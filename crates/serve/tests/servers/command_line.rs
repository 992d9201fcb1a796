//! Consul's own command line, asked of a running server and of the served snapshot.

use crate::recording::Recording;
use crate::served;
use snapscope_archive::Source;
use snapscope_serve::Settings;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::consul::binary;
use std::net::SocketAddr;
use std::process::{Command, Output};

/// What is asked. None of it writes.
const CALLS: &[&str] = &[
    "kv get counter",
    "kv get missing/key",
    "kv get -detailed locks/again",
    "kv get -keys config/",
    "kv get -keys -separator=/ apps/",
    "kv get -recurse config/dev/",
    "kv get -base64 counter",
    "kv export apps/",
    "catalog datacenters",
    "acl token list",
    "acl token list -format=json",
    "acl token read -self",
    "acl token read -id 00000000-0000-0000-0000-000000000002",
    "acl policy list",
    "acl policy list -format=json",
    "acl policy read -name global-management",
    "acl policy read -id 00000000-0000-0000-0000-000000000001",
    "acl policy read -name nope",
    "acl role list",
    "acl role list -format=json",
    "acl role read -name role-policies",
    "acl auth-method list",
    "acl auth-method read -name jwt-local",
    "acl binding-rule list",
    "acl binding-rule list -format=json",
    "config list -kind service-defaults",
    "config list -kind proxy-defaults",
    "config read -kind proxy-defaults -name global",
    "config read -kind service-resolver -name shipping-scheduler",
    "config read -kind service-splitter -name nope",
    "config list -kind ingress-gateway",
    "connect ca get-config",
    "operator autopilot get-config",
];

fn run(to: SocketAddr, token: &str, call: &str) -> Output {
    Command::new(binary().unwrap())
        .args(call.split(' '))
        .env("CONSUL_HTTP_ADDR", to.to_string())
        .env("CONSUL_HTTP_TOKEN", token)
        .output()
        .unwrap()
}

#[test]
fn consuls_command_line_prints_the_same() {
    let recording = Recording::read("1.8.7");
    let Some(mut server) = ConsulServer::for_test("consuls_command_line_prints_the_same") else {
        return;
    };
    server.snapshot_restore(&std::fs::read(&recording.snapshot).unwrap()).unwrap();
    let token = recording.secret("management");
    let taken =
        snapscope_testkit::http::request(server.http_addr(), "GET", "/v1/snapshot", &token, b"");
    let ours = served(Source::Memory(taken.unwrap().ok().unwrap().into()), Settings::default());
    let mut different = Vec::new();
    for call in CALLS {
        let (theirs, ours) = (run(server.http_addr(), &token, call), run(ours, &token, call));
        let same = theirs.status.code() == ours.status.code()
            && theirs.stdout == ours.stdout
            && theirs.stderr == ours.stderr;
        if !same {
            different.push(format!(
                "consul {call}: {:?} {} {}\n  expected {:?} {} {}",
                ours.status.code(),
                String::from_utf8_lossy(&ours.stdout),
                String::from_utf8_lossy(&ours.stderr),
                theirs.status.code(),
                String::from_utf8_lossy(&theirs.stdout),
                String::from_utf8_lossy(&theirs.stderr),
            ));
        }
    }
    eprintln!("{} calls, {} different", CALLS.len(), different.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}
