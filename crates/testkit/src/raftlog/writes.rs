//! Entries with common writes. The same seed gives the same entries.

use super::entry::LogEntry;
use crate::msgpack::{Val, structure};
use crate::random::{SplitMix64, mix};
use crate::records::catalog::{Check, Node, Service};
use crate::records::{acl, catalog};
use crate::shapes::ConsulVersion;

/// Existing names that writes use, besides new ones.
#[derive(Clone, Debug, Default)]
struct Existing {
    /// Keys.
    pub keys: Vec<String>,
    /// Names and IDs of nodes.
    pub nodes: Vec<(String, String)>,
}

/// An endless log.
#[derive(Clone, Debug)]
pub struct Writes {
    version: ConsulVersion,
    random: SplitMix64,
    seed: u64,
    next: u64,
    existing: Existing,
    /// Keys that are written repeatedly.
    keys: u64,
}

/// 2026-11-23T03:10:00Z.
const START: i64 = 1_795_403_400;
/// Nanoseconds between two entries.
const BETWEEN: u64 = 5_000_000;
/// Nodes that the log itself registers.
const NODES: u64 = 50;
const TOKENS: u64 = 20;
const SESSIONS: u64 = 500;

fn uuid(kind: u64, number: u64) -> String {
    let (a, b) = (mix(kind << 32 | number), mix(number << 8 | kind));
    let hex = format!("{a:016x}{b:016x}");
    let part = |range: std::ops::Range<usize>| hex[range].to_owned();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

fn command(kind: u8, request: &Val) -> Vec<u8> {
    let mut data = vec![kind];
    request.encode(&mut data);
    data
}

impl Writes {
    /// Entries from an index on, for a server of that version.
    #[must_use]
    pub fn new(version: ConsulVersion, first: u64, seed: u64) -> Self {
        let random = SplitMix64::new(seed);
        Self { version, random, seed, next: first, existing: Existing::default(), keys: 20_000 }
    }

    /// Half of the writes to keys, and some of those to nodes, are to these.
    #[must_use]
    pub fn to(mut self, keys: Vec<String>, nodes: Vec<(String, String)>) -> Self {
        self.existing = Existing { keys, nodes };
        self
    }

    fn key(&mut self) -> String {
        if !self.existing.keys.is_empty() && self.random.percent(50) {
            return self.random.pick(&self.existing.keys).clone();
        }
        let number = self.random.below(self.keys);
        format!("log/team-{}/service-{}/setting-{number}", number % 8, number % 97)
    }

    fn node(&mut self) -> Node {
        let (name, id) = if !self.existing.nodes.is_empty() && self.random.percent(50) {
            self.random.pick(&self.existing.nodes).clone()
        } else {
            let number = self.random.below(NODES);
            (format!("log-node-{number:03}"), uuid(1, number))
        };
        Node::new(&name, &id, 0)
    }

    fn token(&mut self) -> Val {
        uuid(2, self.random.below(TOKENS)).into()
    }

    fn entry_of_key(&mut self, key: String, session: &str, modify: u64) -> Val {
        let mut value = vec![0; 60 + self.random.index(80)];
        self.random.fill(&mut value);
        value.iter_mut().for_each(|byte| *byte = b'a' + *byte % 26);
        structure([
            ("Key", key.into()),
            ("Value", Val::Raw(value)),
            ("Flags", self.random.below(3).into()),
            ("Session", session.into()),
            ("LockIndex", 0u64.into()),
            ("CreateIndex", 0u64.into()),
            ("ModifyIndex", modify.into()),
        ])
    }

    fn kv(&mut self, op: &str) -> Vec<u8> {
        let key = self.key();
        let modify = if op.ends_with("cas") { self.random.below(1000) } else { 0 };
        let session =
            if op.ends_with("lock") { uuid(3, self.random.below(SESSIONS)) } else { String::new() };
        let entry = self.entry_of_key(key, &session, modify);
        let token = self.token();
        let fields =
            [("Datacenter", "dc1".into()), ("Op", op.into()), ("DirEnt", entry), ("Token", token)];
        command(2, &structure(fields))
    }

    fn transaction(&mut self) -> Vec<u8> {
        let operations = (0..1 + self.random.below(3)).map(|_| {
            let key = self.key();
            let entry = self.entry_of_key(key, "", 0);
            let kv = structure([("Verb", "set".into()), ("DirEnt", entry)]);
            structure([
                ("KV", kv),
                ("Node", Val::Nil),
                ("Service", Val::Nil),
                ("Check", Val::Nil),
                ("Intention", Val::Nil),
                ("Session", Val::Nil),
            ])
        });
        let operations = Val::Array(operations.collect());
        let token = self.token();
        let fields = [("Datacenter", "dc1".into()), ("Ops", operations), ("Token", token)];
        command(8, &structure(fields))
    }

    fn session(&mut self) -> Vec<u8> {
        let node = self.node();
        let id = uuid(3, self.random.below(SESSIONS));
        let session = catalog::session(self.version, &id, "held", &node.name, 0).body;
        let op = if self.random.percent(60) { "create" } else { "destroy" };
        let token = self.token();
        let fields = [
            ("Datacenter", "dc1".into()),
            ("Op", op.into()),
            ("Session", session),
            ("Token", token),
        ];
        command(3, &structure(fields))
    }

    fn registration(&mut self) -> Vec<u8> {
        let node = self.node();
        let number = self.random.below(12);
        let service = Service::new(&format!("log-{number}"), &format!("log-{number}"), 0);
        let statuses = ["passing", "passing", "passing", "warning", "critical"];
        let status = *self.random.pick(&statuses);
        let mut record = match self.random.below(4) {
            0 => node.record(self.version),
            1 => node.service_record(self.version, &service),
            _ => node.check_record(
                self.version,
                &Check { status: status.into(), ..Check::serf_health(0) },
            ),
        };
        record = record.with("Token", self.token());
        command(0, &record.body)
    }

    fn acl(&mut self) -> Vec<u8> {
        let number = self.random.below(TOKENS);
        if self.random.percent(10) {
            let ids = Val::Array(vec![uuid(4, number).into()]);
            let fields = [("Datacenter", "dc1".into()), ("TokenIDs", ids), ("Token", "".into())];
            return command(18, &structure(fields));
        }
        let description = format!("deploy {number}");
        let token =
            acl::token(self.version, &uuid(4, number), &uuid(2, number), &description, &[], &[], 0);
        let fields = [
            ("Tokens", Val::Array(vec![token.body])),
            ("CAS", false.into()),
            ("AllowMissingLinks", false.into()),
            ("ProhibitUnprivileged", false.into()),
        ];
        command(17, &structure(fields))
    }

    fn coordinates(&mut self) -> Vec<u8> {
        let node = self.node();
        let vec = [0.0; 8].map(|_: f64| self.random.below(1000) as f64 / 1e6);
        command(6, &catalog::coordinate(self.version, &node.name, vec, 1e-5).body)
    }

    fn data(&mut self) -> Vec<u8> {
        match self.random.below(100) {
            0..=64 => self.kv("set"),
            65..=69 => self.kv("cas"),
            70..=75 => self.kv("delete"),
            76..=78 => self.kv("lock"),
            79..=81 => self.kv("unlock"),
            82..=85 => self.transaction(),
            86..=89 => self.session(),
            90..=95 => self.registration(),
            96..=97 => self.acl(),
            _ => self.coordinates(),
        }
    }
}

impl Iterator for Writes {
    type Item = LogEntry;

    fn next(&mut self) -> Option<LogEntry> {
        let index = self.next;
        self.next += 1;
        let nanos = index * BETWEEN + mix(self.seed ^ index) % BETWEEN;
        let is_timed = self.version >= ConsulVersion::V1_14_7;
        let at = (START + (nanos / 1_000_000_000) as i64, (nanos % 1_000_000_000) as u32);
        let appended_at = is_timed.then_some(at);
        let (kind, data) = match index {
            1 => (1, Vec::new()),
            _ => (0, self.data()),
        };
        Some(LogEntry { index, term: 2, kind, data, extensions: Vec::new(), appended_at })
    }
}
