//! Advice about refusals and failed connections.

/// The request, as far as advice depends on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The method.
    pub(super) method: &'a str,
    /// The path, without the query.
    pub(super) path: &'a str,
    /// Whether any server could have answered.
    pub(super) stale: bool,
    /// Whether it was asked without a token.
    pub(super) anonymous: bool,
}

/// The right that an endpoint usually needs; empty if that depends on more than the path.
fn right(asked: &Asked<'_>) -> &'static str {
    let path = asked.path.trim_start_matches('/');
    let writes = asked.method != "GET";
    match path {
        "v1/snapshot" => "acl = \"write\"",
        "v1/agent/self" => "agent = \"read\" for the agent's node",
        _ if path.starts_with("v1/operator/") && writes => "operator = \"write\"",
        _ if path.starts_with("v1/operator/") => "operator = \"read\"",
        _ if path.starts_with("v1/agent/") && writes => "service = \"write\" for the service",
        _ if path.starts_with("v1/agent/") || path.starts_with("v1/health/") => {
            "service = \"read\" and node = \"read\""
        }
        _ if path.starts_with("v1/kv/") && writes => "key = \"write\" for the key",
        _ if path.starts_with("v1/kv/") => "key = \"read\" for the key",
        _ if path.starts_with("v1/session/") && writes => "session = \"write\" for the node",
        _ if path.starts_with("v1/session/") => "session = \"read\" for the node",
        _ => "",
    }
}

/// What to do about a refusal; empty if nothing is known.
pub(super) fn advice(status: u16, message: &str, asked: &Asked<'_>) -> String {
    let logs_in = asked.path.ends_with("v1/acl/login");
    let text = match status {
        400 if message.contains("HTTPS server") => {
            "this port speaks https: prefix the address with https://"
        }
        _ if message.contains("must be bootstrapped") => {
            "the ACL system is not bootstrapped: run `consul acl bootstrap` and use the token it \
             prints"
        }
        401 if message.contains("ACL support disabled") => {
            "ACLs are disabled in this cluster: remove the auth method from the configuration"
        }
        401 => {
            "the agent or a proxy in front of it requires a login: set \
                CONSUL_HTTP_AUTH=USER:PASSWORD"
        }
        403 | 404 if logs_in && message.contains("not found") => {
            "the cluster has no auth method with this name: see `consul acl auth-method list`"
        }
        403 if logs_in => {
            "the auth method does not accept this bearer token, or none of its binding rules \
             matches: see `consul acl binding-rule list`"
        }
        403 if message.contains("ACL not found") => {
            "the cluster does not know this token: it was deleted, has expired, or belongs to \
             another cluster (a restore brings back the tokens of the snapshot), or the ACL system \
             is not bootstrapped (`consul acl bootstrap`)"
        }
        403 => return forbidden(message, asked),
        404 => "check that the address is a Consul agent's HTTP API, not a proxy or the DNS port",
        429 => "the server limits the rate of requests: try again later",
        500 if message.contains("No cluster leader") => return without_leader(asked),
        500 if message.contains("nothing new to snapshot") => {
            "this server has no state yet, as it never joined the cluster or just started: ask another \
             server with -http-addr"
        }
        500 if message.contains("No path to datacenter") => {
            "the agent does not know that datacenter: see `consul catalog datacenters`"
        }
        502..=504 => "a proxy in front of the agent cannot reach it",
        _ => return String::new(),
    };
    format!("; {text}")
}

fn forbidden(message: &str, asked: &Asked<'_>) -> String {
    let right = right(asked);
    if asked.anonymous {
        let needs = if right.is_empty() { String::new() } else { format!(" with {right}") };
        return format!(
            "; no token was given: pass one{needs} with -token-file, CONSUL_HTTP_TOKEN_FILE or \
             CONSUL_HTTP_TOKEN; if the cluster has none yet, `consul acl bootstrap` creates the first"
        );
    }
    let give = "use another token with -token-file, CONSUL_HTTP_TOKEN_FILE or CONSUL_HTTP_TOKEN";
    // Newer servers name the permission themselves.
    match right {
        _ if message.contains("lacks permission") => format!("; {give}"),
        "" => format!("; the token is missing a permission: {give}"),
        right => format!("; the token is missing a permission ({right}): {give}"),
    }
}

fn without_leader(asked: &Asked<'_>) -> String {
    let see = "see `consul operator raft list-peers -stale=true` on a server, and its log";
    if asked.path.ends_with("v1/snapshot") && asked.method == "GET" {
        return match asked.stale {
            false => {
                format!("; the cluster has no leader: {see}; with -stale any server can answer")
            }
            true => format!(
                "; the cluster has no leader, and this agent's server cannot answer without one: \
                 query another server with -http-addr, or read its data directory on its machine; \
                 {see}"
            ),
        };
    }
    format!("; the cluster has no leader: {see}")
}

/// Whether TLS failed in a way that a retry cannot fix.
pub(super) fn is_lasting(message: &str) -> bool {
    const SIGNS: [&str; 6] = [
        "invalid peer certificate",
        "received fatal alert",
        "InvalidContentType",
        "corrupt message",
        "UnknownIssuer",
        "NotValidForName",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}

/// Advice about a server's reaction to the client certificate, or to its absence.
fn certificate(text: &str, has_certificate: bool) -> Option<&'static str> {
    const ALERTS: [&str; 8] = [
        "CertificateRequired",
        "HandshakeFailure",
        "BadCertificate",
        "UnknownCA",
        "UnknownCa",
        "CertificateUnknown",
        "CertificateExpired",
        "DecryptError",
    ];
    if !ALERTS.iter().any(|alert| text.contains(alert)) {
        return None;
    }
    Some(match has_certificate {
        true => {
            "the server does not accept the client certificate: -client-cert and -client-key must \
             be from a CA that the server trusts, and not expired"
        }
        false => "the server requires a client certificate: set -client-cert and -client-key",
    })
}

/// Advice about a failed connection; empty if unknown.
pub(super) fn of_connection(text: &str, has_certificate: bool) -> &'static str {
    if text.contains("UnknownIssuer") || text.contains("invalid peer certificate") {
        return if text.contains("not valid for name") || text.contains("NotValidForName") {
            "the server's certificate is for another name: set it with -tls-server-name"
        } else {
            "the server's certificate is from an unknown CA: set the right one with -ca-file or \
             CONSUL_CACERT"
        };
    }
    if let Some(advice) = certificate(text, has_certificate) {
        return advice;
    }
    if text.contains("InvalidContentType") || text.contains("corrupt message") {
        "this port does not speak TLS: prefix the address with http://"
    } else if text.contains("refused") || text.contains("No such file") {
        "nothing listens there: start the Consul agent, or give the address of another one with \
         --http-addr or CONSUL_HTTP_ADDR"
    } else if text.contains("dns error") || text.contains("lookup") {
        "cannot resolve the name: check --http-addr or CONSUL_HTTP_ADDR"
    } else {
        ""
    }
}

