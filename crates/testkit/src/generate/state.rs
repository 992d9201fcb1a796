//! The state file: its sections in the order of servers, and the calculation of its exact size.

use std::collections::VecDeque;
use std::io::{self, Write};

use super::keys::Groups;
use super::options::{GenerateOptions, Generated, MIN_BYTES};
use super::people::{
    MANAGEMENT_ACCESSOR, MANAGEMENT_SECRET, NODE_CHECK, Purpose, SERVICE_NAMES, node, node_name,
    rising_id, rules, service_name, stream,
};
use super::sink::Sink;
use super::values;
use crate::msgpack::{put_raw_length, texts};
use crate::random::{SplitMix64, mix};
use crate::records::{acl, catalog, cluster, config, connect, kv, peering};
use crate::shapes::ConsulVersion;
use crate::snapshot::header;

/// Shares of the whole, in thousandths. KV takes the rest, about 90 %.
const REGISTRATIONS: u64 = 80;
const TOKENS: u64 = 12;
const POLICIES: u64 = 4;
/// Measured bytes of one token, one policy, and one node with all its objects; used only to choose counts.
const TOKEN_BYTES: u64 = 420;
const POLICY_BYTES: u64 = 560;
const NODE_BYTES: [u64; 2] = [19_000, 27_000];
const KV_BYTES: u64 = 1060;

/// The header's LastIndex: about one write per record.
pub(super) fn last_index(options: &GenerateOptions) -> u64 {
    1000 + options.state_bytes() / 1000
}

/// Number of things of each kind, which depend only on the size.
struct Plan<'a> {
    options: &'a GenerateOptions,
    version: ConsulVersion,
    seed: u64,
    last: u64,
    nodes: u64,
    sessions: u64,
    tokens: u64,
    policies: u64,
    roles: u64,
    tombstones: u64,
    /// Services that have config entries, intentions and virtual IPs.
    meshed: usize,
}

/// Changes the value that starts at `begin`, unless it is empty.
fn change(out: &mut [u8], begin: usize, changed: bool) {
    if changed && let Some(first) = out.get_mut(begin) {
        *first ^= 1;
    }
}

pub(super) fn write(options: &GenerateOptions, out: impl Write) -> io::Result<Generated> {
    let plan = Plan::new(options);
    let mut sink = Sink::new(out);
    let mut made = Generated { last_index: plan.last, ..Generated::default() };
    sink.buffer.extend_from_slice(&header(plan.last));
    plan.catalog(&mut sink, &mut made)?;
    plan.acl(&mut sink)?;
    let mut tail = Sink::new(io::sink());
    plan.after_kv(&mut tail)?;
    let end = options.state_bytes() - tail.written();
    assert!(sink.written() + 2000 < end, "no room is left for KV: shares do not fit the size");
    made.kv = plan.kv(&mut sink, end)?;
    plan.after_kv(&mut sink)?;
    sink.flush()?;
    assert_eq!(sink.written(), options.state_bytes(), "the size differs from the calculated one");
    made.state_bytes = sink.written();
    made.records = sink.records;
    made.nodes = plan.nodes;
    made.sessions = plan.sessions;
    made.tokens = plan.tokens + 2;
    made.policies = plan.policies + 1;
    Ok(made)
}

impl<'a> Plan<'a> {
    fn new(options: &'a GenerateOptions) -> Self {
        let bytes = options.state_bytes();
        let share = |thousandths: u64, each: u64| (bytes / 1000 * thousandths / each).max(1);
        let new = options.version >= ConsulVersion::V1_14_7;
        let nodes = share(REGISTRATIONS, NODE_BYTES[usize::from(new)]);
        let policies = share(POLICIES, POLICY_BYTES);
        Self {
            options,
            version: options.version,
            seed: options.seed,
            last: last_index(options),
            nodes,
            sessions: nodes / 4 + 2,
            tokens: share(TOKENS, TOKEN_BYTES),
            policies,
            roles: policies / 20 + 1,
            tombstones: (bytes >> 20).clamp(3, 500),
            meshed: if bytes < 8 << 20 { 8 } else { SERVICE_NAMES / 2 },
        }
    }

    /// The last index of a table, at `percent` of all writes. One of its records has it as its modify index.
    fn top(&self, percent: u64) -> u64 {
        self.last * percent / 100
    }

    /// The index of record `i` of a table: the highest one for the first record, a random lower one for the others.
    fn index(&self, i: u64, percent: u64, random: &mut SplitMix64) -> u64 {
        if i == 0 { self.top(percent) } else { 20 + random.below(self.top(percent) - 20) }
    }

    fn meshed_names(&self) -> impl Iterator<Item = String> {
        let step = SERVICE_NAMES / self.meshed;
        (0..self.meshed).map(move |i| service_name(i * step))
    }

