//! Checks `Host` against DNS rebinding: a web page can make a browser send requests to loopback
//! under the page's own host name, but the browser then sends that name.

use std::net::IpAddr;

/// The accepted names of the server. IP addresses are always accepted: rebinding needs a name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts {
    names: Vec<String>,
}

impl Hosts {
    /// Accepts `localhost` and these names.
    pub(crate) fn new(names: &[String]) -> Self {
        let own = names.iter().map(|name| name.trim_end_matches('.').to_ascii_lowercase());
        Self { names: std::iter::once("localhost".to_owned()).chain(own).collect() }
    }

    /// Whether a request with this `Host` is accepted. An HTTP/1.0 request may have none.
    pub(crate) fn allow(&self, host: Option<&str>) -> bool {
        let Some(host) = host else { return true };
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None => host.rsplit_once(':').map_or(host, |(name, _)| name),
        };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        name.parse::<IpAddr>().is_ok() || self.names.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_refused() {
        let hosts = Hosts::new(&["backup.example.com".to_owned()]);
        for host in [
            "localhost:8500",
            "LOCALHOST",
            "127.0.0.1:8500",
            "[::1]:8500",
            "10.0.0.1",
            "backup.example.com.:1",
        ] {
            assert!(hosts.allow(Some(host)), "{host}");
        }
        for host in ["evil.example:8500", "localhost.evil.example", "", "127.0.0.1.nip.io"] {
            assert!(!hosts.allow(Some(host)), "{host}");
        }
        assert!(hosts.allow(None));
    }
}
