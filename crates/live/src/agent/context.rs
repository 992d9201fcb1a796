//! What an agent works with; recreated when its configuration is reloaded.

use crate::client::{Client, ClientError, Login, Secret};
use crate::log::Log;
use crate::settings::{Bearer, Environment, LoginSettings, Settings};
use crate::store::{Store, StoreError};
use std::fs;
use std::time::Duration;
use tokio::time::Instant;

/// What an agent works with.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) client: Client,
    /// The client's token from a login; `None` if it has another one.
    pub(super) token: Option<Token>,
    pub(super) stores: Vec<Store>,
    pub(super) log: Log,
}

/// A token from a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Its accessor.
    pub(super) accessor: String,
    begun: Instant,
    lifetime: Option<Duration>,
}

impl Token {
    /// When to log in again: with a third of its lifetime left, so that there is time for retries.
    pub(super) fn renewal(&self) -> Option<Instant> {
        Some(self.begun + self.lifetime?.mul_f64(2.0 / 3.0))
    }

    /// Whether the cluster may still know it.
    fn may_live(&self) -> bool {
        self.lifetime.is_none_or(|lifetime| self.begun.elapsed() < lifetime)
    }
}

/// Why a context could not be created.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContextError {
    #[error("{0}")]
    Client(#[from] ClientError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("cannot read the bearer token {path}: {error}")]
    Bearer { path: String, error: std::io::Error },
}

impl Context {
    /// Creates the client, logs in if configured, and opens the stores.
    pub(super) async fn open(
        settings: Settings,
        environment: &Environment,
        log: &Log,
    ) -> Result<Self, ContextError> {
        let client = Client::new(&settings.client)?;
        let context = Self::with_client(settings, client, environment, log)?;
        let Some(login) = &context.settings.login else { return Ok(context) };
        let context = context.logged_in(login).await?;
        context.log.info(format!("Logged in with auth method {}", login_method(&context)));
        Ok(context)
    }

    /// The same with an existing client.
    pub(super) fn with_client(
        settings: Settings,
        client: Client,
        environment: &Environment,
        log: &Log,
    ) -> Result<Self, ContextError> {
        let open = |destination| Store::open(destination, environment);
        let stores = settings.destinations.iter().map(open).collect::<Result<_, _>>()?;
        let log = log.at(settings.log_level);
        Ok(Self { settings, client, token: None, stores, log })
    }

    /// The same with the token of a new login.
    pub(super) async fn logged_in(&self, login: &LoginSettings) -> Result<Self, ContextError> {
        let begun = Instant::now();
        let token = self.client.login(&request(login)?).await?;
        let client = self.client.with_token(Some(&token.secret))?;
        let (accessor, lifetime) = (token.accessor, token.lifetime);
        Ok(Self { client, token: Some(Token { accessor, begun, lifetime }), ..self.clone() })
    }

    /// Logs out.
    pub(super) async fn close(&self) {
        if self.token.as_ref().is_some_and(Token::may_live)
            && let Err(e) = self.client.logout().await
        {
            self.log.warn(format!("Logging out failed: {e}"));
        }
    }
}

fn login_method(context: &Context) -> &str {
    context.settings.login.as_ref().map_or("", |login| &login.method)
}

fn request(login: &LoginSettings) -> Result<Login, ContextError> {
    let bearer_token = match &login.bearer {
        Bearer::Token(token) => token.clone(),
        Bearer::File(path) => {
            let text = fs::read_to_string(path).map_err(|error| ContextError::Bearer {
                path: path.display().to_string(),
                error,
            })?;
            Secret::new(text.trim())
        }
    };
    Ok(Login { auth_method: login.method.clone(), bearer_token, meta: login.meta.clone() })
}
