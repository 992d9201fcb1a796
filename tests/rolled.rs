//! A real server under random writes of every kind, with snapshots between them. Its log, rolled
//! forward to each of them, must give what the server itself wrote.

use crate::support::run;
use serde_json::{Value, json};
use snapscope_testkit::consul::ConsulServer;
use snapscope_testkit::random::SplitMix64;
use std::fs;
use std::path::Path;

/// Objects that earlier writes created, for later writes.
struct Writer<'s> {
    server: &'s ConsulServer,
    random: SplitMix64,
    sessions: Vec<String>,
    tokens: Vec<String>,
    policies: Vec<String>,
    queries: Vec<String>,
    intentions: Vec<String>,
}

/// Kinds of writes; the more frequent ones are listed several times.
fn writes<'s>() -> Vec<fn(&mut Writer<'s>)> {
    vec![
        Writer::key,
        Writer::key,
        Writer::key,
        Writer::key,
        Writer::large_key,
        Writer::cas,
        Writer::cas,
        Writer::delete,
        Writer::delete_tree,
        Writer::session,
        Writer::session,
        Writer::lock,
        Writer::lock,
        Writer::unlock,
        Writer::destroy,
        Writer::register,
        Writer::register,
        Writer::register,
        Writer::check,
        Writer::check,
        Writer::deregister,
        Writer::proxy,
        Writer::gateway,
        Writer::transaction,
        Writer::transaction,
        Writer::token,
        Writer::policy,
        Writer::role,
        Writer::delete_acl,
        Writer::config_entry,
        Writer::config_entry,
        Writer::delete_config_entry,
        Writer::intention,
        Writer::query,
        Writer::legacy_token,
        Writer::autopilot,
    ]
}

const NODES: u64 = 6;
const SERVICES: u64 = 6;

impl<'s> Writer<'s> {
    fn new(server: &'s ConsulServer, seed: u64) -> Self {
        Self {
            server,
            random: SplitMix64::new(seed),
            sessions: Vec::new(),
            tokens: Vec::new(),
            policies: Vec::new(),
            queries: Vec::new(),
            intentions: Vec::new(),
        }
    }

    fn write(&mut self) {
        let writes = writes();
        let write = *self.random.pick(&writes);
        write(self);
    }

