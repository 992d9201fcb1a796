//! Access to the agent: every variable and flag, TLS, a Unix socket, headers.

use super::ca::Ca;
use super::proxy::{Fault, Proxy};
use super::{command, names};
use crate::support::{Ran, finish, write};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::consul::{ServerOptions, TlsFiles};
use std::path::PathBuf;
use std::process::Command;

/// Saves into a folder that is empty before and after.
struct Saver<'a> {
    server: &'a ConsulServer,
    out: tempfile::TempDir,
}

impl Saver<'_> {
    fn command(&self, address: &str) -> Command {
        let mut command = command(address, self.server.token());
        command.current_dir(self.out.path()).args(["save", "x.snap", "--retries", "0"]);
        command
    }

    fn works(&self, command: &mut Command) {
        let ran = finish(command, b"");
        assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{command:?}");
        std::fs::remove_file(self.out.path().join("x.snap")).unwrap();
    }

    fn fails(&self, command: &mut Command, says: &[&str]) -> Ran {
        let ran = finish(command, b"");
        assert_eq!((ran.code(), ran.text()), (2, ""), "{}", ran.stderr);
        for part in says {
            assert!(ran.stderr.contains(part), "{command:?}: no {part:?} in: {}", ran.stderr);
        }
        assert!(!ran.stderr.contains(self.server.token()));
        assert_eq!(names(self.out.path()), [""; 0]);
        ran
    }
}

#[test]
fn https_with_client_certificates() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let ca = Ca::new(dir, "ca");
    let other = Ca::new(dir, "other");
    let (cert, key) = ca.issue(dir, "server", &["localhost", "server.dc1.consul"]);
    let tls = TlsFiles { ca: ca.file.clone(), cert, key };
    let options = ServerOptions { tls: Some(tls), ..ServerOptions::default() };
    let Some(server) = ConsulServer::for_test_with("https_with_client_certificates", &options)
    else {
        return;
    };
    let (cert, key) = ca.issue(dir, "client", &["client"]);
    let (foreign_cert, foreign_key) = other.issue(dir, "foreign", &["client"]);
    let saver = Saver { server: &server, out: tempfile::tempdir().unwrap() };
    let port = server.https_addr().port();
    let address = format!("https://localhost:{port}");
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let ca_file = ["-ca-file".to_owned(), text(&ca.file)];
    let client = ["-client-cert".to_owned(), text(&cert), "-client-key".to_owned(), text(&key)];

    // By flags, by variables, by a folder of CAs, and without verifying the server's certificate.
    saver.works(saver.command(&address).args(&ca_file).args(&client));
    let mut by_variables = saver.command(&format!("localhost:{port}"));
    by_variables.env("CONSUL_HTTP_SSL", "true").env("CONSUL_CACERT", &ca.file);
    saver.works(by_variables.env("CONSUL_CLIENT_CERT", &cert).env("CONSUL_CLIENT_KEY", &key));
    let folder = dir.join("cas");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(&ca.file, folder.join("a.pem")).unwrap();
    std::fs::copy(&other.file, folder.join("b.pem")).unwrap();
    saver.works(saver.command(&address).env("CONSUL_CAPATH", &folder).args(&client));
    saver.works(saver.command(&address).env("CONSUL_HTTP_SSL_VERIFY", "false").args(&client));

    // A wrong CA, no CA, and a wrong name.
    let wrong_ca = ["-ca-file".to_owned(), text(&other.file)];
    for ca in [&wrong_ca[..], &[]] {
        let mut command = saver.command(&address);
        saver.fails(command.args(ca).args(&client), &["from an unknown CA", "-ca-file"]);
    }
    let by_number = format!("https://127.0.0.1:{port}");
    saver.fails(
        saver.command(&by_number).args(&ca_file).args(&client),
        &["for another name", "-tls-server-name"],
    );
    let name = ["-tls-server-name", "server.dc1.consul"];
    saver.works(saver.command(&by_number).args(&ca_file).args(&client).args(name));
    let mut named = saver.command(&by_number);
    named.env("CONSUL_TLS_SERVER_NAME", "other.example");
    saver.fails(named.args(&ca_file).args(&client), &["for another name"]);

    // No client certificate, and one from another CA.
    saver.fails(
        saver.command(&address).args(&ca_file),
        &["requires a client certificate", "-client-cert"],
    );
    let mut foreign = saver.command(&address);
    foreign.arg("-client-cert").arg(&foreign_cert).arg("-client-key").arg(&foreign_key);
    saver.fails(foreign.args(&ca_file), &["accept the client certificate", "-client-cert"]);

    // The wrong scheme for a port.
    saver.fails(saver.command(&format!("localhost:{port}")).args(&client), &["https://"]);
    let plain = format!("https://{}", server.http_addr());
    saver.fails(saver.command(&plain).args(&ca_file), &["does not speak TLS", "http://"]);

    // Files with the wrong content.
    let nowhere = ["-ca-file", "/no/such/ca.pem"];
    saver.fails(saver.command(&address).args(nowhere), &["/no/such/ca.pem"]);
    saver.fails(saver.command(&address).arg("-ca-file").arg(&key), &["no certificate in PEM form"]);
    saver.fails(saver.command(&address).arg("-client-cert").arg(&cert), &["-client-key"]);
    let mut no_key = saver.command(&address);
    no_key.arg("-client-cert").arg(&cert).arg("-client-key").arg(&cert);
    saver.fails(&mut no_key, &["not a certificate and its private key"]);
}