    fn session_id(&self, i: u64) -> String {
        rising_id(self.seed, Purpose::Session, i, self.sessions)
    }

    fn policy_id(&self, i: u64) -> String {
        rising_id(self.seed, Purpose::Policy, i, self.policies)
    }

    fn role_id(&self, i: u64) -> String {
        rising_id(self.seed, Purpose::Role, i, self.roles)
    }

    /// Virtual IPs, nodes with services and checks, coordinates, sessions.
    fn catalog<W: Write>(&self, sink: &mut Sink<W>, made: &mut Generated) -> io::Result<()> {
        if self.version >= ConsulVersion::V1_14_7 {
            let mut offset = 0;
            for name in self.meshed_names() {
                offset += 1;
                sink.put(&catalog::service_virtual_ip(
                    self.version,
                    &name,
                    "",
                    offset,
                    self.top(30),
                ))?;
            }
            sink.put(&catalog::free_virtual_ip(offset, true))?;
        }
        for i in 0..self.nodes {
            let (node, services, checks) = node(self.seed, i, self.nodes, self.top(30));
            sink.put(&node.record(self.version))?;
            for service in &services {
                sink.put(&node.service_record(self.version, service))?;
            }
            for check in &checks {
                sink.put(&node.check_record(self.version, check))?;
            }
            made.services += services.len() as u64;
            made.checks += checks.len() as u64;
        }
        for i in 0..self.nodes {
            let mut random = stream(self.seed ^ 6, Purpose::Other, i);
            let vec = std::array::from_fn(|_| random.unit() * 0.02 - 0.01);
            let height = 0.0001 + random.unit() * 0.01;
            sink.put(&catalog::coordinate(self.version, &node_name(i, self.nodes), vec, height))?;
        }
        for i in 0..self.sessions {
            let mut random = stream(self.seed, Purpose::Session, i);
            let node = node_name(random.below(self.nodes), self.nodes);
            let index = self.index(i, 40, &mut random);
            let session =
                catalog::session(self.version, &self.session_id(i), "leader-lock", &node, index);
            sink.put(&session.with("NodeChecks", texts(&[NODE_CHECK])))?;
        }
        Ok(())
    }

    /// Tokens, policies, roles, binding rules, auth methods.
    fn acl<W: Write>(&self, sink: &mut Sink<W>) -> io::Result<()> {
        self.tokens(sink)?;
        self.policies(sink)?;
        self.roles(sink)?;
        for i in 0..4 {
            let id = rising_id(self.seed ^ 25, Purpose::Other, i, 4);
            let bind = ("role", format!("role-{:05}", i % self.roles));
            sink.put(&acl::binding_rule(
                self.version,
                &id,
                "minikube",
                (bind.0, &bind.1),
                self.top(36),
            ))?;
        }
        sink.put(&acl::auth_method(self.version, "minikube", self.top(36)))
    }

    fn tokens<W: Write>(&self, sink: &mut Sink<W>) -> io::Result<()> {
        // The two tokens of every cluster are in the order of their SecretIDs: "7e..." and "anonymous".
        let mut fixed = VecDeque::from([
            (
                MANAGEMENT_SECRET,
                acl::management_token(self.version, MANAGEMENT_ACCESSOR, MANAGEMENT_SECRET, 5),
            ),
            ("anonymous", acl::anonymous_token(self.version, 6)),
        ]);
        for i in 0..self.tokens {
            let secret = rising_id(self.seed, Purpose::Token, i, self.tokens);
            while fixed.front().is_some_and(|(fixed, _)| *fixed < secret.as_str()) {
                if let Some((_, token)) = fixed.pop_front() {
                    sink.put(&token)?;
                }
            }
            let mut random = stream(self.seed ^ 17, Purpose::Token, i);
            let accessor = crate::random::uuid(random.next_u64() as u32, &mut random);
            let linked: Vec<u64> =
                (0..1 + random.below(3)).map(|_| random.below(self.policies)).collect();
            let linked: Vec<(String, String)> =
                linked.into_iter().map(|p| (self.policy_id(p), policy_name(p))).collect();
            let links: Vec<acl::Link<'_>> =
                linked.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
            let role = random.below(self.roles);
            let (role_id, role_name) = (self.role_id(role), format!("role-{role:05}"));
            let roles = [(role_id.as_str(), role_name.as_str())];
            let roles = if random.percent(20) { &roles[..] } else { &[] };
            let text = format!(
                "{} in {}",
                service_name(random.index(SERVICE_NAMES)),
                random.pick(&["dev", "prod", "test"])
            );
            let index = self.index(i, 35, &mut random);
            sink.put(&acl::token(self.version, &accessor, &secret, &text, &links, roles, index))?;
        }
        for (_, token) in fixed {
            sink.put(&token)?;
        }
        Ok(())
    }

