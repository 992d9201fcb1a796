//! Creates a client from its options.

use super::address::Address;
use super::error::{ClientError, chain};
use super::options::{ClientOptions, DEFAULT_ADDRESS};
use super::request::Query;
use super::secret::Secret;
use super::{Client, tls};
use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;

impl Client {
    /// Creates a client for these options, without connecting.
    ///
    /// # Errors
    /// [`ClientError::Options`] if the address is invalid, or a file is unreadable or has the wrong
    /// content.
    pub fn new(options: &ClientOptions) -> Result<Self, ClientError> {
        let text = options.http_addr.as_deref().unwrap_or(DEFAULT_ADDRESS);
        let mut address = Address::parse(text, options.ssl == Some(true))?;
        let idle_timeout = options.idle_timeout.unwrap_or(ClientOptions::IDLE_TIMEOUT);
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("snapscope/", env!("CARGO_PKG_VERSION")))
            // A redirect would send the token to its target.
            .redirect(Policy::none())
            .connect_timeout(options.connect_timeout.unwrap_or(ClientOptions::CONNECT_TIMEOUT))
            .tcp_nodelay(true);
        if address.is_loopback() {
            builder = builder.no_proxy();
        }
        builder = tls::configure(builder, options)?;
        if let Some(socket) = &address.socket {
            #[cfg(unix)]
            {
                builder = builder.unix_socket(socket.clone());
            }
            #[cfg(not(unix))]
            return Err(ClientError::Options(format!(
                "unix://{}: this system does not support Unix sockets",
                socket.display()
            )));
        }
        let auth = options.auth.clone().or_else(|| address.auth.clone());
        let shown = address.clone();
        let mut host = None;
        if let Some(name) = options.tls_server_name.as_deref().filter(|name| !name.is_empty())
            && address.url.scheme() == "https"
        {
            let port = address.url.port().map_or_else(String::new, |port| format!(":{port}"));
            let original = format!("{}{port}", address.url.host_str().unwrap_or_default());
            host = HeaderValue::from_str(&original).ok();
            builder = tls::aliased(builder, &mut address, name)?;
        }
        let http = builder.build().map_err(|e| {
            ClientError::Options(format!("cannot create a client for {shown}: {}", chain(e)))
        })?;
        let token = options.resolve_token()?.map(|token| header(&token, "token")).transpose()?;
        let authorization = auth.map(|auth| basic(&auth)).transpose()?;
        let mut scope = Query::default();
        for (name, value) in [
            ("dc", &options.datacenter),
            ("ns", &options.namespace),
            ("partition", &options.partition),
        ] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                scope = scope.with(name, value);
            }
        }
        Ok(Self {
            http,
            address,
            shown: shown.to_string(),
            token,
            authorization,
            host,
            scope,
            stale: options.stale == Some(true),
            has_certificate: options.client_cert.is_some(),
            idle_timeout,
            retries: options.retries.unwrap_or(ClientOptions::RETRIES),
        })
    }

    /// The same client with another token, such as one from a login; `None` sends none.
    ///
    /// # Errors
    /// If the token has characters that a header cannot contain.
    pub fn with_token(&self, token: Option<&Secret>) -> Result<Self, ClientError> {
        let token = token.map(|token| header(token, "token")).transpose()?;
        Ok(Self { token, ..self.clone() })
    }

    /// The same client; sets whether servers other than the leader may answer.
    #[must_use]
    pub fn with_stale(&self, stale: bool) -> Self {
        Self { stale, ..self.clone() }
    }

    /// The same client without retries.
    #[must_use]
    pub fn without_retries(&self) -> Self {
        Self { retries: 0, ..self.clone() }
    }

    /// The token, to search a snapshot for it.
    pub(crate) fn token(&self) -> Option<Secret> {
        let token = self.token.as_ref()?.to_str().ok()?;
        Some(Secret::new(token))
    }

    /// The agent's address, for messages.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.shown
    }
}

fn header(secret: &Secret, what: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(secret.reveal()).map_err(|_| {
        ClientError::Options(format!("the {what} has characters that HTTP does not allow"))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// `USER` or `USER:PASSWORD` as basic authentication.
fn basic(auth: &Secret) -> Result<HeaderValue, ClientError> {
    use base64::Engine as _;
    let text = auth.reveal();
    let pair = if text.contains(':') { text.to_owned() } else { format!("{text}:") };
    let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
    header(&Secret::new(format!("Basic {encoded}")), "login")
}
