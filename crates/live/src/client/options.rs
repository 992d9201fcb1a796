//! The options of a client: Consul's `CONSUL_*` variables and API flags.

use super::error::ClientError;
use super::secret::Secret;
use snapscope_objects::go_number;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The default address of Consul's own tools.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:8500";

/// How a client reaches its agent. `None` falls back to other options (see [`or`](Self::or)), and
/// finally to Consul's defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientOptions {
    /// `HOST:PORT`, `http://...`, `https://...`, `unix://PATH`.
    pub http_addr: Option<String>,
    /// The ACL token.
    pub token: Option<Secret>,
    /// A file that holds the ACL token; takes precedence over `token`.
    pub token_file: Option<PathBuf>,
    /// `USER` or `USER:PASSWORD` for HTTP basic authentication.
    pub auth: Option<Secret>,
    /// Whether to use TLS if the address has no scheme.
    pub ssl: Option<bool>,
    /// Whether the server's certificate is checked.
    pub ssl_verify: Option<bool>,
    /// Certificates of CAs, PEM.
    pub ca_file: Option<PathBuf>,
    /// A folder of such files.
    pub ca_path: Option<PathBuf>,
    /// The client's certificate, PEM.
    pub client_cert: Option<PathBuf>,
    /// Its private key, PEM.
    pub client_key: Option<PathBuf>,
    /// The name that the server's certificate has to match.
    pub tls_server_name: Option<String>,
    /// The datacenter to query; by default the agent's.
    pub datacenter: Option<String>,
    /// Whether any server may answer.
    pub stale: Option<bool>,
    /// The namespace (Enterprise).
    pub namespace: Option<String>,
    /// The admin partition (Enterprise).
    pub partition: Option<String>,
    /// How long to wait for a connection.
    pub connect_timeout: Option<Duration>,
    /// How long to wait for the next byte, in either direction.
    pub idle_timeout: Option<Duration>,
    /// How often a request that may be repeated is sent again.
    pub retries: Option<u32>,
}

impl ClientOptions {
    /// The default time to wait for a connection.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
    /// The default time to wait for the next byte. Servers complete a snapshot before they send its
    /// first byte; one of 10 GB takes minutes.
    pub const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
    /// The default number of retries: with their pauses, long enough for an election.
    pub const RETRIES: u32 = 4;

    /// Reads the `CONSUL_*` variables. As in Consul, an empty one counts as unset.
    ///
    /// # Errors
    /// If a variable is not UTF-8, or not the expected boolean.
    pub fn from_env(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, ClientError> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let path = |name: &str| set(name).map(PathBuf::from);
        let text = |name: &str| {
            set(name)
                .map(|value| {
                    value.into_string().map_err(|_| {
                        ClientError::Options(format!("the variable {name} is not UTF-8"))
                    })
                })
                .transpose()
        };
        let boolean = |name: &str| {
            let Some(value) = text(name)? else { return Ok(None) };
            go_number::bool(&value).map(Some).ok_or_else(|| {
                ClientError::Options(format!(
                    "the variable {name} is {value:?}; expected true or false"
                ))
            })
        };
        Ok(Self {
            http_addr: text("CONSUL_HTTP_ADDR")?,
            token: text("CONSUL_HTTP_TOKEN")?.map(Secret::from),
            token_file: path("CONSUL_HTTP_TOKEN_FILE"),
            auth: text("CONSUL_HTTP_AUTH")?.map(Secret::from),
            ssl: boolean("CONSUL_HTTP_SSL")?,
            ssl_verify: boolean("CONSUL_HTTP_SSL_VERIFY")?,
            ca_file: path("CONSUL_CACERT"),
            ca_path: path("CONSUL_CAPATH"),
            client_cert: path("CONSUL_CLIENT_CERT"),
            client_key: path("CONSUL_CLIENT_KEY"),
            tls_server_name: text("CONSUL_TLS_SERVER_NAME")?,
            namespace: text("CONSUL_NAMESPACE")?,
            partition: text("CONSUL_PARTITION")?,
            ..Self::default()
        })
    }