    /// Sends a request. It may be refused, because writes are random.
    fn put(&self, path: &str, body: &Value) -> Option<Value> {
        let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(body).unwrap() };
        let answer = self.server.put(path, body).ok()?;
        serde_json::from_slice(&answer).ok()
    }

    fn number(&mut self, below: u64) -> u64 {
        self.random.below(below)
    }

    fn key_name(&mut self) -> String {
        format!("app/{}/{}", ["web", "api", "job"][self.random.index(3)], self.number(8))
    }

    fn node(&mut self) -> String {
        format!("Node-{}", self.number(NODES))
    }

    fn service(&mut self) -> String {
        format!("svc-{}", self.number(SERVICES))
    }

    fn key(&mut self) {
        let (key, flags, value) = (self.key_name(), self.number(3), self.number(4));
        let path = format!("/v1/kv/{key}?flags={flags}");
        let _ = self.server.put(&path, format!("v{value}"));
    }

    /// A value that takes more than one entry of the log.
    fn large_key(&mut self) {
        let key = self.key_name();
        let value = vec![b'x'; 524_000 - self.random.index(100)];
        let _ = self.server.put(&format!("/v1/kv/{key}"), value);
    }

    fn cas(&mut self) {
        let key = self.key_name();
        let current = self.server.get_json(&format!("/v1/kv/{key}")).ok();
        let index = current.and_then(|kv| kv[0]["ModifyIndex"].as_u64()).unwrap_or(0);
        let index = if self.random.percent(60) { index } else { self.number(300) };
        let value = self.number(4);
        if self.random.percent(70) {
            let _ = self.server.put(&format!("/v1/kv/{key}?cas={index}"), format!("v{value}"));
        } else {
            let _ = self.server.delete(&format!("/v1/kv/{key}?cas={index}"));
        }
    }

    fn delete(&mut self) {
        let key = self.key_name();
        let _ = self.server.delete(&format!("/v1/kv/{key}"));
    }

    fn delete_tree(&mut self) {
        let prefix = ["app/web", "app/api/", "app/none", "app/job/1"][self.random.index(4)];
        let _ = self.server.delete(&format!("/v1/kv/{prefix}?recurse"));
    }

    fn session(&mut self) {
        let node = if self.random.percent(50) { self.node() } else { "testkit".to_owned() };
        let behavior = ["release", "delete"][self.random.index(2)];
        let mut body = json!({
            "Node": node,
            "Name": "s",
            "Behavior": behavior,
            "LockDelay": "1ms",
            "Checks": [],
        });
        if self.random.percent(40) {
            body["NodeChecks"] = json!(["c0"]);
        }
        if self.random.percent(20) {
            body["TTL"] = json!("10s");
        }
        let made = self.put("/v1/session/create", &body);
        self.sessions.extend(made.and_then(|made| Some(made["ID"].as_str()?.to_owned())));
    }

    fn any(&mut self, of: fn(&Self) -> &Vec<String>) -> Option<String> {
        let len = of(self).len();
        let at = if len == 0 { 0 } else { self.random.index(len) };
        of(self).get(at).cloned()
    }

    fn lock(&mut self) {
        let Some(session) = self.any(|w| &w.sessions) else { return };
        let key = self.key_name();
        let _ = self.server.put(&format!("/v1/kv/{key}?acquire={session}"), "held");
    }

    fn unlock(&mut self) {
        let Some(session) = self.any(|w| &w.sessions) else { return };
        let key = self.key_name();
        let _ = self.server.put(&format!("/v1/kv/{key}?release={session}"), "free");
    }

    fn destroy(&mut self) {
        let Some(session) = self.any(|w| &w.sessions) else { return };
        self.put(&format!("/v1/session/destroy/{session}"), &Value::Null);
    }

    fn register(&mut self) {
        let (node, name) = (self.node(), self.service());
        let mut body = json!({
            "Node": node,
            "Address": format!("10.0.0.{}", self.number(3)),
        });
        if self.random.percent(30) {
            body["ID"] =
                json!(format!("00000000-0000-4000-8000-00000000000{}", self.number(NODES)));
        }
        if self.random.percent(70) {
            let (id, port) = (self.number(2), self.number(3));
            body["Service"] = json!({"ID": format!("{name}-{id}"), "Service": name, "Port": port});
            if self.random.percent(30) {
                body["Service"]["Tags"] = json!(["a", "b"]);
            }
        }
        if self.random.percent(40) {
            let status = ["passing", "warning", "critical"][self.random.index(3)];
            body["Check"] = json!({"Node": node, "CheckID": "c0", "Name": "c0", "Status": status});
        }
        self.put("/v1/catalog/register", &body);
    }

    fn check(&mut self) {
        let (node, name) = (self.node(), self.service());
        let status = ["passing", "warning", "critical"][self.random.index(3)];
        let mut check = json!({
            "Node": node,
            "CheckID": format!("c{}", self.number(3)),
            "Name": "check",
            "Status": status,
        });
        if self.random.percent(50) {
            check["ServiceID"] = json!(format!("{name}-{}", self.number(2)));
        }
        let body = json!({
            "Node": node,
            "Address": "10.0.0.1",
            "SkipNodeUpdate": true,
            "Check": check,
        });
        self.put("/v1/catalog/register", &body);
    }

    fn deregister(&mut self) {
        let (node, name) = (self.node(), self.service());
        let mut body = json!({"Node": node});
        match self.number(6) {
            0 => {}
            1 | 2 => body["CheckID"] = json!(format!("c{}", self.number(3))),
            _ => body["ServiceID"] = json!(format!("{name}-{}", self.number(2))),
        }
        self.put("/v1/catalog/deregister", &body);
    }

    fn proxy(&mut self) {
        let (node, name, upstream) = (self.node(), self.service(), self.service());
        let body = json!({
            "Node": node,
            "Address": "10.0.0.1",
            "SkipNodeUpdate": true,
            "Service": {
                "Kind": "connect-proxy",
                "ID": format!("{name}-proxy"),
                "Service": format!("{name}-proxy"),
                "Port": 20000 + self.number(3),
                "Proxy": {
                    "DestinationServiceName": name,
                    "Upstreams": [{"DestinationName": upstream, "LocalBindPort": 9000}],
                },
            },
        });
        self.put("/v1/catalog/register", &body);
    }

    fn gateway(&mut self) {
        let (node, kind) =
            (self.node(), ["terminating-gateway", "ingress-gateway"][self.random.index(2)]);
        let service = json!({"Kind": kind, "ID": kind, "Service": kind, "Port": self.number(3)});
        let body = json!({
            "Node": node,
            "Address": "10.0.0.1",
            "SkipNodeUpdate": true,
            "Service": service,
        });
        self.put("/v1/catalog/register", &body);
    }

    fn transaction(&mut self) {
        let mut operations = Vec::new();
        for _ in 0..=self.number(3) {
            let key = self.key_name();
            let node = self.node();
            let index = self.number(400);
            operations.push(match self.number(8) {
                0 | 1 => json!({"KV": {"Verb": "set", "Key": key, "Value": "dg=="}}),
                2 => json!({"KV": {"Verb": "delete", "Key": key}}),
                3 => json!({"KV": {"Verb": "cas", "Key": key, "Value": "dg==", "Index": index}}),
                4 => json!({"KV": {"Verb": "check-not-exists", "Key": key}}),
                5 => json!({"KV": {"Verb": "delete-tree", "Key": "app/web"}}),
                6 => json!({"Node": {"Verb": "set", "Node": {
                    "Node": node, "Address": format!("10.1.0.{}", self.number(3)), "Datacenter": "dc1",
                }}}),
                _ => json!({"Service": {"Verb": "set", "Node": node, "Service": {
                    "ID": "txn", "Service": "txn", "Port": self.number(3),
                }}}),
            });
        }
        self.put("/v1/txn", &json!(operations));
    }

    fn policy(&mut self) {
        let name = format!("policy-{}", self.number(6));
        let body = json!({"Name": name, "Rules": format!("key \"{}\" {{ policy = \"read\" }}", self.number(9))});
        let made = self.put("/v1/acl/policy", &body);
        self.policies.extend(made.and_then(|made| Some(made["ID"].as_str()?.to_owned())));
    }

    fn token(&mut self) {
        let policies: Vec<Value> =
            self.any(|w| &w.policies).into_iter().map(|id| json!({"ID": id})).collect();
        let body = json!({"Description": format!("t{}", self.number(9)), "Policies": policies});
        let path = match self.any(|w| &w.tokens).filter(|_| self.random.percent(30)) {
            Some(token) => format!("/v1/acl/token/{token}"),
            None => "/v1/acl/token".to_owned(),
        };
        let made = self.put(&path, &body);
        self.tokens.extend(made.and_then(|made| Some(made["AccessorID"].as_str()?.to_owned())));
    }

    fn role(&mut self) {
        let policies: Vec<Value> =
            self.any(|w| &w.policies).into_iter().map(|id| json!({"ID": id})).collect();
        let name = format!("role-{}", self.number(5));
        self.put("/v1/acl/role", &json!({"Name": name, "Policies": policies}));
    }

    fn legacy_token(&mut self) {
        let name = format!("old {}", self.number(5));
        let body =
            json!({"Name": name, "Type": "client", "Rules": "key \"\" { policy = \"read\" }"});
        self.put("/v1/acl/create", &body);
    }

    fn delete_acl(&mut self) {
        let path = if self.random.percent(50) {
            self.any(|w| &w.tokens).map(|token| format!("/v1/acl/token/{token}"))
        } else {
            self.any(|w| &w.policies).map(|policy| format!("/v1/acl/policy/{policy}"))
        };
        let _ = path.map(|path| self.server.delete(&path));
    }

    fn config_entry(&mut self) {
        let (name, other) = (self.service(), self.service());
        let protocol = ["tcp", "http"][self.random.index(2)];
        let body = match self.number(7) {
            0 | 1 => json!({"Kind": "service-defaults", "Name": name, "Protocol": protocol}),
            2 => json!({"Kind": "service-resolver", "Name": name, "ConnectTimeout": "5s"}),
            3 => {
                let last = ["*", "svc-9"][self.random.index(2)];
                json!({"Kind": "terminating-gateway", "Name": "terminating-gateway",
                    "Services": [{"Name": name}, {"Name": last}]})
            }
            4 => json!({"Kind": "ingress-gateway", "Name": "ingress-gateway",
                "Listeners": [{"Port": 8080, "Protocol": "tcp", "Services": [{"Name": other}]}]}),
            5 => json!({"Kind": "service-router", "Name": name}),
            _ => json!({"Kind": "service-splitter", "Name": name, "Splits": [{"Weight": 100}]}),
        };
        self.put("/v1/config", &body);
    }

    fn delete_config_entry(&mut self) {
        let name = self.service();
        let path = match self.number(5) {
            0 => "terminating-gateway/terminating-gateway".to_owned(),
            1 => "ingress-gateway/ingress-gateway".to_owned(),
            2 => format!("service-resolver/{name}"),
            3 => format!("service-router/{name}"),
            _ => format!("service-defaults/{name}"),
        };
        let _ = self.server.delete(&format!("/v1/config/{path}"));
    }

    fn intention(&mut self) {
        if let Some(id) = self.any(|w| &w.intentions).filter(|_| self.random.percent(40)) {
            let _ = self.server.delete(&format!("/v1/connect/intentions/{id}"));
            return;
        }
        let body = json!({
            "SourceName": self.service(),
            "DestinationName": self.service(),
            "SourceType": "consul",
            "Action": "allow",
        });
        let made = self.server.post("/v1/connect/intentions", body.to_string()).ok();
        let made = made.and_then(|made| serde_json::from_slice::<Value>(&made).ok());
        self.intentions.extend(made.and_then(|made| Some(made["ID"].as_str()?.to_owned())));
    }

    fn query(&mut self) {
        if let Some(id) = self.any(|w| &w.queries).filter(|_| self.random.percent(40)) {
            let _ = self.server.delete(&format!("/v1/query/{id}"));
            return;
        }
        let mut body = json!({
            "Name": format!("q{}", self.number(6)),
            "Service": {"Service": self.service()},
        });
        if let Some(session) = self.any(|w| &w.sessions).filter(|_| self.random.percent(50)) {
            body["Session"] = json!(session);
        }
        let made = self.server.post("/v1/query", body.to_string()).ok();
        let made = made.and_then(|made| serde_json::from_slice::<Value>(&made).ok());
        self.queries.extend(made.and_then(|made| Some(made["ID"].as_str()?.to_owned())));
    }

    fn autopilot(&mut self) {
        let body = json!({"CleanupDeadServers": true, "MaxTrailingLogs": 250 + self.number(3)});
        self.put("/v1/operator/autopilot/configuration", &body);
    }
}

