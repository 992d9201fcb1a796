//! Names of members that never hold a credential.
//!
//! Where users choose the names (headers, the configuration of proxies, auth methods, CAs) any text
//! may be a credential, so it counts as one unless its name is listed here. Values with a listed
//! name are still scanned for secrets.

/// In lower case, and sorted.
static HARMLESS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-max-age",
    "address",
    "age",
    "allow",
    "allowedredirecturis",
    "allowedstsheadervalues",
    "authmethod",
    "bind_address",
    "boundaudiences",
    "boundiamprincipalarns",
    "boundissuer",
    "cacert",
    "cache-control",
    "cafile",
    "capath",
    "certfile",
    "claimmappings",
    "clockskewleeway",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "envoy_prometheus_bind_addr",
    "etag",
    "existingarn",
    "expirationleeway",
    "expires",
    "host",
    "iamendpoint",
    "iamentitytags",
    "if-modified-since",
    "intermediatecertttl",
    "intermediatepkinamespace",
    "intermediatepkipath",
    "jwkscacert",
    "jwksurl",
    "jwtsupportedalgs",
    "jwtvalidationpubkeys",
    "keyfile",
    "last-modified",
    "leafcertttl",
    "listclaimmappings",
    "mode",
    "mountpath",
    "namespace",
    "notbeforeleeway",
    "oidcacrvalues",
    "oidcclientid",
    "oidcdiscoverycacert",
    "oidcdiscoveryurl",
    "oidcscopes",
    "origin",
    "privatekeytype",
    "protocol",
    "region",
    "retry-after",
    "rootcert",
    "rootcertttl",
    "rootpkinamespace",
    "rootpkipath",
    "rotationperiod",
    "server",
    "serveridheadervalue",
    "strict-transport-security",
    "stsendpoint",
    "stsregion",
    "tlsservername",
    "transfer-encoding",
    "type",
    "user-agent",
    "vary",
    "via",
    "x-content-type-options",
    "x-envoy-upstream-rq-timeout-ms",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-frame-options",
    "x-powered-by",
    "x-real-ip",
    "x-request-id",
];

/// Whether a member with that name never holds a credential.
#[must_use]
pub fn is_harmless(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    HARMLESS.binary_search_by(|known| known.as_bytes().cmp(name.as_slice())).is_ok()
}

/// Whether all members of a member with this name are harmless: it maps names of claims to names.
pub(super) fn has_harmless_members(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"ClaimMappings") || name.eq_ignore_ascii_case(b"ListClaimMappings")
}

/// Metadata that servers store about themselves and that is never a credential. Newer servers may
/// store others.
static HARMLESS_METADATA: &[&str] =
    &["intention-format", "virtual-ips", "virtual-ips-term-gateway"];

/// Whether the value under this key of the servers' metadata is known not to be a credential.
#[must_use]
pub fn is_harmless_metadata(key: &[u8]) -> bool {
    HARMLESS_METADATA.iter().any(|known| known.as_bytes() == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whatever_their_case() {
        assert!(HARMLESS.is_sorted());
        assert!(is_harmless(b"Content-Type") && is_harmless(b"LeafCertTTL"));
        for name in ["Authorization", "X-Api-Key", "AccessKeyID", "Token", "X-Custom", ""] {
            assert!(!is_harmless(name.as_bytes()), "{name}");
        }
    }
}