    /// Fills unset options from `other`. Token and token file belong together: a file in `other`
    /// does not override a token here.
    #[must_use]
    pub fn or(self, later: Self) -> Self {
        let (token, token_file) = if self.token.is_some() || self.token_file.is_some() {
            (self.token, self.token_file)
        } else {
            (later.token, later.token_file)
        };
        Self {
            http_addr: self.http_addr.or(later.http_addr),
            token,
            token_file,
            auth: self.auth.or(later.auth),
            ssl: self.ssl.or(later.ssl),
            ssl_verify: self.ssl_verify.or(later.ssl_verify),
            ca_file: self.ca_file.or(later.ca_file),
            ca_path: self.ca_path.or(later.ca_path),
            client_cert: self.client_cert.or(later.client_cert),
            client_key: self.client_key.or(later.client_key),
            tls_server_name: self.tls_server_name.or(later.tls_server_name),
            datacenter: self.datacenter.or(later.datacenter),
            stale: self.stale.or(later.stale),
            namespace: self.namespace.or(later.namespace),
            partition: self.partition.or(later.partition),
            connect_timeout: self.connect_timeout.or(later.connect_timeout),
            idle_timeout: self.idle_timeout.or(later.idle_timeout),
            retries: self.retries.or(later.retries),
        }
    }

    /// The token to send: the content of the file, or else the given token.
    pub(super) fn resolve_token(&self) -> Result<Option<Secret>, ClientError> {
        if let Some(path) = &self.token_file {
            let text = read(path, "the token file")?;
            let text = String::from_utf8(text).map_err(|_| {
                ClientError::Options(format!("the token file {} is not text", path.display()))
            })?;
            let token = text.trim();
            if token.is_empty() {
                let message = format!("the token file {} is empty", path.display());
                return Err(ClientError::Options(message));
            }
            return Ok(Some(Secret::new(token)));
        }
        Ok(self.token.clone().filter(|token| !token.is_empty()))
    }
}

/// A file that an option names.
pub(super) fn read(path: &Path, what: &str) -> Result<Vec<u8>, ClientError> {
    fs::read(path)
        .map_err(|e| ClientError::Options(format!("cannot read {what} {}: {e}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Result<ClientOptions, ClientError> {
        ClientOptions::from_env(|name| {
            pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn every_variable_is_read() {
        let options = env(&[
            ("CONSUL_HTTP_ADDR", "consul:1"),
            ("CONSUL_HTTP_TOKEN", "t"),
            ("CONSUL_HTTP_TOKEN_FILE", "/token"),
            ("CONSUL_HTTP_AUTH", "me:pw"),
            ("CONSUL_HTTP_SSL", "true"),
            ("CONSUL_HTTP_SSL_VERIFY", "0"),
            ("CONSUL_CACERT", "/ca.pem"),
            ("CONSUL_CAPATH", "/ca"),
            ("CONSUL_CLIENT_CERT", "/cert"),
            ("CONSUL_CLIENT_KEY", "/key"),
            ("CONSUL_TLS_SERVER_NAME", "server.dc1.consul"),
            ("CONSUL_NAMESPACE", "ns"),
            ("CONSUL_PARTITION", "part"),
        ])
        .unwrap();
        let expected = ClientOptions {
            http_addr: Some("consul:1".into()),
            token: Some(Secret::new("t")),
            token_file: Some("/token".into()),
            auth: Some(Secret::new("me:pw")),
            ssl: Some(true),
            ssl_verify: Some(false),
            ca_file: Some("/ca.pem".into()),
            ca_path: Some("/ca".into()),
            client_cert: Some("/cert".into()),
            client_key: Some("/key".into()),
            tls_server_name: Some("server.dc1.consul".into()),
            namespace: Some("ns".into()),
            partition: Some("part".into()),
            ..ClientOptions::default()
        };
        assert_eq!(options, expected);
        assert!(!format!("{options:?}").contains("pw"));
    }

    #[test]
    fn empty_is_not_set_and_nonsense_is_refused() {
        assert_eq!(
            env(&[("CONSUL_HTTP_SSL", ""), ("CONSUL_HTTP_ADDR", "")]).unwrap(),
            ClientOptions::default()
        );
        assert!(
            env(&[("CONSUL_HTTP_SSL", "yes")]).unwrap_err().to_string().contains("CONSUL_HTTP_SSL")
        );
    }

    #[test]
    fn a_given_token_beats_a_file_from_the_environment() {
        let given = ClientOptions { token: Some(Secret::new("given")), ..ClientOptions::default() };
        let env = env(&[("CONSUL_HTTP_TOKEN_FILE", "/nowhere")]).unwrap();
        let token = given.clone().or(env.clone()).resolve_token().unwrap();
        assert_eq!(token, Some(Secret::new("given")));
        assert!(env.resolve_token().unwrap_err().to_string().contains("/nowhere"));
    }
}
