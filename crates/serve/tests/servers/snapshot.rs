//! `GET /v1/snapshot`.

use crate::recording::Recording;
use crate::served;
use snapscope_archive::Source;
use snapscope_serve::Settings;
use snapscope_testkit::http::request;

#[test]
fn the_snapshot_is_the_file_itself() {
    let recording = Recording::read("1.21.4");
    let to = served(Source::File(recording.snapshot.clone()), Settings::default());
    let response =
        request(to, "GET", "/v1/snapshot", &recording.secret("management"), b"").unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.body, std::fs::read(&recording.snapshot).unwrap());
    for (name, value) in [
        ("Content-Type", "application/x-gzip"),
        ("X-Consul-Index", "753"),
        ("X-Consul-KnownLeader", "true"),
        ("X-Consul-Query-Backend", "blocking-query"),
        ("X-Consul-Default-ACL-Policy", "deny"),
    ] {
        assert_eq!(response.header(name), Some(value), "{name}");
    }
    // The right to read ACLs does not include reading everything.
    let response = request(to, "GET", "/v1/snapshot", &recording.secret("acl-read"), b"").unwrap();
    assert_eq!(response.status, 403);
}