pub(crate) fn records(snapshot: &Path) -> Vec<Value> {
    let ran = run(["decode", "--raw", snapshot.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", snapshot.display());
    // The first line is meta.json, whose ID contains the time of writing.
    ran.lines().split_off(1)
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn rolled_forward(seed: u64, snapshots: usize, writes: usize) {
    let Some(server) = ConsulServer::for_test("rolled") else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(&server, seed);
    let mut taken = Vec::new();
    for number in 0..snapshots {
        (0..writes).for_each(|_| writer.write());
        let path = dir.path().join(format!("s{number}.snap"));
        fs::write(&path, server.snapshot_save().unwrap()).unwrap();
        taken.push(path);
    }
    // Read next to the server, and again after it has ended.
    let data = dir.path().join("data");
    copy(&server.data_dir().join("raft"), &data.join("raft"));
    drop(server);
    let out = dir.path().join("out.snap");
    let mut base = None::<&Path>;
    for own in &taken {
        let inspected = run(["inspect", own.to_str().unwrap(), "-format=json"]).json();
        let index = inspected["Meta"]["Index"].to_string();
        let mut bases = vec![vec![data.to_str().unwrap()]];
        bases
            .extend(base.map(|base| vec![base.to_str().unwrap(), "--log", data.to_str().unwrap()]));
        for from in bases {
            let args = ["at", "--index", &index, "--force", "--level", "1", "--out"];
            let ran = run(args.iter().copied().chain([out.to_str().unwrap()]).chain(from.clone()));
            // A snapshot does not have everything that a server knows about its gateways; then the
            // answer says so.
            let is_unsure =
                ran.code() == 3 && ran.stderr.contains("type Index: a snapshot does not say");
            assert!(ran.code() == 0 || is_unsure, "seed {seed}: {}", ran.stderr);
            let (mut ours, mut theirs) = (records(&out), records(own));
            if is_unsure {
                let is_known = |record: &Value| record["Data"]["Key"] != "gateway-services";
                ours.retain(is_known);
                theirs.retain(is_known);
            }
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(ours, theirs, "seed {seed}, index {index}, from {from:?}");
            }
            assert_eq!(ours.len(), theirs.len(), "seed {seed}, index {index}, from {from:?}");
        }
        base = Some(own);
    }
}

#[test]
fn a_servers_log_rolled_forward_is_its_next_snapshot() {
    rolled_forward(1, 8, 60);
}

/// Many seeds: `ROLLED_SEEDS=5..25`.
#[test]
#[ignore = "minutes"]
fn many_servers_logs_rolled_forward() {
    let seeds = std::env::var("ROLLED_SEEDS").unwrap_or_else(|_| "2..6".to_owned());
    let (from, to) = seeds.split_once("..").unwrap();
    for seed in from.parse::<u64>().unwrap()..to.parse().unwrap() {
        rolled_forward(seed, 50, 40);
    }
}
