//! The flags of every command that talks to a cluster: those of Consul's own commands.

use clap::{ArgAction, Args};
use snapscope_live::client::{Client, ClientError, ClientOptions, Secret};
use snapscope_live::parse_duration;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

/// How to reach the cluster. The `CONSUL_*` variables supply what no flag sets.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Cluster")]
pub(crate) struct ApiFlags {
    /// The agent: HOST:PORT, http://..., https://... or unix://PATH [env: CONSUL_HTTP_ADDR] [default:
    /// 127.0.0.1:8500]
    #[arg(long, value_name = "ADDRESS")]
    http_addr: Option<String>,
    /// The ACL token; other users of this machine can see it, so prefer --token-file
    /// [env: CONSUL_HTTP_TOKEN]
    #[arg(long, value_name = "TOKEN", value_parser = secret)]
    token: Option<Secret>,
    /// A file that holds the ACL token, or - for standard input [env: CONSUL_HTTP_TOKEN_FILE]
    #[arg(long, value_name = "PATH")]
    token_file: Option<PathBuf>,
    /// Certificates of trusted CAs, PEM [env: CONSUL_CACERT] [default: the system's]
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
    /// A folder with certificates of trusted CAs [env: CONSUL_CAPATH]
    #[arg(long, value_name = "PATH")]
    ca_path: Option<PathBuf>,
    /// The client's certificate, PEM [env: CONSUL_CLIENT_CERT]
    #[arg(long, value_name = "PATH")]
    client_cert: Option<PathBuf>,
    /// The client's private key, PEM [env: CONSUL_CLIENT_KEY]
    #[arg(long, value_name = "PATH")]
    client_key: Option<PathBuf>,
    /// The name that the server's certificate has to match [env: CONSUL_TLS_SERVER_NAME]
    #[arg(long, value_name = "NAME")]
    tls_server_name: Option<String>,
    /// The datacenter to query [default: the agent's]
    #[arg(long, value_name = "DC")]
    datacenter: Option<String>,
    /// Let any server answer, even without a leader
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          action = ArgAction::Set, value_name = "BOOL", hide_possible_values = true)]
    stale: Option<bool>,
    /// The namespace, in Enterprise [env: CONSUL_NAMESPACE]
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
    /// The admin partition, in Enterprise [env: CONSUL_PARTITION]
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// How long to wait for a connection [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    connect_timeout: Option<Duration>,
    /// Maximum time without an answer; the server completes a snapshot before it sends the first
    /// byte [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    timeout: Option<Duration>,
    /// How often to retry where that is safe, with growing pauses [default: 4]
    #[arg(long, value_name = "N")]
    retries: Option<u32>,
}

// Clap's error would show the value, so clap does not parse it.
pub(crate) fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

impl ApiFlags {
    /// The options from the flags alone.
    pub(crate) fn options(&self) -> Result<ClientOptions, ClientError> {
        let (token, token_file) = match &self.token_file {
            Some(path) if path.as_os_str() == "-" => (Some(token_from_stdin()?), None),
            file => (self.token.clone(), file.clone()),
        };
        Ok(ClientOptions {
            http_addr: self.http_addr.clone(),
            token,
            token_file,
            ca_file: self.ca_file.clone(),
            ca_path: self.ca_path.clone(),
            client_cert: self.client_cert.clone(),
            client_key: self.client_key.clone(),
            tls_server_name: self.tls_server_name.clone(),
            datacenter: self.datacenter.clone(),
            stale: self.stale,
            namespace: self.namespace.clone(),
            partition: self.partition.clone(),
            connect_timeout: self.connect_timeout,
            idle_timeout: self.timeout,
            retries: self.retries,
            ..ClientOptions::default()
        })
    }

    /// The flags that lead to the same cluster again, without any secret: the token's file, never
    /// the token, and with `address` instead of an address that may have a password in it.
    pub(crate) fn repeated(&self, address: &str, with_token_file: bool) -> Vec<OsString> {
        let token_file =
            self.token_file.as_ref().filter(|path| with_token_file && path.as_os_str() != "-");
        let paths = [
            ("--token-file", token_file),
            ("--ca-file", self.ca_file.as_ref()),
            ("--ca-path", self.ca_path.as_ref()),
            ("--client-cert", self.client_cert.as_ref()),
            ("--client-key", self.client_key.as_ref()),
        ];
        let texts = [
            ("--tls-server-name", self.tls_server_name.as_ref()),
            ("--datacenter", self.datacenter.as_ref()),
            ("--namespace", self.namespace.as_ref()),
            ("--partition", self.partition.as_ref()),
        ];
        let mut words: Vec<OsString> = vec!["--http-addr".into(), address.into()];
        let paths =
            paths.into_iter().filter_map(|(flag, path)| Some((flag, OsString::from(path?))));
        let texts =
            texts.into_iter().filter_map(|(flag, text)| Some((flag, OsString::from(text?))));
        for (flag, value) in paths.chain(texts) {
            words.extend([flag.into(), value]);
        }
        words
    }

    /// Whether the token came from a place that a later command cannot read it from again.
    pub(crate) fn token_is_gone(&self) -> bool {
        match &self.token_file {
            Some(path) => path.as_os_str() == "-",
            None => self.token.is_some(),
        }
    }

    /// Whether standard input has the token.
    pub(crate) fn token_is_on_stdin(&self) -> bool {
        self.token_file.as_ref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// A client built from the flags and, where those are unset, the variables.
    pub(crate) fn client(&self) -> Result<Client, ClientError> {
        Client::new(&self.options()?.or(variables()?))
    }
}

/// The options from the `CONSUL_*` variables.
pub(crate) fn variables() -> Result<ClientOptions, ClientError> {
    ClientOptions::from_env(|name| std::env::var_os(name))
}

/// Maximum number of bytes read from a token file; a Consul token has 36.
const TOKEN_LIMIT: u64 = 4096;

/// The token on standard input. It can be read only once, so an agent that reloads its
/// configuration gets the same token again.
fn token_from_stdin() -> Result<Secret, ClientError> {
    use std::io::Read as _;
    static READ: OnceLock<Secret> = OnceLock::new();
    if let Some(token) = READ.get() {
        return Ok(token.clone());
    }
    let mut text = String::new();
    std::io::stdin().take(TOKEN_LIMIT).read_to_string(&mut text).map_err(|e| {
        ClientError::Options(format!("cannot read the token from standard input: {e}"))
    })?;
    let token = text.trim();
    if token.is_empty() {
        return Err(ClientError::Options("no token on standard input".to_owned()));
    }
    Ok(READ.get_or_init(|| Secret::new(token)).clone())
}