#[test]
fn a_unix_socket() {
    let options = ServerOptions { unix_socket: true, ..ServerOptions::default() };
    let Some(server) = ConsulServer::for_test_with("a_unix_socket", &options) else { return };
    let saver = Saver { server: &server, out: tempfile::tempdir().unwrap() };
    let address = format!("unix://{}", server.unix_socket().display());
    saver.works(&mut saver.command(&address));
    saver.works(saver.command("127.0.0.1:1").args(["-http-addr", &address]));
    saver.fails(&mut saver.command("unix:///no/such.sock"), &["unix:///no/such.sock"]);
}

/// What is sent with a request, and which of several sources takes precedence.
#[test]
fn headers_and_queries() {
    let Some(server) = ConsulServer::for_test("headers_and_queries") else { return };
    let saver = Saver { server: &server, out: tempfile::tempdir().unwrap() };
    let dir = tempfile::tempdir().unwrap();
    let good = write(dir.path(), "good", format!("  {}\n", server.token()).as_bytes());
    let empty = write(dir.path(), "empty", b"\n");
    let head = |prepare: &dyn Fn(&mut Command)| {
        let proxy = Proxy::start(server.http_addr(), vec![Fault::None]);
        let mut command = saver.command(&proxy.address());
        prepare(&mut command);
        saver.works(&mut command);
        assert_eq!(proxy.connections(), 1);
        proxy.heads().remove(0)
    };
    let token = format!("x-consul-token: {}", server.token());
    let plain = head(&|_| {});
    assert!(plain.starts_with("GET /v1/snapshot HTTP/1.1"), "{plain}");
    assert!(plain.contains(&token) && !plain.contains("authorization"), "{plain}");
    let all = head(&|command| {
        command.args(["-stale", "-datacenter", "dc1"]);
        // dGhlIHVzZXI6c2VzYW1l is "the user:sesame".
        command.env("CONSUL_HTTP_AUTH", "the user:sesame");
    });
    assert!(all.starts_with("GET /v1/snapshot?stale=&dc=dc1 HTTP/1.1"), "{all}");
    assert!(all.contains("authorization: Basic dGhlIHVzZXI6c2VzYW1l"), "{all}");
    // -token-file overrides -token, which overrides the file in the environment, which overrides
    // its token.
    let wrong = "11111111-2222-4333-8444-555555555555";
    let of_file = |command: &mut Command| {
        command.env("CONSUL_HTTP_TOKEN", wrong).env("CONSUL_HTTP_TOKEN_FILE", &good);
    };
    assert!(head(&of_file).contains(&token));
    let of_flag = |command: &mut Command| {
        of_file(command);
        command.env("CONSUL_HTTP_TOKEN_FILE", "/no/such/file").args(["-token", server.token()]);
    };
    assert!(head(&of_flag).contains(&token));
    let of_file_flag = |command: &mut Command| {
        command.args(["-token", wrong, "-token-file"]).arg(&good);
    };
    assert!(head(&of_file_flag).contains(&token));
    let address = server.http_addr().to_string();
    let mut standard_input = command(&address, "");
    standard_input.current_dir(saver.out.path()).args(["save", "x.snap", "-token-file", "-"]);
    standard_input.stdin(std::process::Stdio::piped());
    let ran = finish(&mut standard_input, server.token().as_bytes());
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    std::fs::remove_file(saver.out.path().join("x.snap")).unwrap();

    saver.fails(saver.command(&address).arg("-token-file").arg(&empty), &["is empty"]);
    saver.fails(
        saver.command(&address).args(["-datacenter", "dc9"]),
        &["consul catalog datacenters"],
    );
    saver.fails(&mut saver.command("ftp://x"), &["expected HOST:PORT"]);
    saver.fails(saver.command(&address).env("CONSUL_HTTP_SSL", "yes"), &["CONSUL_HTTP_SSL"]);
    // Namespaces and partitions belong to Enterprise; they only have to be sent.
    let proxy = Proxy::start(server.http_addr(), vec![Fault::None]);
    let mut named = saver.command(&proxy.address());
    finish(named.args(["-namespace", "n", "-partition", "p"]), b"");
    assert!(
        proxy.heads()[0].starts_with("GET /v1/snapshot?ns=n&partition=p "),
        "{:?}",
        proxy.heads()
    );
}
