//! Names that indicate a secret.

/// What a name indicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Promise {
    /// A token or key: its value is random, or it is not a secret but the name of one.
    Random,
    /// A password: people choose them, so nearly any text can be one.
    Password,
}

const PASSWORDS: [&str; 6] = ["password", "passwd", "pwd", "pass", "passphrase", "passcode"];
const RANDOM: [&str; 14] = [
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "authkey",
    "authtoken",
    "accesstoken",
    "clientsecret",
    "credential",
    "credentials",
    "signature",
    "authorization",
];
/// Words that make a `key` secret.
const SECRET_KEYS: [&str; 21] = [
    "api",
    "secret",
    "access",
    "private",
    "encryption",
    "encrypt",
    "signing",
    "auth",
    "master",
    "account",
    "storage",
    "session",
    "cookie",
    "hmac",
    "jwt",
    "subscription",
    "shared",
    "gossip",
    "crypt",
    "consumer",
    "encoded",
];
/// Words after the deciding one.
const TRAILERS: [&str; 13] = [
    "value",
    "base64",
    "b64",
    "plain",
    "plaintext",
    "raw",
    "text",
    "string",
    "prod",
    "staging",
    "dev",
    "current",
    "old",
];
/// Words before it that change its meaning.
const HARMLESS: [&str; 22] = [
    "public",
    "next",
    "page",
    "continuation",
    "cancellation",
    "csrf",
    "sync",
    "no",
    "has",
    "is",
    "use",
    "enable",
    "enabled",
    "require",
    "required",
    "allow",
    "disable",
    "show",
    "hide",
    "forgot",
    "reset",
    "pull",
];

/// What a name such as `DB_PASSWORD`, `clientSecret` or `auth-token` indicates. Only its last word
/// counts: `password_policy_url` names a URL.
pub(super) fn promise(name: &[u8]) -> Option<Promise> {
    // Longer texts are not names; the words fit on the stack.
    if name.len() > 96 {
        return None;
    }
    let mut words = Words::of(name);
    let last = loop {
        let word = words.pop()?;
        let digits = word.iter().all(u8::is_ascii_digit);
        if !digits && !is_one_of(word, &TRAILERS) {
            break word;
        }
    };
    let last = last.trim_ascii_end();
    let last = trim_digits(last);
    let harmless = |words: &Words<'_>| words.any(&HARMLESS);
    if is_one_of(last, &PASSWORDS) {
        return (!harmless(&words)).then_some(Promise::Password);
    }
    if is_one_of(last, &RANDOM) {
        return (!harmless(&words)).then_some(Promise::Random);
    }
    if last.eq_ignore_ascii_case(b"key") {
        let before = words.pop()?;
        let secret = is_one_of(before, &SECRET_KEYS) && !harmless(&words);
        return secret.then_some(Promise::Random);
    }
    // Run together, as in `dbpassword` and `XAUTHTOKEN`.
    let ends = |end: &str| {
        last.len() > end.len()
            && last[last.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
    };
    if PASSWORDS.iter().any(|p| p.len() > 4 && ends(p)) {
        return (!harmless(&words)).then_some(Promise::Password);
    }
    if ["secret", "apikey", "secretkey", "accesskey", "authtoken", "accesstoken"]
        .iter()
        .any(|p| ends(p))
    {
        return (!harmless(&words)).then_some(Promise::Random);
    }
    None
}

/// Whether a header of that name carries a credential.
#[must_use]
pub fn is_credential_header(name: &[u8]) -> bool {
    promise(name).is_some() || is_one_of(name, &["cookie", "set-cookie"])
}

/// What the path of a key indicates about its value.
pub(super) fn path_promise(key: &[u8]) -> Option<Promise> {
    let mut segments = key.rsplit(|b| *b == b'/').filter(|s| !s.is_empty());
    let last = segments.next()?;
    if let Some(promise) = promise(without_ending(last)) {
        return Some(promise);
    }
    let before = segments.next();
    if is_one_of(last, &TRAILERS)
        || is_one_of(last, &["default", "main", "primary", "data", "latest"])
    {
        return promise(before?);
    }
    None
}

/// Whether a folder's name indicates that it contains secrets.
pub(super) fn is_among_secrets(key: &[u8]) -> bool {
    let Some(end) = key.iter().rposition(|b| *b == b'/') else { return false };
    let folders = [
        "secret",
        "secrets",
        "password",
        "passwords",
        "credential",
        "credentials",
        "tokens",
        "creds",
    ];
    key[..end].split(|b| *b == b'/').any(|segment| is_one_of(segment, &folders))
}

/// `password.txt` is a password.
fn without_ending(name: &[u8]) -> &[u8] {
    for ending in [&b".txt"[..], b".b64", b".base64", b".secret", b".enc"] {
        if let Some(stem) = name.strip_suffix(ending) {
            return stem;
        }
    }
    name
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|w| word.eq_ignore_ascii_case(w.as_bytes()))
}

fn trim_digits(word: &[u8]) -> &[u8] {
    let end = word.iter().rposition(|b| !b.is_ascii_digit()).map_or(0, |at| at + 1);
    &word[..end]
}

/// The words of a name, split at signs and where an upper-case letter follows a lower-case one.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    const fn of(name: &'a [u8]) -> Self {
        Self { rest: name }
    }

    /// Takes the last word.
    fn pop(&mut self) -> Option<&'a [u8]> {
        while let [rest @ .., last] = self.rest
            && !last.is_ascii_alphanumeric()
        {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        let mut start = self.rest.len() - 1;
        while start > 0 {
            let (before, here) = (self.rest[start - 1], self.rest[start]);
            let camel = here.is_ascii_uppercase() && before.is_ascii_lowercase();
            if !before.is_ascii_alphanumeric() || camel {
                break;
            }
            start -= 1;
        }
        let word = &self.rest[start..];
        self.rest = &self.rest[..start];
        Some(word)
    }

    fn any(&self, list: &[&str]) -> bool {
        let mut words = Words { rest: self.rest };
        std::iter::from_fn(|| words.pop()).any(|word| is_one_of(word, list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts() {
        for name in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "db.password",
            "passwd",
            "dbpasswd",
            "pass",
            "PASSWORD_1",
            "password2",
            "smtp_pwd",
        ] {
            assert_eq!(promise(name.as_bytes()), Some(Promise::Password), "{name}");
        }
        for name in [
            "apiKey",
            "API_KEY",
            "apikey",
            "client_secret",
            "aws_secret_access_key",
            "auth-token",
            "SECRET",
            "secret_value",
            "encryption_key",
            "X-Vault-Token",
        ] {
            assert_eq!(promise(name.as_bytes()), Some(Promise::Random), "{name}");
        }
        for name in [
            "password_policy_url",
            "tokenizer",
            "token_ttl",
            "key",
            "public_key",
            "next_token",
            "secret_name",
            "compass",
            "bypass",
            "max_tokens",
            "access_key_id",
            "",
            "___",
            "no_password",
            "monkey",
        ] {
            assert_eq!(promise(name.as_bytes()), None, "{name}");
        }
        assert_eq!(path_promise(b"decoy/tokenizer/name"), None);
        assert_eq!(path_promise(b"app/db/password/value"), Some(Promise::Password));
        assert!(is_among_secrets(b"secrets/app/x") && !is_among_secrets(b"app/secrets"));
    }
}
