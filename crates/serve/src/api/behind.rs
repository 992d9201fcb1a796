//! `catalog/gateway-services/`, `health/ingress/`: services behind gateways.

use super::call::Call;
use super::endpoint::Endpoint;
use super::gateways::{mappings, write};
use super::health::{ASKED, STREAMED, checked};
use super::services::unseen;
use crate::answer::{Answered, Found, Refused, list};
use snapscope_analyze::acl::{Access, Resource};

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("catalog/gateway-services/", services).says_consistency(),
    Endpoint::get("health/ingress/", ingress).says_consistency().bare_errors().versions(STREAMED),
    Endpoint::get("health/ingress/", ingress).says_consistency().versions(ASKED),
];

/// The services behind a gateway.
fn services(call: &Call<'_>) -> Answered {
    let name = call.named("Missing gateway name")?;
    call.check_token()?;
    call.require(Resource::Service, Access::Read, Some(name.as_bytes()))?;
    let (mut is_filtered, mut has_wildcard) = (false, false);
    let json = list(|json| {
        for mapping in mappings(call.view) {
            if !mapping.gateway.eq_ignore_ascii_case(name.as_bytes()) {
                continue;
            }
            has_wildcard |= mapping.is_from_wildcard && mapping.kind == "ingress-gateway";
            if call.may_read(Resource::Service, &mapping.service) {
                write(json, call.view, &mapping);
            } else {
                is_filtered = true;
            }
        }
    });
    let tables: &[&str] = match has_wildcard {
        // The protocols decide which services a wildcard matches.
        true => &["gateway-services", "config-entries"],
        false => &["gateway-services"],
    };
    Ok(Found::json(call.view.facts.highest(tables), json).filtered(is_filtered))
}

/// The instances of ingress gateways for a service.
fn ingress(call: &Call<'_>) -> Answered {
    let name = call.named("Missing service name")?;
    call.check_token()?;
    if !call.may_read(Resource::Service, name.as_bytes()) {
        return match call.view.is(STREAMED) {
            true => Err(Refused::new(403, "Permission denied")),
            false => Ok(unseen()),
        };
    }
    let mut found = Vec::new();
    let mut index = 1;
    let nodes = call.view.catalog.of(b"");
    for mapping in mappings(call.view) {
        if mapping.kind != "ingress-gateway"
            || !mapping.service.eq_ignore_ascii_case(name.as_bytes())
        {
            continue;
        }
        index = index.max(mapping.modify_index);
        found
            .extend(nodes.into_iter().flat_map(|nodes| nodes.instances(&mapping.gateway)).copied());
    }
    found.sort_unstable();
    found.dedup();
    checked(call, b"", &found, index)
}
