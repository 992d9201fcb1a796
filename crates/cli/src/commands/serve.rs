//! `serve`: answers Consul's HTTP API from a snapshot.

use super::acl::BasisArgs;
use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::terminal::{self, say};
use anyhow::{Context as _, Result};
use clap::Args;
use snapscope_serve::{Event, Find, Listening, Report, Served, Server, Settings, TlsFiles};
use std::cell::Cell;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Answer Consul's HTTP API from a snapshot, read-only
///
/// Tools that speak to Consul (its own command line, consul-template, terraform, Prometheus,
/// scripts) can read a backup as if the cluster were up: keys, catalog, health, config entries,
/// ACLs. Requests are answered with the rights of the snapshot's own tokens, in the form of the
/// Consul version that wrote it. Writes are refused. Requests for data that snapshots do not
/// contain get status 501. docs/serve.md lists all endpoints.
///
/// The snapshot is inflated once into a temporary file (in TMPDIR) that has no name. SIGHUP opens
/// FILE again and serves it once it is read.
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
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8500")]
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
    let mut lines = format!("Listening on {scheme}://{address}\n");
    if let Some(path) = server.page_path() {
        lines.push_str(&format!("Page: {scheme}://{address}{path}\n"));
    }
    let mut out = terminal::out();
    // The caller may have closed the output. The server continues for its clients.
    let _ = out.write_all(lines.as_bytes()).and_then(|()| out.flush());
    drop(out);
    let is_damaged = Cell::new(false);
    server.run(served, &mut |event| match event {
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

/// Resolves a name each time it is called.
fn find(file: PathBuf) -> Find {
    let file = FileArg { file };
    Box::new(move || ReadArgs::source(&file).map_err(|error| format!("{error:#}")))
}

/// Reports that a snapshot is served.
fn ready(name: Option<&str>, report: &Report) -> String {
    let file = one_line(report.name.as_bytes());
    let place = name.map_or_else(|| "/v1/".to_owned(), |name| format!("/at/{name}/v1/"));
    let whose = if report.enforces_acls { "by the rights of its tokens" } else { "without ACLs" };
    format!("{file}: ready, served under {place} {whose}")
}
