//! Sessions of browsers that may open the page.

use snapscope_decode::text::hex;
use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The sessions of browsers.
pub(crate) struct Sessions {
    /// The secret that opens the page once.
    key: Mutex<Option<String>>,
    /// For each cookie, the Consul tokens that the reader entered, by snapshot name.
    open: Mutex<HashMap<String, HashMap<String, String>>>,
    /// Name of the cookie. It contains the port, since servers on one host share cookies.
    name: String,
    is_secure: bool,
}

/// Maximum length of a token that is kept. Servers accept any length, but real tokens are shorter.
const SECRET: usize = 4096;

impl Sessions {
    /// Creates the sessions of a server on a port.
    ///
    /// # Errors
    /// If the system cannot provide random bytes.
    pub(crate) fn new(port: u16, is_secure: bool) -> io::Result<Self> {
        Ok(Self {
            key: Mutex::new(Some(random()?)),
            open: Mutex::default(),
            name: format!("snapscope-{port}"),
            is_secure,
        })
    }

    /// The secret that opens the page, until it is used.
    pub(crate) fn key(&self) -> Option<String> {
        locked(&self.key).clone()
    }

    /// The secret that opens the page once more: the present one, if it is unused, or a new one.
    ///
    /// # Errors
    /// If the system provides no random bytes.
    pub(crate) fn renew(&self) -> io::Result<String> {
        let mut key = locked(&self.key);
        match &*key {
            Some(key) => Ok(key.clone()),
            None => Ok(key.insert(random()?).clone()),
        }
    }

    /// Exchanges the secret for a cookie; `None` if it is wrong or already used.
    pub(crate) fn enter(&self, given: &[u8]) -> Option<String> {
        let mut key = locked(&self.key);
        let is_right = key.as_ref().is_some_and(|key| is_equal(key.as_bytes(), given));
        if !is_right {
            return None;
        }
        let cookie = random().ok()?;
        *key = None;
        locked(&self.open).insert(cookie.clone(), HashMap::new());
        let secure = if self.is_secure { "; Secure" } else { "" };
        Some(format!("{}={cookie}; Path=/ui; HttpOnly; SameSite=Strict{secure}", self.name))
    }

    /// The cookie of a request, if it belongs to a session.
    pub(crate) fn cookie(&self, header: Option<&str>) -> Option<String> {
        let mut pairs = header?.split(';').filter_map(|pair| pair.trim().split_once('='));
        let (_, cookie) = pairs.find(|(name, _)| *name == self.name)?;
        locked(&self.open).contains_key(cookie).then(|| cookie.to_owned())
    }

    /// The Consul tokens of a session that may apply to a snapshot: the one that was entered for it,
    /// then those that were entered for others, because snapshots of one cluster have the same.
    pub(crate) fn secrets(&self, cookie: &str, at: &str) -> Vec<String> {
        let open = locked(&self.open);
        let Some(session) = open.get(cookie) else { return Vec::new() };
        let mut all: Vec<(&String, &String)> = session.iter().collect();
        all.sort_by_key(|(name, _)| (*name != at, *name));
        all.into_iter().map(|(_, secret)| secret.clone()).collect()
    }

    /// Keeps a Consul token for a session. An empty one removes all of them.
    pub(crate) fn keep(&self, cookie: &str, at: &str, secret: &str) {
        if let Some(session) = locked(&self.open).get_mut(cookie) {
            if secret.is_empty() || secret.len() > SECRET {
                session.clear();
            } else {
                session.insert(at.to_owned(), secret.to_owned());
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns 128 random bits.
fn random() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|e| io::Error::other(e.to_string()))?;
    Ok(hex(&bytes))
}

/// Compares two texts in a time that depends only on their lengths.
fn is_equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_opens_the_page_once() {
        let sessions = Sessions::new(8500, false).unwrap();
        let key = sessions.key().unwrap();
        assert!(sessions.enter(b"").is_none() && sessions.enter(&key.as_bytes()[1..]).is_none());
        let header = sessions.enter(key.as_bytes()).unwrap();
        assert!(header.contains("HttpOnly; SameSite=Strict"));
        assert!(sessions.enter(key.as_bytes()).is_none() && sessions.key().is_none());
        let another = sessions.renew().unwrap();
        assert!(another != key && sessions.renew().unwrap() == another);
        assert!(sessions.enter(key.as_bytes()).is_none());
        let sent = format!("other=1; {}", header.split(';').next().unwrap());
        let cookie = sessions.cookie(Some(&sent)).unwrap();
        assert!(sessions.cookie(Some("snapscope-8500=0")).is_none());
        assert!(sessions.cookie(None).is_none());
        sessions.keep(&cookie, "a", "secret");
        sessions.keep(&cookie, "b", "other");
        assert_eq!(sessions.secrets(&cookie, "a"), ["secret", "other"]);
        assert_eq!(sessions.secrets(&cookie, "b"), ["other", "secret"]);
        assert_eq!(sessions.secrets(&cookie, "c"), ["secret", "other"]);
        sessions.keep(&cookie, "a", "");
        assert!(sessions.secrets(&cookie, "b").is_empty());
    }
}
