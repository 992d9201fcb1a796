//! What an agent works with: made anew when its configuration is read again.

use crate::client::{Client, ClientError, Login, Secret};
use crate::config::{Bearer, Environment, LoginSettings, Settings};
use crate::log::Log;
use crate::store::{Store, StoreError};
use std::fs;

/// What an agent works with.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) client: Client,
    pub(super) stores: Vec<Store>,
    pub(super) log: Log,
}

/// Why there is no context.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContextError {
    #[error("{0}")]
    Client(#[from] ClientError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("the bearer token {path} can't be read: {error}")]
    Bearer { path: String, error: std::io::Error },
}

impl Context {
    /// Makes the client, logging in where that is configured, and opens the stores.
    pub(super) async fn open(
        settings: Settings,
        environment: &Environment,
        log: &Log,
    ) -> Result<Self, ContextError> {
        let mut client = Client::new(&settings.client)?;
        if let Some(login) = &settings.login {
            let token = client.login(&request(login)?).await?;
            client = client.with_token(Some(&token.secret))?;
            log.info(format!("Logged in by auth method {}", login.method));
        }
        Self::with_client(settings, client, environment, log)
    }

    /// The same with a client there is.
    pub(super) fn with_client(
        settings: Settings,
        client: Client,
        environment: &Environment,
        log: &Log,
    ) -> Result<Self, ContextError> {
        let open = |destination| Store::open(destination, environment);
        let stores = settings.destinations.iter().map(open).collect::<Result<_, _>>()?;
        let log = log.at(settings.log_level);
        Ok(Self { settings, client, stores, log })
    }

    /// Gives back what a login gave.
    pub(super) async fn close(&self) {
        if self.settings.login.is_some()
            && let Err(e) = self.client.logout().await
        {
            self.log.warn(format!("Logging out failed: {e}"));
        }
    }
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