/// Advice about a TLS server that closes the connection. With TLS 1.3 it checks the client's
/// certificate only after the handshake, and often closing is all that is visible.
pub(super) fn of_hanging_up(text: &str, has_certificate: bool) -> &'static str {
    certificate(text, has_certificate).unwrap_or(match has_certificate {
        true => {
            "a server that does not accept the client certificate closes the connection: \
             -client-cert and -client-key must be from a CA that the server trusts"
        }
        false => {
            "a server that requires a client certificate closes the connection without one: set \
             -client-cert and -client-key"
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(method: &'a str, path: &'a str) -> Asked<'a> {
        Asked { method, path, stale: false, anonymous: false }
    }

    #[test]
    fn a_refusal_names_the_right_of_its_endpoint() {
        for (method, path, right) in [
            ("GET", "/v1/snapshot", "acl = \"write\""),
            ("PUT", "/v1/snapshot", "acl = \"write\""),
            ("GET", "/v1/agent/self", "agent = \"read\""),
            ("GET", "/v1/operator/autopilot/health", "operator = \"read\""),
            ("PUT", "/v1/kv/lock", "key = \"write\""),
            ("PUT", "/v1/session/create", "session = \"write\""),
            ("PUT", "/v1/agent/service/register", "service = \"write\""),
        ] {
            let text = advice(403, "Permission denied", &asked(method, path));
            assert!(text.contains(right), "{path}: {text}");
        }
        let said = "token with AccessorID 'x' lacks permission 'operator:read'";
        let text = advice(403, said, &asked("GET", "/v1/operator/autopilot/health"));
        assert!(!text.contains("acl"), "{text}");
    }

    #[test]
    fn tls_that_fails_for_good_is_not_asked_again() {
        for (message, lasts) in [
            ("invalid peer certificate: UnknownIssuer", true),
            ("received fatal alert: CertificateRequired", true),
            ("received corrupt message of type InvalidContentType", true),
            ("Connection refused (os error 111)", false),
            ("connection reset by peer", false),
        ] {
            assert_eq!(is_lasting(message), lasts, "{message}");
        }
        assert!(of_hanging_up("connection reset", true).contains("does not accept"));
        assert!(
            of_hanging_up("connection reset", false).contains("closes the connection without one")
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let login = asked("POST", "/v1/acl/login");
        assert!(advice(403, "ACL not found", &login).contains("no auth method with this name"));
        assert!(advice(403, "Permission denied", &login).contains("binding rules"));
        let snapshot = asked("GET", "/v1/snapshot");
        let text = "ACL system must be bootstrapped before making any requests";
        assert!(advice(403, text, &snapshot).contains("consul acl bootstrap"));
        assert!(advice(500, "No cluster leader", &snapshot).contains("with -stale any server"));
        let stale = Asked { stale: true, ..snapshot };
        let text = advice(500, "No cluster leader", &stale);
        assert!(
            !text.contains("with -stale any server") && text.contains("data directory"),
            "{text}"
        );
        let text = advice(500, "Raft error when taking snapshot: nothing new to snapshot", &stale);
        assert!(text.contains("has no state yet"), "{text}");
        let nobody = Asked { anonymous: true, ..snapshot };
        let text = advice(403, "Permission denied", &nobody);
        assert!(text.contains("no token was given") && text.contains("acl bootstrap"), "{text}");
        let text = advice(500, "No cluster leader", &asked("PUT", "/v1/snapshot"));
        assert!(!text.contains("saving"), "{text}");
    }
}
