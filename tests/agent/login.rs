//! Tokens from a login that expire and are renewed, and the leftovers of a killed agent.

use super::daemon::{ALIVE, SAVING, SOON, checks, status, until};
use super::process::{AgentProcess, now};
use super::{at, ids, ran};
use crate::support::write;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fixtures::workspace;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Runs openssl with a text on standard input.
fn openssl(args: &[&str], stdin: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut command = Command::new("openssl");
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("openssl is there");
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "openssl {args:?}");
    ended.stdout
}

/// An auth method `jwt` whose logins return a token with the agent's permissions, valid for `ttl`.
/// Returns a file with a JWT for it, signed with a key made for the test.
pub(super) fn method(server: &ConsulServer, dir: &Path, ttl: Option<&str>) -> PathBuf {
    let key = dir.join("key.pem");
    let key = key.to_str().unwrap();
    openssl(&["genrsa", "-out", key, "2048"], b"");
    let public = String::from_utf8(openssl(&["rsa", "-in", key, "-pubout"], b"")).unwrap();
    let expires = now() as u64 + 36_000;
    let claims =
        json!({"aud": "snapscope", "sub": "agent", "exp": expires, "iat": expires - 36_100});
    let signed = format!(
        "{}.{}",
        BASE64.encode(r#"{"alg":"RS256","typ":"JWT"}"#),
        BASE64.encode(claims.to_string())
    );
    let signature = openssl(&["dgst", "-sha256", "-sign", key], signed.as_bytes());
    let put = |path: &str, body: Value| server.put(path, body.to_string()).unwrap();
    let mut auth = json!({"Name": "jwt", "Type": "jwt", "Config": {
        "JWTValidationPubKeys": [public], "BoundAudiences": ["snapscope"],
        "JWTSupportedAlgs": ["RS256"]}});
    if let Some(ttl) = ttl {
        auth["MaxTokenTTL"] = json!(ttl);
    }
    put("/v1/acl/auth-method", auth);
    let rules = std::fs::read_to_string(workspace().join("deploy/agent-policy.hcl"));
    put("/v1/acl/policy", json!({"Name": "agent", "Rules": rules.unwrap()}));
    put("/v1/acl/role", json!({"Name": "agent", "Policies": [{"Name": "agent"}]}));
    put(
        "/v1/acl/binding-rule",
        json!({"AuthMethod": "jwt", "BindType": "role", "BindName": "agent"}),
    );
    write(dir, "bearer", format!("{signed}.{}\n", BASE64.encode(signature)).as_bytes())
}

/// The auth method of the configuration does not exist, and the message says so.
#[test]
fn a_login_by_an_unknown_method_says_so() {
    let test = "a_login_by_an_unknown_method_says_so";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let bearer = write(dir.path(), "bearer", b"nobody");
    let args = ["agent", "-interval=0", "-login-auth-method=nope", "-login-bearer-token-file"];
    let here = ["-local-path", dir.path().to_str().unwrap()];
    let ran =
        ran(at(server.http_addr(), ""), [&args[..], &[bearer.to_str().unwrap()], &here].concat());
    assert_eq!(ran.code(), 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("no auth method with this name"), "{}", ran.stderr);
}

fn tokens(server: &ConsulServer) -> usize {
    let tokens = server.get_json("/v1/acl/tokens?authmethod=jwt").unwrap();
    tokens.as_array().map_or(0, Vec::len)
}

fn start(server: &ConsulServer, dir: &Path, bearer: &Path, log: &str) -> AgentProcess {
    let store = dir.join("store");
    let _ = std::fs::create_dir(&store);
    let args = [
        "-interval=1s",
        "-retain=5",
        "-login-auth-method=jwt",
        "-login-bearer-token-file",
        bearer.to_str().unwrap(),
        "-login-meta=a=b",
        "-local-path",
        store.to_str().unwrap(),
        "-local-scratch-path",
        dir.to_str().unwrap(),
    ];
    AgentProcess::at(server.http_addr(), "", &args, &dir.join(log))
}

/// The token comes from a login with a JWT, and is destroyed at the end.
#[test]
fn a_login_gives_the_token() {
    let Some(server) = ConsulServer::for_test("a_login_gives_the_token") else { return };
    let dir = tempfile::tempdir().unwrap();
    let bearer = method(&server, dir.path(), None);
    let mut agent = start(&server, dir.path(), &bearer, "log");
    agent.expect("Logged in with auth method jwt", SOON);
    agent.expect("Saved snapshot ", SOON);
    assert_eq!(tokens(&server), 1);

    // An operator deletes it: the agent logs in again, leads again, and registers as before.
    let services = || checks(&server).iter().map(|check| check["ServiceID"].clone()).next();
    until("it is registered", || services().is_some());
    let known = services();
    let list = server.get_json("/v1/acl/tokens?authmethod=jwt").unwrap();
    let accessor = list[0]["AccessorID"].as_str().unwrap();
    server.delete(&format!("/v1/acl/token/{accessor}")).unwrap();
    agent.expect("Logged in again with auth method jwt", SOON);
    agent.expect("Saved snapshot ", SOON);
    until("both checks pass", || {
        status(&server, ALIVE) == "passing" && status(&server, SAVING) == "passing"
    });
    assert_eq!((services(), checks(&server).len()), (known, 2));
    assert_eq!(agent.count("Obtained leadership"), 1, "{}", agent.text());
    assert_eq!(agent.stop(), 0);
    assert_eq!(tokens(&server), 0);
}

/// A token that is valid for a minute: the agent renews it before it fails. After a kill the next
/// run takes over lock and registration.
#[test]
fn a_login_is_renewed_in_time() {
    let Some(server) = ConsulServer::for_test("a_login_is_renewed_in_time") else { return };
    let dir = tempfile::tempdir().unwrap();
    let bearer = method(&server, dir.path(), Some("60s"));
    let mut agent = start(&server, dir.path(), &bearer, "log");
    agent.expect("Saved snapshot ", SOON);
    until("both checks are there", || checks(&server).len() == 2);
    let known = checks(&server)[0]["ServiceID"].clone();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(75) {
        std::thread::sleep(Duration::from_secs(1));
        let seen: Vec<(Value, Value)> = checks(&server)
            .iter()
            .map(|check| (check["ServiceID"].clone(), check["Status"].clone()))
            .collect();
        let expected = (known.clone(), json!("passing"));
        assert_eq!(seen, [expected.clone(), expected], "{}", agent.text());
    }
    let text = agent.text();
    assert!(text.contains("Logged in again with auth method jwt"), "{text}");
    assert!(!text.contains("[ERROR]") && !text.contains("[WARN]"), "{text}");
    assert_eq!(agent.count("Obtained leadership"), 1, "{text}");
    let saved = agent.saved();
    let longest = saved.windows(2).map(|pair| pair[1].0 - pair[0].0).fold(0.0, f64::max);
    assert!(longest < 10.0, "{longest} s between two snapshots");

    agent.kill();
    let killed = Instant::now();
    let mut next = start(&server, dir.path(), &bearer, "next.log");
    next.expect("Saved snapshot ", SOON);
    assert!(killed.elapsed() < SOON, "{:?}", killed.elapsed());
    until("only the new run is known", || {
        let checks = checks(&server);
        checks.len() == 2
            && checks
                .iter()
                .all(|check| check["ServiceID"] != known && check["Status"] == "passing")
    });
    assert!(ids(&dir.path().join("store")).len() <= 5);
    assert_eq!(next.stop(), 0, "{}", next.text());
    assert_eq!(checks(&server), [] as [Value; 0]);
    assert_eq!(server.get_json("/v1/session/list").unwrap(), json!([]));
}
