//! An AWS role that is assumed with a web identity token, as in pods.
//!
//! The service that issues the credentials speaks only TLS, and moto does not understand a request
//! with its action in the URL. So a few lines of Python replace that service; moto is the bucket.

use super::{at, bare, ran};
use crate::live::ca::Ca;
use crate::support::{Ran, write};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::stores::{BUCKET, StoreKind, StoreServer};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Issues temporary credentials for the one role and token, and records the requests.
const STS: &str = r#"
import http.server, ssl, sys, urllib.parse
class Sts(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        good = asked.get("Action") == "AssumeRoleWithWebIdentity" and asked.get("WebIdentityToken") == "the-token"
        body = b"<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>" \
            b"<AccessKeyId>FAKEROLEKEY</AccessKeyId><SecretAccessKey>fake</SecretAccessKey>" \
            b"<SessionToken>fake-session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>" \
            b"</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
        self.send_response(200 if good else 403)
        self.send_header("Content-Length", str(len(body) if good else 0))
        self.end_headers()
        if good: self.wfile.write(body)
        print(asked.get("RoleArn"), asked.get("RoleSessionName"), good, flush=True)
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Sts)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
"#;

/// The service; it ends with the value.
struct Sts {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
    port: u16,
}

impl Sts {
    fn start(cert: &Path, key: &Path) -> Self {
        let mut command = Command::new("python3");
        command.args(["-c", STS]).arg(cert).arg(key);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("python3 is there");
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        Self { child, said, port: line.trim().parse().expect("it says its port") }
    }

    /// The next request: role, session, whether it was granted.
    fn asked(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Sts {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const ROLE: &str = "arn:aws:iam::123456789012:role/snapshots";

#[test]
fn a_role_by_web_identity() {
    let Some(server) = ConsulServer::for_test("a_role_by_web_identity") else { return };
    let Some(store) = StoreServer::for_test(StoreKind::S3, "a_role_by_web_identity") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let ca = Ca::new(dir.path(), "ca");
    let (cert, key) = ca.issue(dir.path(), "sts", &["localhost"]);
    let mut sts = Sts::start(&cert, &key);
    let endpoint = format!("https://localhost:{}", sts.port);
    let token = write(dir.path(), "token", b"the-token");
    let run = |flags: &[&str], variables: &[(&str, &str)]| -> Ran {
        let mut command = at(server.http_addr(), server.token());
        command
            .env("SSL_CERT_FILE", &ca.file)
            .env("AWS_ENDPOINT_URL_S3", format!("http://{}", store.address()))
            .env("AWS_REGION", "us-east-1")
            .envs(variables.iter().copied());
        ran(command, [&["agent", "-interval=0", "-aws-s3-bucket", BUCKET], flags].concat())
    };
    let token = token.to_str().unwrap();
    let by_flags = [
        "-aws-role-arn",
        ROLE,
        "-aws-web-identity-token-file",
        token,
        "-aws-role-session-name",
        "nightly",
        "-aws-sts-endpoint",
        &endpoint,
    ];
    let done = run(&[&by_flags[..], &["-aws-s3-key-prefix", "flags"]].concat(), &[]);
    assert_eq!(done.code(), 0, "{}", done.stderr);
    assert_eq!(sts.asked(), format!("{ROLE} nightly True"));

    // As Kubernetes provides it to pods.
    let pod = [
        ("AWS_ROLE_ARN", ROLE),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token),
        ("AWS_ENDPOINT_URL_STS", &endpoint),
    ];
    let done = run(&["-aws-s3-key-prefix", "pod"], &pod);
    assert_eq!(done.code(), 0, "{}", done.stderr);
    assert!(sts.asked().ends_with("True"));
    for prefix in ["flags", "pod"] {
        let mut command = bare();
        command.envs(store.variables());
        let listed = ran(command, ["snapshots", &store.url(prefix), "-o", "json"]).json();
        assert_eq!(listed.as_array().unwrap().len(), 1, "{prefix}: {listed}");
    }

    // A token that is refused, and one that is missing.
    std::fs::write(token, "another-token").unwrap();
    let refused = run(&by_flags, &[]);
    assert_eq!(refused.code(), 2);
    assert!(!refused.stderr.contains("another-token"), "{}", refused.stderr);
    std::fs::remove_file(token).unwrap();
    let missing = run(&by_flags, &[]);
    assert_eq!(missing.code(), 2);
    assert!(missing.stderr.contains("token"), "{}", missing.stderr);
}
