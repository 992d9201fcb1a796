//! `query/NAME/execute`: the healthy instances that a query leads to.

use super::resolve::{Resolved, resolve};
use crate::answer::{Answered, Found, QueryMeta, Refused, object};
use crate::api::call::Call;
use crate::api::joined::{Checked, has_pairs, with_cache, write};
use crate::api::near::Near;
use crate::api::rows::{number_member, text_member};
use crate::api::services::of_mesh;
use crate::authorizer::Who;
use crate::versions::DESCRIBED;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::Sink as _;
use snapscope_objects::value::{Json, Node, Tape};

/// Since then, a query can fail over to peers.
const PEERS: VersionRange = VersionRange::since(1, 14);

/// Number of nearest nodes among which servers look for the caller's node, to put it first.
const FIRST: usize = 10;

/// The result of an attempt, in the cluster or at a peer.
struct Attempt {
    peer: Vec<u8>,
    found: Vec<Checked>,
    is_filtered: bool,
}

/// The texts and lists below a query's `Service`, filled in if it is a template.
struct Rules<'t> {
    service: Option<Node<'t>>,
}

impl<'t> Rules<'t> {
    fn get(&self, name: &str) -> Option<Node<'t>> {
        self.service?.get(name)
    }

    fn text(&self, name: &str) -> String {
        let text = self.get(name).and_then(|text| text.text()).unwrap_or_default();
        String::from_utf8_lossy(text).into_owned()
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|flag| matches!(flag.json(), Json::Bool(true)))
    }

    fn texts(&self, name: &str) -> Vec<&'t [u8]> {
        let items = self.get(name).into_iter().flat_map(|list| list.items());
        items.filter_map(|item| item.text()).collect()
    }

    fn pairs(&self, name: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
        let members = self.get(name).into_iter().flat_map(|map| map.members());
        members.filter_map(|(key, value)| Some((key.to_vec(), value.text()?.to_vec()))).collect()
    }

    /// The peers of the failover. Snapshots contain no other datacenters, and servers skip unknown
    /// ones.
    fn peers(&self) -> Vec<Vec<u8>> {
        let targets = self.service.and_then(|service| service.at(["Failover", "Targets"]));
        let targets = targets.into_iter().flat_map(|targets| targets.items());
        targets
            .filter_map(|target| Some(target.get("Peer")?.text()?.to_vec()))
            .filter(|peer| !peer.is_empty())
            .collect()
    }

    /// Whether an instance is healthy enough and has the requested tags and metadata.
    fn wants(&self, one: &Checked) -> bool {
        let Some(object) = one.object() else { return false };
        let ignored = self.texts("IgnoreCheckIDs");
        let only_passing = self.flag("OnlyPassing");
        let checks = object.get("Checks").into_iter().flat_map(|checks| checks.items());
        let is_healthy = checks.into_iter().all(|check| {
            let text = |name: &str| check.get(name).and_then(|text| text.text());
            let id = text("CheckID").unwrap_or_default();
            let status = text("Status").unwrap_or_default();
            ignored.contains(&id)
                || status != b"critical" && (!only_passing || status == b"passing")
        });
        is_healthy
            && has_pairs(one.node_meta(), &self.pairs("NodeMeta"))
            && has_pairs(object.at(["Service", "Meta"]), &self.pairs("ServiceMeta"))
            && self.texts("Tags").iter().all(|tag| {
                let tag = String::from_utf8_lossy(tag).into_owned();
                match tag.strip_prefix('!') {
                    Some(unwanted) => !one.has_tags(&[unwanted.to_owned()]),
                    None => one.has_tags(&[tag]),
                }
            })
    }
}

