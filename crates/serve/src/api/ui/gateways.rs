//! `internal/ui/gateway-services-nodes/`, `internal/ui/gateway-intentions/`: services behind a
//! gateway.

use super::summary::{SIDECARS_COUNT, Summaries};
use crate::answer::{Answered, Found, Refused, list};
use crate::api::call::Call;
use crate::api::gateways::{Mapping, mappings};
use crate::api::intentions;
use crate::api::joined::{Checked, Kept};
use crate::api::services::index_of_service;
use snapscope_analyze::acl::{Access, Resource};
use std::collections::HashSet;

/// The default domain of DNS names. Snapshots do not record the setting.
const DOMAIN: &str = "consul.";

/// The services behind a gateway, if the token may read the gateway.
fn behind(call: &Call<'_>) -> Result<Vec<Mapping>, Refused> {
    let name = call.named("Missing gateway name")?;
    call.check_token()?;
    call.require(Resource::Service, Access::Read, Some(name.as_bytes()))?;
    let mut all = mappings(call.view);
    all.retain(|mapping| mapping.gateway.eq_ignore_ascii_case(name.as_bytes()));
    Ok(all)
}

/// The index of the services behind gateways.
fn index(call: &Call<'_>, found: &[Mapping]) -> u64 {
    let has_wildcard =
        found.iter().any(|one| one.is_from_wildcard && one.kind == "ingress-gateway");
    match has_wildcard {
        // The protocols decide which services a wildcard matches.
        true => call.view.facts.highest(&["gateway-services", "config-entries"]),
        false => call.view.facts.index("gateway-services"),
    }
}

/// Summaries of the services, with the addresses at which the gateway offers them.
pub(super) fn services(call: &Call<'_>) -> Answered {
    let found = behind(call)?;
    let view = call.view;
    let mut kept = Kept::new(call, None);
    let mut summaries = Summaries::new(view);
    let mut index = index(call, &found);
    for mapping in &found {
        let name = String::from_utf8_lossy(&mapping.service);
        index = index.max(index_of_service(call, b"", &name, &["nodes", "services", "checks"]));
        let nodes = view.catalog.of(b"");
        let instances = nodes.map_or(&[][..], |nodes| nodes.instances(&mapping.service));
        let mut is_shown = false;
        for instance in instances {
            let one = nodes.and_then(|nodes| Checked::at(view, nodes, *instance));
            let Some(one) = one else { continue };
            if kept.may(one.node(), one.service()) {
                summaries.add(b"", &one);
                is_shown = true;
            }
        }
        if instances.is_empty() {
            is_shown = call.may_read(Resource::Service, &mapping.service);
            kept.is_filtered |= !is_shown;
        }
        if is_shown {
            let summary = summaries.of(&mapping.service, b"");
            for address in addresses(call, mapping) {
                if !summary.addresses.contains(&address) {
                    summary.addresses.push(address);
                }
            }
        }
    }
    let json = list(|json| summaries.write(json, view, &|_, _| {}));
    Ok(Found::json(index, json).filtered(kept.is_filtered))
}

/// Where a gateway offers a service.
fn addresses(call: &Call<'_>, mapping: &Mapping) -> Vec<String> {
    if mapping.port == 0 {
        return Vec::new();
    }
    let hosts: Vec<String> = match mapping.hosts.is_empty() {
        true => {
            let name = String::from_utf8_lossy(&mapping.service);
            vec![format!("{name}.ingress.{}.{DOMAIN}", call.view.datacenter())]
        }
        false => {
            mapping.hosts.iter().map(|host| String::from_utf8_lossy(host).into_owned()).collect()
        }
    };
    let port = mapping.port;
    let address = |host: &String| {
        if !call.view.is(SIDECARS_COUNT) {
            return format!("{host}:{port}");
        }
        // Servers take any host with a colon for an IPv6 address.
        match host.trim_end_matches('.') {
            host if host.contains(':') => format!("[{host}]:{port}"),
            host => format!("{host}:{port}"),
        }
    };
    hosts.iter().map(address).collect()
}

/// The intentions of the services behind a gateway.
pub(super) fn intentions(call: &Call<'_>) -> Answered {
    let found = behind(call)?;
    let all = intentions::ordered(call.view);
    let index = index(call, &found);
    let index = if found.is_empty() { index } else { index.max(intentions::index(call.view)) };
    let mut is_filtered = false;
    let mut seen: HashSet<&[u8]> = HashSet::new();
    let json = list(|json| {
        for mapping in &found {
            let about = all.iter().filter(|one| intentions::leads_to(one, &mapping.service));
            for intention in about {
                // Intentions in config entries have no ID, so servers treat all of them as the same
                // one.
                if !seen.insert(intention.text("ID")) {
                    continue;
                }
                if intentions::may_read(call, intention) {
                    intention.render(json);
                } else {
                    is_filtered = true;
                }
            }
        }
    });
    Ok(Found::json(index, json).filtered(is_filtered))
}
