//! Names that indicate a secret.

/// What a name indicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Promise {
    /// A token or key: its value is random, or it is not a secret but the name of one.
    Random,
    /// A password: people choose them, so nearly any text can be one.
    Password,
}

/// What a word means in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// A password.
    Password,
    /// A token or key.
    Random,
    /// It makes a `key` secret.
    OfKeys,
    /// A token or key, and it makes a `key` secret.
    RandomOrOfKeys,
    /// A `key`.
    Key,
    /// It follows the deciding word.
    Trailer,
    /// Before the deciding word, it changes that word's meaning.
    Harmless,
    /// Nothing.
    Other,
}

impl Word {
    /// Letters of the longest word that means something.
    const LONGEST: usize = 13;

    fn of(word: &[u8]) -> Self {
        let mut lower = [0; Self::LONGEST];
        let Some(lower) = lower.get_mut(..word.len()) else { return Self::Other };
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        match &*lower {
            b"password" | b"passwd" | b"pwd" | b"pass" | b"passphrase" | b"passcode" => {
                Self::Password
            }
            b"secret" => Self::RandomOrOfKeys,
            b"token" | b"apikey" | b"secretkey" | b"accesskey" | b"privatekey" | b"authkey"
            | b"authtoken" | b"accesstoken" | b"clientsecret" | b"credential" | b"credentials"
            | b"signature" | b"authorization" => Self::Random,
            b"api" | b"access" | b"private" | b"encryption" | b"encrypt" | b"signing" | b"auth"
            | b"master" | b"account" | b"storage" | b"session" | b"cookie" | b"hmac" | b"jwt"
            | b"subscription" | b"shared" | b"gossip" | b"crypt" | b"consumer" | b"encoded" => {
                Self::OfKeys
            }
            b"key" => Self::Key,
            b"value" | b"base64" | b"b64" | b"plain" | b"plaintext" | b"raw" | b"text"
            | b"string" | b"prod" | b"staging" | b"dev" | b"current" | b"old" => Self::Trailer,
            b"public" | b"next" | b"page" | b"continuation" | b"cancellation" | b"csrf"
            | b"sync" | b"no" | b"has" | b"is" | b"use" | b"enable" | b"enabled" | b"require"
            | b"required" | b"allow" | b"disable" | b"show" | b"hide" | b"forgot" | b"reset"
            | b"pull" => Self::Harmless,
            _ => Self::Other,
        }
    }

    /// The same of a word that is run together with others before it, as in `dbpassword` and `XAUTHTOKEN`.
    fn at_end_of(word: &[u8]) -> Self {
        let is_end = |end: &&[u8]| {
            word.len() > end.len() && word[word.len() - end.len()..].eq_ignore_ascii_case(end)
        };
        DISTINCTIVE.iter().find(|end| is_end(end)).map_or(Self::Other, |end| Self::of(end))
    }
}

/// Words that mean the same after other letters.
const DISTINCTIVE: [&[u8]; 10] = [
    b"password",
    b"passwd",
    b"passphrase",
    b"passcode",
    b"secret",
    b"apikey",
    b"secretkey",
    b"accesskey",
    b"authtoken",
    b"accesstoken",
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
        if !digits && Word::of(word) != Word::Trailer {
            break trim_digits(word);
        }
    };
    let meaning = match Word::of(last) {
        Word::Key => match Word::of(words.pop()?) {
            Word::OfKeys | Word::RandomOrOfKeys => Word::Random,
            _ => return None,
        },
        found @ (Word::Password | Word::Random | Word::RandomOrOfKeys) => found,
        _ => Word::at_end_of(last),
    };
    let promise = match meaning {
        Word::Password => Promise::Password,
        Word::Random | Word::RandomOrOfKeys => Promise::Random,
        _ => return None,
    };
    (!words.any(Word::Harmless)).then_some(promise)
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
    if Word::of(last) == Word::Trailer
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

    fn any(&self, meaning: Word) -> bool {
        let mut words = Words { rest: self.rest };
        std::iter::from_fn(|| words.pop()).any(|word| Word::of(word) == meaning)
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
