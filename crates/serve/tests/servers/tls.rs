//! TLS.

use crate::recording::Recording;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use snapscope_archive::Source;
use snapscope_serve::{Listening, Served, Server, Settings, TlsFiles};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const REQUEST: &str =
    "GET /v1/kv/counter?raw HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn tls_is_spoken_with_the_given_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let files =
        TlsFiles { certificate: dir.path().join("cert.pem"), key: dir.path().join("key.pem") };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();

    let recording = Recording::read("1.21.4");
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listening = Listening { tls: Some(files), ..Listening::at(local) };
    let settings = Settings { no_acl: true, ..Settings::default() };
    let server = Server::bind(&listening, settings).unwrap();
    let to = server.address().unwrap();
    let find = Box::new(move || Ok(Source::File(recording.snapshot.clone())));
    thread::spawn(move || server.run(vec![Served { name: None, find }], &mut |_| {}));

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(to).unwrap());
    stream.write_all(REQUEST.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The connection may end without TLS's own end.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("\r\n\r\n4"), "{answer}");

    // Nothing is answered in plain text.
    let mut plain = TcpStream::connect(to).unwrap();
    plain.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    plain.write_all(REQUEST.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1"), "{answer:?}");
}
