//! The agent's address, as in `-http-addr` and `CONSUL_HTTP_ADDR`.

use super::error::ClientError;
use super::secret::Secret;
use reqwest::Url;
use std::fmt;
use std::path::PathBuf;

/// The agent's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Scheme, host, port and the path before `/v1`.
    pub(super) url: Url,
    /// The socket, for `unix://`.
    pub(super) socket: Option<PathBuf>,
    /// The user info before an `@`.
    pub(super) auth: Option<Secret>,
}

impl Address {
    /// Parses `host:port`, `http://...`, `https://...` or `unix://path`. `https` means that TLS was
    /// requested elsewhere; as in Consul, an address with `http` does not turn it off.
    pub(super) fn parse(text: &str, https: bool) -> Result<Self, ClientError> {
        let wrong = |why: &str| {
            ClientError::Options(format!(
                "the address {:?} {why}; expected HOST:PORT, http://HOST:PORT, https://HOST:PORT \
                 or unix://PATH",
                without_auth(text)
            ))
        };
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        if scheme == "unix" {
            if rest.is_empty() {
                return Err(wrong("names no socket"));
            }
            let url = Url::parse("http://localhost/").map_err(|_| wrong("cannot be used"))?;
            return Ok(Self { url, socket: Some(PathBuf::from(rest)), auth: None });
        }
        if scheme != "http" && scheme != "https" {
            return Err(wrong("has an unknown scheme"));
        }
        let scheme = if https { "https" } else { scheme };
        let mut url = Url::parse(&format!("{scheme}://{rest}"))
            .map_err(|e| wrong(&format!("is not an address ({e})")))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has more than a path after its port"));
        }
        let auth = (!url.username().is_empty() || url.password().is_some()).then(|| {
            Secret::new(match url.password() {
                Some(password) => format!("{}:{password}", url.username()),
                None => url.username().to_owned(),
            })
        });
        let cleared = url.set_username("").and_then(|()| url.set_password(None));
        cleared.map_err(|()| wrong("has no host"))?;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self { url, socket: None, auth })
    }

    /// The URL of a path of the API, such as `v1/status/leader`.
    pub(super) fn join(&self, path: &str) -> Result<Url, ClientError> {
        let url = self.url.join(path);
        url.map_err(|e| ClientError::Options(format!("{path:?} is not a path of the API: {e}")))
    }

    /// Whether it is this machine, for which no proxy is used.
    pub(super) fn is_loopback(&self) -> bool {
        if self.socket.is_some() {
            return true;
        }
        let host = self.url.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

fn without_auth(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(s, r)| (s, r));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() { rest.to_owned() } else { format!("{scheme}://{rest}") }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.socket {
            Some(path) => write!(f, "unix://{}", path.display()),
            None => f.write_str(self.url.as_str().trim_end_matches('/')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, https: bool) -> String {
        Address::parse(text, https).map_or_else(|e| e.to_string(), |address| address.to_string())
    }

    #[test]
    fn addresses() {
        assert_eq!(shown("127.0.0.1:8500", false), "http://127.0.0.1:8500");
        assert_eq!(shown("127.0.0.1:8500", true), "https://127.0.0.1:8500");
        assert_eq!(shown("http://consul:8500", true), "https://consul:8500");
        assert_eq!(shown("https://consul", false), "https://consul");
        assert_eq!(shown("https://proxy/consul", false), "https://proxy/consul");
        assert_eq!(shown("[::1]:8500", false), "http://[::1]:8500");
        assert_eq!(shown("unix:///run/consul.sock", true), "unix:///run/consul.sock");
        for wrong in ["ftp://x", "", "http://", "unix://", "a b", "host:99999", "host:1?x=y"] {
            assert!(shown(wrong, false).contains("expected HOST:PORT"), "{wrong}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_not_shown() {
        let address = Address::parse("http://me:sesame@consul:8500", false).unwrap();
        assert_eq!(address.auth, Some(Secret::new("me:sesame")));
        assert_eq!(address.to_string(), "http://consul:8500");
        assert!(!format!("{address:?}").contains("sesame"));
        assert!(!shown("ftp://me:sesame@x", false).contains("sesame"));
        assert!(!shown("me:sesame@x:99999", false).contains("sesame"));
    }

    #[test]
    fn paths_stand_behind_the_prefix() {
        let url = |base: &str| Address::parse(base, false).unwrap().join("v1/kv/a%2Fb").unwrap();
        assert_eq!(url("consul:8500").as_str(), "http://consul:8500/v1/kv/a%2Fb");
        assert_eq!(url("https://x/prefix").as_str(), "https://x/prefix/v1/kv/a%2Fb");
    }

    #[test]
    fn loopback() {
        for (text, is) in [
            ("localhost:8500", true),
            ("127.1.2.3:1", true),
            ("[::1]:8500", true),
            ("unix:///x", true),
            ("consul.example:8500", false),
            ("10.0.0.1:8500", false),
        ] {
            assert_eq!(Address::parse(text, false).unwrap().is_loopback(), is, "{text}");
        }
    }
}
