//! `operator/usage`: numbers of objects in the catalog.

use super::call::Call;
use super::endpoint::Endpoint;
use super::joined::row_at;
use super::rows::number_member;
use crate::answer::{Answered, Found, QueryMeta, object};
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::value::Json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static ROWS: &[Endpoint] =
    &[Endpoint::get("operator/usage", usage).says_consistency().any_datacenter().versions(USAGE)];

const USAGE: VersionRange = VersionRange::since(1, 14);

/// Instances that are native members of the mesh.
const NATIVE: &str = "connect-native";

/// The kinds of instances in the mesh.
const OF_MESH: [&str; 6] = [
    "api-gateway",
    NATIVE,
    "connect-proxy",
    "ingress-gateway",
    "mesh-gateway",
    "terminating-gateway",
];

/// The numbers for the cluster's own catalog.
#[derive(Default)]
struct Usage {
    services: BTreeSet<Vec<u8>>,
    instances: u64,
    /// Instances that are neither proxies nor gateways nor servers.
    billable: u64,
    of_mesh: BTreeMap<&'static str, u64>,
    nodes: u64,
}

impl Usage {
    fn of(view: &View<'_>) -> Self {
        let mut usage = Self::default();
        let Some(catalog) = view.catalog.of(b"") else { return usage };
        usage.nodes = catalog.nodes().len() as u64;
        for instance in catalog.services() {
            let Some(row) = row_at(view, KindId::Instances, instance.at) else { continue };
            usage.instances += 1;
            usage.services.insert(row.text("ServiceName").to_vec());
            let kind = row.text("ServiceKind");
            let native = row.object().at(["ServiceConnect", "Native"]);
            let is_native = native.is_some_and(|flag| matches!(flag.json(), Json::Bool(true)));
            for known in OF_MESH {
                let is_it = known.as_bytes() == kind || known == NATIVE && is_native;
                *usage.of_mesh.entry(known).or_default() += u64::from(is_it);
            }
            let is_billable = kind.is_empty() && row.text("ServiceName") != b"consul";
            usage.billable += u64::from(is_billable);
        }
        usage
    }

    fn write(&self, json: &mut JsonText) {
        json.begin_object();
        number_member(json, "Services", self.services.len() as u64);
        number_member(json, "ServiceInstances", self.instances);
        json.key(b"ConnectServiceInstances");
        json.begin_object();
        for known in OF_MESH {
            number_member(json, known, self.of_mesh.get(known).copied().unwrap_or(0));
        }
        json.end_object();
        number_member(json, "BillableServiceInstances", self.billable);
        number_member(json, "Nodes", self.nodes);
        json.end_object();
    }
}

fn usage(call: &Call<'_>) -> Answered {
    call.check_token()?;
    call.require(Resource::Operator, Access::Read, None)?;
    let index = call.view.facts.highest(&["nodes", "services"]);
    let json = object(|json| {
        json.key(b"Usage");
        json.begin_object();
        json.key(call.view.datacenter().as_bytes());
        Usage::of(call.view).write(json);
        json.end_object();
        let meta = QueryMeta {
            index,
            knows_leader: true,
            consistency: call.consistency.word(),
            is_filtered: false,
        };
        meta.write(json, call.view);
    });
    Ok(Found::json(index, json))
}