    fn policies<W: Write>(&self, sink: &mut Sink<W>) -> io::Result<()> {
        sink.put(&acl::global_management(self.version, 4))?;
        for i in 0..self.policies {
            let mut random = stream(self.seed ^ 19, Purpose::Policy, i);
            let rules = rules(&mut random);
            let index = self.index(i, 33, &mut random);
            sink.put(&acl::policy(
                self.version,
                &self.policy_id(i),
                &policy_name(i),
                &rules,
                index,
            ))?;
        }
        Ok(())
    }

    fn roles<W: Write>(&self, sink: &mut Sink<W>) -> io::Result<()> {
        for i in 0..self.roles {
            let mut random = stream(self.seed ^ 23, Purpose::Role, i);
            let policy = random.below(self.policies);
            let (id, name) = (self.policy_id(policy), policy_name(policy));
            let service = service_name(random.index(SERVICE_NAMES));
            let index = self.index(i, 34, &mut random);
            let links = [(id.as_str(), name.as_str())];
            sink.put(&acl::role(
                self.version,
                &self.role_id(i),
                &format!("role-{i:05}"),
                &links,
                &[&service],
                index,
            ))?;
        }
        Ok(())
    }

    /// KV entries until the file has exactly `end` bytes; returns their number.
    fn kv<W: Write>(&self, sink: &mut Sink<W>, end: u64) -> io::Result<u64> {
        /// If another record would leave less than this, it is the last one and fills the rest.
        const ROOM: u64 = 400;
        let begin = sink.written();
        let groups = Groups::new(self.seed, (end - begin) / KV_BYTES);
        let (mut target, mut count) = (begin as f64, 0u64);
        let (mut key, mut value) = (Vec::new(), Vec::new());
        for group in 0..groups.count() {
            target += groups.share(group, end - begin);
            let last_group = group + 1 == groups.count();
            let mut random = stream(self.seed, Purpose::Kv, group);
            key.clear();
            groups.path(group, &mut key);
            let path = key.len();
            let mut number = 0;
            while last_group || (sink.written() as f64) < target || number == 0 {
                key.truncate(path);
                // The first is the folder itself, an empty key as user interfaces create them.
                let mut len = 0;
                if number > 0 {
                    groups.leaf(number, random.next_u64(), &mut key);
                    len = values::length(&mut random);
                }
                let modify = self.index(count, 100, &mut random);
                let create = 20 + random.below(modify - 19);
                let flags = match random.below(20) {
                    0 => random.next_u64(),
                    1..4 => 42,
                    _ => 0,
                };
                let left = end - sink.written();
                let size = |len: usize| {
                    let mut head = Vec::with_capacity(256);
                    kv::put_entry_head(&mut head, &key, len, flags, create, modify);
                    (head.len() + len) as u64
                };
                let fills = size(len) + ROOM > left;
                if fills {
                    len = fill_length(left, size(0));
                }
                value.clear();
                // Of the same length, so that everything else stays the same.
                let changed = self.is_changed(count);
                // One in 500 is locked by a session, which the fast writer does not support.
                if mix(self.seed ^ count).is_multiple_of(500) && !fills {
                    values::put(&mut value, len, &mut random);
                    change(&mut value, 0, changed);
                    let session = self.session_id(random.below(self.sessions));
                    sink.put(&kv::locked(&key, &value, flags, modify, &session, 1))?;
                } else {
                    kv::put_entry_head(&mut sink.buffer, &key, len, flags, create, modify);
                    let begin = sink.buffer.len();
                    values::put(&mut sink.buffer, len, &mut random);
                    change(&mut sink.buffer, begin, changed);
                    sink.counted()?;
                }
                count += 1;
                number += 1;
                if fills {
                    assert_eq!(sink.written(), end, "the last value fills the file");
                    return Ok(count);
                }
            }
        }
        Ok(count)
    }

    /// Whether a key's value differs from that in a snapshot without changes.
    fn is_changed(&self, key: u64) -> bool {
        mix(self.seed ^ key ^ 0xc4a6) % 100 < self.options.changed
    }

