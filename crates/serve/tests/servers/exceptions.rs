//! Where answers may differ from the recorded ones, and why.

use crate::recording::Request;

/// A difference and its reason.
struct Exception {
    /// The version; empty for all.
    version: &'static str,
    /// The start of paths, or a part of them.
    path: &'static str,
    /// The status of the recorded answer; 0 for any.
    status: u16,
    why: &'static str,
}

const fn of(path: &'static str, status: u16, why: &'static str) -> Exception {
    Exception { version: "", path, status, why }
}

/// All exceptions.
const EXCEPTIONS: &[Exception] = &[
    Exception {
        version: "1.8.7",
        path: "%2F",
        status: 301,
        why: "keys with an empty part can be read here; that server redirects to another key",
    },
    Exception {
        version: "1.8.7",
        path: "/v1/acl/list",
        status: 0,
        why: "the API of the system before 1.4 is not served",
    },
    Exception {
        version: "1.8.7",
        path: "/v1/acl/info/",
        status: 0,
        why: "the API of the system before 1.4 is not served",
    },
    Exception {
        version: "1.8.7",
        path: "/v1/acl/rules/translate/",
        status: 0,
        why: "the API of the system before 1.4 is not served",
    },
    Exception {
        version: "1.8.7",
        path: "datacenter=nowhere",
        status: 0,
        why: "?datacenter is taken as newer servers take it",
    },
    Exception {
        version: "1.21.4",
        path: "/v1/health/service/ads-api?cached",
        status: 200,
        why: "an agent's cache, which has answered the same request before",
    },
    of("/execute?limit=1", 200, "what a query leads to is shuffled before it is limited"),
    of("/v1/peering", 403, "servers take seconds to refuse it"),
    of("/v1/coordinate/datacenters", 200, "coordinates between datacenters are in no snapshot"),
    of("/v1/peering", 200, "what the streams of peers have done is in no snapshot"),
    of("/v1/agent/self", 200, "ports and tags of gossip are in no snapshot"),
    of("/v1/agent/members", 200, "ports and tags of gossip are in no snapshot"),
    of("/v1/agent/version", 200, "the build of a server is in no snapshot"),
    of("/v1/operator/raft/configuration", 200, "no snapshot says who leads"),
    of("/v1/operator/autopilot/health", 200, "no snapshot says how servers are"),
    of("/v1/operator/autopilot/state", 200, "no snapshot says how servers are"),
    of("/v1/operator/keyring", 500, "gossip keys are in no snapshot"),
];

/// Why an answer may differ.
pub(crate) fn reason(version: &str, request: &Request) -> Option<&'static str> {
    let path = &request.path;
    if path.starts_with("/ui") {
        return Some("a page of its own is there, where these servers have none");
    }
    let text = String::from_utf8_lossy(&request.answer);
    if request.status == 500 && text.contains("no match found, expected: ") {
        return Some("errors in filters are worded for people, not by the grammar of a parser");
    }
    if version == "1.21.4" && path.starts_with("/v1/health/service/") && path.contains("?index=") {
        return Some("an agent follows health by a stream, and says so");
    }
    if request.body == "not json" {
        return Some("the words about JSON that cannot be read are another parser's");
    }
    let exception = EXCEPTIONS.iter().find(|exception| {
        (exception.version.is_empty() || exception.version == version)
            && path.contains(exception.path)
            && (exception.status == 0 || exception.status == request.status)
    });
    exception.map(|exception| exception.why)
}
