//! Nodes, services, sessions, policies and tokens as functions of their number, so that links to them need no lists.

use super::keys::{PARTS, TEAMS};
use crate::random::{SplitMix64, mix, uuid};
use crate::records::catalog::{Check, Node, Service};

/// SecretID of the generated snapshot's management token.
pub const MANAGEMENT_SECRET: &str = "7e57c0de-aaaa-4000-8000-00000000000a";
/// Its accessor.
pub(super) const MANAGEMENT_ACCESSOR: &str = "7e57c0de-bbbb-4000-8000-00000000000b";

/// The check of every node. It is not serfHealth, because after a restore a leader removes nodes that have that check but
/// are not members of its gossip pool. So they are external nodes, which a leader does not touch.
pub(super) const NODE_CHECK: &str = "node-alive";

/// The purpose of a random stream. Streams with different purposes never share numbers.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Node = 1,
    Session,
    Token,
    Policy,
    Role,
    Other,
    Kv,
}

/// A stream that depends only on seed, purpose and number.
pub(super) fn stream(seed: u64, purpose: Purpose, number: u64) -> SplitMix64 {
    SplitMix64::new(mix(mix(seed ^ mix(purpose as u64)) ^ number))
}

/// The ID of thing `i` of `count`. IDs ascend with `i`.
pub(super) fn rising_id(seed: u64, purpose: Purpose, i: u64, count: u64) -> String {
    // One unit at either end is left for the fixed IDs, which begin with zeros or letters.
    let head = (u128::from(i + 1) << 32) / u128::from(count + 2);
    uuid(head as u32, &mut stream(seed, purpose, i))
}

/// A service name.
pub(super) fn service_name(number: usize) -> String {
    format!("{}-{}", TEAMS[number / PARTS.len() % TEAMS.len()], PARTS[number % PARTS.len()])
}

/// Number of service names. They ascend with their numbers.
pub(super) const SERVICE_NAMES: usize = TEAMS.len() * PARTS.len();

const REGIONS: [&str; 6] =
    ["ap-south-1", "ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1", "us-west-2"];

/// The name of node `i` of `count`. Names ascend with `i`, also in lower case.
pub(super) fn node_name(i: u64, count: u64) -> String {
    let region = (i * REGIONS.len() as u64 / count.max(1)) as usize;
    format!("{}-node-{i:07}", REGIONS[region])
}

/// A node with its services and checks, each list in the order of a server's index.
pub(super) fn node(
    seed: u64,
    i: u64,
    count: u64,
    top_index: u64,
) -> (Node, Vec<Service>, Vec<Check>) {
    let mut random = stream(seed, Purpose::Node, i);
    // The first has the highest index, so that the table's index belongs to a record.
    let index = |random: &mut SplitMix64| {
        if i == 0 { top_index } else { 20 + random.below(top_index - 20) }
    };
    let head = random.next_u64() as u32;
    let modified = index(&mut random);
    let mut node = Node::new(&node_name(i, count), &uuid(head, &mut random), modified);
    node.create_index = 10 + random.below(modified.saturating_sub(9).max(1));
    node.address = format!("10.{}.{}.{}", (i >> 16) & 255, (i >> 8) & 255, i & 255);
    node.meta = vec![
        ("external-node".into(), "true".into()),
        ("instance-type".into(), (*random.pick(&["m5.large", "m5.xlarge", "c6g.2xlarge"])).into()),
        ("rack".into(), format!("r{}", random.below(64))),
    ];
    let mut services = Vec::new();
    let mut number = random.index(40);
    while number < SERVICE_NAMES && services.len() < 14 {
        let name = service_name(number);
        let modified = index(&mut random);
        let mut service =
            Service::new(&format!("{name}-{:02}", random.below(100)), &name, modified);
        service.address.clone_from(&node.address);
        service.port = 8000 + random.below(2000);
        service.tags =
            vec![format!("v{}", random.below(9)), (*random.pick(&["blue", "green"])).into()];
        service.meta =
            vec![("version".into(), format!("1.{}.{}", random.below(40), random.below(10)))];
        if random.percent(25) {
            let mut proxy = Service::new(
                &format!("{}-sidecar-proxy", service.id),
                &format!("{name}-sidecar-proxy"),
                modified,
            );
            proxy.kind = "connect-proxy".into();
            proxy.proxy_for = name;
            proxy.port = service.port + 12_000;
            services.push(service);
            services.push(proxy);
        } else {
            services.push(service);
        }
        number += 1 + random.index(90);
    }
    let alive = Check {
        id: NODE_CHECK.into(),
        name: "External Node Status".into(),
        output: "Agent alive and reachable".into(),
        ..Check::serf_health(modified)
    };
    let mut checks = vec![alive];
    for service in services.iter().filter(|s| s.kind.is_empty()) {
        let status = *random.pick(&[
            "passing", "passing", "passing", "passing", "passing", "passing", "warning", "critical",
        ]);
        checks.push(Check::of_service(service, status, index(&mut random)));
    }
    (node, services, checks)
}

/// Random rules of a policy.
pub(super) fn rules(random: &mut SplitMix64) -> String {
    let team = random.pick(&TEAMS);
    let mut text = format!("service_prefix \"{team}-\" {{\n  policy = \"write\"\n}}\n");
    for _ in 0..1 + random.below(5) {
        let (team, part) = (random.pick(&TEAMS), random.pick(&PARTS));
        let access = random.pick(&["read", "write", "deny", "list"]);
        text.push_str(&format!(
            "key_prefix \"config/{team}/{part}/\" {{\n  policy = \"{access}\"\n}}\n"
        ));
    }
    text.push_str("node_prefix \"\" {\n  policy = \"read\"\n}\n");
    text
}