    /// Everything after KV. Its size is needed in advance, so it must depend only on the plan.
    fn after_kv<W: Write>(&self, sink: &mut Sink<W>) -> io::Result<()> {
        for i in 0..self.tombstones {
            sink.put(&kv::tombstone(format!("trash/{i:06}"), self.top(99) - i))?;
        }
        for i in 0..10 {
            let id = rising_id(self.seed ^ 7, Purpose::Other, i, 10);
            let service = service_name(i as usize * 17);
            sink.put(&catalog::prepared_query(
                self.version,
                &id,
                &format!("query-{i}"),
                &service,
                self.top(41),
            ))?;
        }
        sink.put(&cluster::autopilot(self.version, 7))?;
        let old = self.version < ConsulVersion::V1_14_7;
        if old {
            let count = self.meshed as u64;
            for (i, name) in self.meshed_names().enumerate() {
                let id = rising_id(self.seed ^ 12, Purpose::Other, i as u64, count);
                let action = if i % 3 == 0 { "deny" } else { "allow" };
                sink.put(&connect::intention(self.version, &id, "*", &name, action, self.top(42)))?;
            }
        }
        sink.put(&connect::ca_root(self.version, true, 12))?;
        sink.put(&connect::ca_provider_state(self.version, 11))?;
        sink.put(&connect::ca_config(self.version, 8))?;
        sink.put(&config::example(self.version, "proxy-defaults", "global", self.top(43)))?;
        for name in self.meshed_names() {
            sink.put(&config::example(self.version, "service-defaults", &name, self.top(43)))?;
        }
        if !old {
            for name in self.meshed_names() {
                sink.put(&config::example(
                    self.version,
                    "service-intentions",
                    &name,
                    self.top(43),
                ))?;
            }
            sink.put(&cluster::system_metadata(
                self.version,
                "intention-format",
                "config-entry",
                15,
            ))?;
            sink.put(&cluster::system_metadata(self.version, "virtual-ips", "true", 16))?;
        }
        self.indexes(sink)?;
        if !old {
            let id = rising_id(self.seed ^ 35, Purpose::Other, 0, 1);
            sink.put(&peering::peering(&id, "dc2", self.top(45)))?;
            sink.put(&peering::trust_bundle("dc2", self.top(45)))?;
            sink.put(&peering::secret(&id, &rising_id(self.seed ^ 40, Purpose::Other, 0, 1)))?;
        }
        sink.put(&cluster::chunking_state_idle())
    }

    /// The index table, by lower-cased key.
    fn indexes<W: Write>(&self, sink: &mut Sink<W>) -> io::Result<()> {
        let old = self.version < ConsulVersion::V1_14_7;
        let mut put = |key: &str, value: u64| sink.put(&cluster::index(key, value));
        put("acl-auth-methods", self.top(36))?;
        put("acl-binding-rules", self.top(36))?;
        put("acl-policies", self.top(33))?;
        put("acl-roles", self.top(34))?;
        put("acl-token-bootstrap", 5)?;
        put("acl-tokens", self.top(35))?;
        put("checks", self.top(30))?;
        put("config-entries", self.top(43))?;
        put("connect-ca-builtin", 11)?;
        put("connect-ca-builtin-serial", 10)?;
        put("connect-ca-roots", 12)?;
        put("connect-intentions", if old { self.top(42) } else { self.top(43) })?;
        put("coordinates", self.top(44))?;
        put("kvs", self.last)?;
        put("nodes", self.top(30))?;
        let names = || {
            (0..SERVICE_NAMES)
                .map(service_name)
                .flat_map(|n| [n.clone(), format!("{n}-sidecar-proxy")])
        };
        if !old {
            put("peer.~:checks", self.top(30))?;
            for i in 0..self.nodes {
                put(&format!("peer.~:node.{}", node_name(i, self.nodes)), self.top(30))?;
            }
            put("peer.~:nodes", self.top(30))?;
            for name in names() {
                put(&format!("peer.~:service.{name}"), self.top(30))?;
            }
            put("peer.~:service_kind.connect-proxy", self.top(30))?;
            put("peer.~:service_kind.typical", self.top(30))?;
            put("peer.~:services", self.top(30))?;
            put("peering", self.top(45))?;
            put("peering-trust-bundles", self.top(45))?;
        }
        put("prepared-queries", self.top(41))?;
        if old {
            for name in names() {
                put(&format!("service.{name}"), self.top(30))?;
            }
        } else {
            put("service-virtual-ips", self.top(30))?;
        }
        put("service_kind.connect-proxy", self.top(30))?;
        put("service_kind.typical", self.top(30))?;
        put("services", self.top(30))?;
        put("sessions", self.top(40))?;
        if !old {
            put("system-metadata", 16)?;
        }
        put("tombstones", self.top(99))?;
        debug_assert!(self.options.state_bytes() >= MIN_BYTES);
        Ok(())
    }
}

fn policy_name(i: u64) -> String {
    format!("policy-{i:06}")
}

/// The length of a value with which a record fills `left` bytes, given the record's size with an empty value (a nil of
/// one byte). `ROOM` ensures that such a length exists.
fn fill_length(left: u64, empty: u64) -> usize {
    let raw = (left - (empty - 1)) as usize;
    let mut length_bytes = Vec::new();
    put_raw_length(&mut length_bytes, raw - 3);
    let len = raw - length_bytes.len();
    let mut check = Vec::new();
    put_raw_length(&mut check, len);
    assert_eq!(check.len() + len, raw, "no value fills {left} bytes");
    len
}
