//! `serve`: answers Consul's HTTP API from a snapshot.

use super::acl::BasisArgs;
use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::terminal::{self, say};
use anyhow::{Context as _, Result};
use clap::Args;
use snapscope_serve::{Access, Event, Find, Listening, Report, Served, Server, Settings, TlsFiles};
use std::cell::Cell;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Answer Consul's HTTP API from a snapshot, read-only
///
/// Tools that speak to Consul (its own command line, consul-template, terraform, Prometheus,
/// scripts) can read a backup as if the cluster were up: keys, catalog, health, config entries,
/// ACLs. Requests are answered with the rights of the snapshot's own tokens, in the form of the
/// Consul version that wrote it. Without a token, a request sees what the anonymous token may read,
/// often nothing; --no-acl shows everything. Writes are refused. Requests for data that snapshots do
/// not contain get status 501. docs/serve.md lists all endpoints.
///
/// The snapshot is inflated once into a temporary file (in TMPDIR) that has no name. SIGHUP opens
/// FILE again and serves it once it is read, and prints another address for the page.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope serve backup.snap
  CONSUL_HTTP_TOKEN=... consul kv get -recurse app/
  snapscope serve backup.snap --listen 127.0.0.1:9500 --no-acl
  snapscope serve today.snap --also yesterday=yesterday.snap
  curl http://127.0.0.1:8500/at/yesterday/v1/kv/app/color?raw")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    file: FileArg,
    /// Address and port to listen on; a port alone is on 127.0.0.1
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8500", value_parser = address)]
    listen: SocketAddr,
    /// Another snapshot, served under /at/NAME/v1/; may be repeated
    #[arg(long, value_name = "NAME=FILE", value_parser = also)]
    also: Vec<Also>,
    /// Answer all requests regardless of their tokens; on loopback only
    #[arg(long)]
    no_acl: bool,
    /// Require the permission key:list for listing keys, as acl.enable_key_list_policy does
    #[arg(long)]
    enable_key_list_policy: bool,
    /// PEM file with the certificate for TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM file with its private key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Listen on an address other than loopback without TLS; tokens and values are then sent
    /// unencrypted
    #[arg(long)]
    allow_plain_remote: bool,
    /// Another name than localhost by which clients may address this server; may be repeated
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    #[command(flatten)]
    basis: BasisArgs,
    #[command(flatten)]
    read: ReadArgs,
}

/// The port of Consul's HTTP API.
const PORT: u16 = 8500;

/// An address to listen on. What is left out is the default, so a port alone is on loopback, unlike
/// in Consul's own flags.
fn address(text: &str) -> Result<SocketAddr, String> {
    let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
    let ip = |text: &str| match text {
        "" | "localhost" => Some(loopback),
        text => text.parse().ok(),
    };
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::new(loopback, port));
    }
    if let Some(ip) = ip(text).filter(|_| !text.is_empty()) {
        return Ok(SocketAddr::new(ip, PORT));
    }
    let parts =
        text.rsplit_once(':').and_then(|(host, port)| Some((ip(host)?, port.parse::<u16>().ok()?)));
    parts.map(SocketAddr::from).ok_or_else(|| {
        "expected ADDRESS:PORT, such as 127.0.0.1:9500, localhost:9500 or [::1]:9500, or a port \
         alone; other names are not looked up"
            .to_owned()
    })
}

/// Another snapshot.
#[derive(Debug, Clone)]
struct Also {
    name: String,
    file: PathBuf,
}

fn also(text: &str) -> Result<Also, String> {
    let (name, file) = text.split_once('=').ok_or("expected NAME=FILE")?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_allowed) {
        return Err(
            "NAME may have letters, digits, and \"-_.\"; it cannot start with a dot".to_owned()
        );
    }
    if file.is_empty() {
        return Err("expected NAME=FILE".to_owned());
    }
    Ok(Also { name: name.to_owned(), file: file.into() })
}