/// Executes a query.
pub(super) fn execute(call: &Call<'_>, name: &str) -> Answered {
    let limit = limit(call)?;
    let view = call.view;
    let Resolved { query, template } = resolve(view, name)?;
    let mut filled = Tape::new();
    let (service, dns) = (query.get("Service"), query.object().at(["DNS", "TTL"]));
    match (&template, service) {
        (Some(template), Some(service)) => template.render(b"Service", service, &mut filled),
        (None, Some(service)) => service.render(&mut filled),
        _ => {}
    }
    let rules = Rules { service: filled.root() };
    // The query's own token takes precedence over the caller's.
    let own = String::from_utf8_lossy(query.text("Token")).into_owned();
    let who = match own.as_str() {
        "" => call.who.clone(),
        own => view.authorizer.who(Some(own)),
    };
    if let Who::Refused(refused) = &who {
        return Err(refused.clone());
    }
    let mut attempt = attempt(call, &who, &rules, b"");
    near(call, &rules, &mut attempt.found);
    let mut failovers = 0;
    if attempt.found.is_empty() && view.is(PEERS) {
        for peer in rules.peers() {
            failovers += 1;
            attempt = self::attempt(call, &who, &rules, &peer);
            if !attempt.found.is_empty() {
                break;
            }
        }
    }
    attempt.found.truncate(limit);
    let is_filtered = attempt.is_filtered && call.who.sent_a_token();
    let json = object(|json| {
        text_member(json, "Service", rules.text("Service"));
        json.key(b"Nodes");
        json.begin_list();
        attempt.found.iter().for_each(|one| write(json, &one.tape));
        json.end_list();
        json.key(b"DNS");
        json.begin_object();
        text_member(json, "TTL", dns.and_then(|ttl| ttl.text()).unwrap_or_default());
        json.end_object();
        let datacenter = if attempt.peer.is_empty() { view.datacenter() } else { "" };
        text_member(json, "Datacenter", datacenter);
        if view.is(PEERS) {
            text_member(json, "PeerName", &attempt.peer);
        }
        number_member(json, "Failovers", failovers);
        let meta = QueryMeta {
            index: u64::from(view.is(DESCRIBED)),
            knows_leader: true,
            consistency: call.consistency.word(),
            is_filtered,
        };
        meta.write(json, view);
    });
    Ok(with_cache(call, Found::json(1, json).filtered(is_filtered)))
}

/// `?limit`
fn limit(call: &Call<'_>) -> Result<usize, Refused> {
    let text = call.query().text("limit");
    if text.is_empty() {
        return Ok(usize::MAX);
    }
    match text.parse::<i64>() {
        Ok(most) if most > 0 => Ok(usize::try_from(most).unwrap_or(usize::MAX)),
        Ok(_) => Ok(usize::MAX),
        Err(_) => {
            let text = format!("Bad limit: strconv.Atoi: parsing {text:?}: invalid syntax");
            Err(Refused::early(500, text))
        }
    }
}

/// The instances in the cluster or at a peer.
fn attempt(call: &Call<'_>, who: &Who<'_>, rules: &Rules<'_>, peer: &[u8]) -> Attempt {
    let view = call.view;
    let name = rules.text("Service");
    let of_the_mesh = rules.flag("Connect") || call.query().text("connect") == "true";
    let nodes = view.catalog.of(peer);
    let instances = match of_the_mesh {
        true => of_mesh(call, peer, &name, &[]).0,
        false => nodes.map_or_else(Vec::new, |nodes| nodes.instances(name.as_bytes()).to_vec()),
    };
    let mut found = Vec::new();
    let mut is_filtered = false;
    for instance in instances {
        let one = nodes.and_then(|nodes| Checked::stored_at(view, nodes, instance));
        let Some(one) = one.filter(|one| rules.wants(one)) else { continue };
        let may = |resource, name: &[u8]| view.authorizer.allows(who, resource, Access::Read, name);
        if may(Resource::Node, one.node()) && may(Resource::Service, one.service()) {
            found.push(one);
        } else {
            is_filtered = true;
        }
    }
    Attempt { peer: peer.to_vec(), found, is_filtered }
}

/// Sorts by distance if the request or the query asks for it. Otherwise servers shuffle the
/// instances.
fn near(call: &Call<'_>, rules: &Rules<'_>, found: &mut [Checked]) {
    let asked = call.query().text("near");
    let from = if asked.is_empty() { rules.text("Near") } else { asked };
    let from = match from.as_str() {
        // The agent counts as the server. Snapshots do not record where a client is.
        "_agent" => call.view.facts.server_name().to_owned(),
        "" | "_ip" => return,
        _ => from,
    };
    Near::sort(Some(&Near::from(call.view, &from)), found, Checked::node);
    let own = found.iter().take(FIRST).position(|one| one.node() == from.as_bytes());
    if let Some(own) = own {
        found.swap(0, own);
    }
}