pub(crate) fn run(args: &ServeArgs) -> Result<Exit> {
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    let listening = Listening {
        address: args.listen,
        tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
        allow_plain_remote: args.allow_plain_remote,
        hosts: args.allow_host.clone(),
    };
    let settings = Settings {
        basis: args.basis.options(),
        default_policy_is_given: args.basis.default_policy_is_given(),
        key_list_policy: args.enable_key_list_policy,
        no_acl: args.no_acl,
        open: args.read.options(),
    };
    let mut served = vec![Served { name: None, find: find(args.file.file.clone()) }];
    for also in &args.also {
        let is_taken = served.iter().any(|other| other.name.as_ref() == Some(&also.name));
        anyhow::ensure!(!is_taken, "--also {:?} is given twice", also.name);
        served.push(Served { name: Some(also.name.clone()), find: find(also.file.clone()) });
    }
    let server = Server::bind(&listening, settings)?;
    let address = server.address().context("cannot find out the server's own address")?;
    let scheme = if listening.tls.is_some() { "https" } else { "http" };
    let page = |path: &str| format!("Page: {scheme}://{address}{path}\n");
    let first_page = server.page_path();
    let is_damaged = Cell::new(false);
    server.run(served, &mut |event| match event {
        Event::Listening => {
            let page = first_page.as_deref().map(page).unwrap_or_default();
            print(&format!("Listening on {scheme}://{address}\n{page}"));
        }
        Event::PageOpens(path) => print(&page(path)),
        Event::Indexed(name, report) => {
            if args.read.report_of(&report.name, &report.closing, &report.problems) != Exit::Done {
                is_damaged.set(true);
            }
            say!("snapscope: {}", ready(name, report));
        }
        Event::NotReplaced(error) => {
            let error = one_line(error.as_bytes());
            say!("snapscope: {error}; the old snapshot is still served");
        }
        _ => {}
    })?;
    Ok(if is_damaged.get() { Exit::Damaged } else { Exit::Done })
}

/// Prints lines. The caller may have closed the output; the server continues for its clients.
fn print(lines: &str) {
    let mut out = terminal::out();
    let _ = out.write_all(lines.as_bytes()).and_then(|()| out.flush());
}

/// Resolves a name each time it is called.
fn find(file: PathBuf) -> Find {
    let file = FileArg { file };
    Box::new(move || ReadArgs::source(&file).map_err(|error| format!("{error:#}")))
}

/// Reports that a snapshot is served.
fn ready(name: Option<&str>, report: &Report) -> String {
    let file = one_line(report.name.as_bytes());
    let place = name.map_or_else(|| "/v1/".to_owned(), |name| format!("/at/{name}/v1/"));
    let whose = match report.access {
        Access::ByTokens => {
            "by the rights of its tokens; a request without a token sees what the anonymous token \
             may read"
        }
        Access::TokensMayBeLost => {
            "to nobody: it is damaged and has no tokens, which may have been lost; if the cluster \
             had no ACLs, pass --no-acl"
        }
        Access::Open => "without ACLs",
    };
    format!("{file}: ready, served under {place} {whose}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_leaves_out_is_loopback_and_the_port_of_consul() {
        for (text, expected) in [
            ("127.0.0.1:9500", "127.0.0.1:9500"),
            ("localhost:9500", "127.0.0.1:9500"),
            (":9500", "127.0.0.1:9500"),
            ("9500", "127.0.0.1:9500"),
            ("localhost", "127.0.0.1:8500"),
            ("0.0.0.0", "0.0.0.0:8500"),
            ("::1", "[::1]:8500"),
            ("[::1]:0", "[::1]:0"),
        ] {
            assert_eq!(address(text).map(|address| address.to_string()).as_deref(), Ok(expected));
        }
        for wrong in ["", ":", "70000", "example.com:80", "localhost:", "127.0.0.1:http", "1.2.3"] {
            assert!(address(wrong).is_err_and(|error| error.contains("ADDRESS:PORT")), "{wrong}");
        }
    }
}
