//! Distinguishes values that can be a secret from others in the same place.

use super::names::Promise;

/// How much a value under a telling name looks like a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plausibility {
    /// Not at all: a reference, a placeholder, a word.
    Nothing,
    /// It could be one.
    Weak,
    /// It looks like one.
    Secret,
}

const STAND_INS: [&str; 38] = [
    "true",
    "false",
    "null",
    "nil",
    "none",
    "yes",
    "no",
    "on",
    "off",
    "undefined",
    "required",
    "optional",
    "prompt",
    "string",
    "text",
    "value",
    "enabled",
    "disabled",
    "default",
    "unset",
    "empty",
    "todo",
    "tbd",
    "example",
    "changeme",
    "change-me",
    "change_me",
    "redacted",
    "hidden",
    "masked",
    "removed",
    "placeholder",
    "env",
    "vault",
    "file",
    "random",
    "generated",
    "n/a",
];
/// They can be real secrets, but may also be placeholders.
const WEAK: [&str; 10] =
    ["password", "passwd", "secret", "token", "pass", "admin", "test", "root", "guest", "user"];

pub(super) fn look(value: &[u8], promise: Promise) -> Plausibility {
    if value.len() < 4 || value.len() > 4096 {
        return Plausibility::Nothing;
    }
    if value.iter().any(|b| b.is_ascii_whitespace() || b.is_ascii_control()) {
        return Plausibility::Nothing;
    }
    if is_stand_in(value) {
        return Plausibility::Nothing;
    }
    if WEAK.iter().any(|w| value.eq_ignore_ascii_case(w.as_bytes())) {
        return Plausibility::Weak;
    }
    let kinds = Kinds::of(value);
    match promise {
        Promise::Password => {
            if kinds.is_number(value) && value.len() < 6 {
                Plausibility::Nothing
            } else if is_words(value) || kinds.is_number(value) {
                Plausibility::Weak
            } else {
                Plausibility::Secret
            }
        }
        Promise::Random => {
            let short = value.len() < 8;
            if short || kinds.is_number(value) || kinds.is_one_case(value) || is_words(value) {
                Plausibility::Nothing
            } else if value.len() < 12 && kinds.count() < 2 {
                Plausibility::Weak
            } else {
                Plausibility::Secret
            }
        }
    }
}

/// References to a secret kept elsewhere, placeholders, masks.
pub(super) fn is_stand_in(value: &[u8]) -> bool {
    let starts = |start: &str| {
        value.get(..start.len()).is_some_and(|v| v.eq_ignore_ascii_case(start.as_bytes()))
    };
    let contains = |part: &[u8]| value.windows(part.len()).any(|w| w == part);
    STAND_INS.iter().any(|w| value.eq_ignore_ascii_case(w.as_bytes()))
        || [
            "${",
            "$(",
            "{{",
            "<",
            "%(",
            "%{",
            "#{",
            "http://",
            "https://",
            "/",
            "./",
            "file:",
            "vault:",
            "env:",
            "ref:",
            "ref+",
            "secret:",
            "secrets/",
            "arn:",
            "aws-sm:",
            "ssm:",
            "awssecret",
            "keyvault",
            "gcpsm",
            "op://",
            "enc[",
            "!vault",
            "!ref",
            "your",
            "my_",
            "os.",
            "env.",
            "var.",
            "data.",
            "local.",
            "process.env",
            "sha256:",
            "$2a$",
            "$2b$",
            "$2y$",
            "$argon2",
            "$6$",
            "$5$",
            "$1$",
            "pbkdf2",
            "{ssha}",
            "scrypt",
        ]
        .iter()
        .any(|s| starts(s))
        || contains(b"EXAMPLE")
        || contains(b"...")
        || is_env_reference(value)
        || value.first().is_some_and(|first| value.iter().all(|b| b == first))
        || value.iter().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.' | b'-' | b'_'))
}

/// `$DB_PASSWORD`.
fn is_env_reference(value: &[u8]) -> bool {
    value.split_first().is_some_and(|(first, rest)| {
        *first == b'$' && rest.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
    })
}

/// Names made of words and small numbers: `my-app-secret`, `db-secret-1`, `prod.token.v2`.
pub(super) fn is_words(value: &[u8]) -> bool {
    value.split(|b| matches!(b, b'-' | b'_' | b'.' | b'/' | b':' | b'@')).all(|part| {
        let digits = part.iter().filter(|b| b.is_ascii_digit()).count();
        let letters = part.strip_prefix(b"v").unwrap_or(part);
        let small = part.len() <= 4 && digits == letters.len();
        let first_upper = part.first().is_some_and(u8::is_ascii_uppercase)
            && part[1..].iter().all(u8::is_ascii_lowercase);
        let one_case =
            part.iter().all(u8::is_ascii_lowercase) || part.iter().all(u8::is_ascii_uppercase);
        small || part.is_empty() || ((one_case || first_upper) && is_speakable(part))
    })
}

/// Words have vowels, and not too many letters between two of them.
fn is_speakable(part: &[u8]) -> bool {
    let mut between = 0usize;
    for b in part {
        if matches!(b.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y') {
            between = 0;
        } else {
            between += 1;
            if between > 4 {
                return false;
            }
        }
    }
    part.len() <= 24
}

/// Kinds of characters in a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kinds {
    pub(super) lower: bool,
    pub(super) upper: bool,
    pub(super) digit: bool,
    pub(super) sign: bool,
}

impl Kinds {
    pub(super) fn of(value: &[u8]) -> Self {
        Self {
            lower: value.iter().any(u8::is_ascii_lowercase),
            upper: value.iter().any(u8::is_ascii_uppercase),
            digit: value.iter().any(u8::is_ascii_digit),
            sign: value.iter().any(|b| !b.is_ascii_alphanumeric()),
        }
    }

    pub(super) fn count(&self) -> usize {
        [self.lower, self.upper, self.digit, self.sign].into_iter().filter(|b| *b).count()
    }

    fn is_number(&self, value: &[u8]) -> bool {
        !self.lower
            && !self.upper
            && value
                .iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b':' | b'_' | b'+'))
    }

    fn is_one_case(&self, value: &[u8]) -> bool {
        let both_cases = self.lower && self.upper;
        !self.digit && !self.sign && !both_cases && is_speakable(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_told_apart() {
        for value in [
            "S3cr3t!dyho9lS7mLPw",
            "GoDiSwJvd3rqfx",
            "I0asbOj6fq",
            "hunter2-fT6Oa42h",
            "hunter2",
            "p@ssw0rd",
        ] {
            assert_eq!(look(value.as_bytes(), Promise::Password), Plausibility::Secret, "{value}");
        }
        for value in [
            "01c5ed3254dd6290eaf41b936a008ea4",
            "7a19c56d-169d-4391-b097-c445ed7adf6a",
            "fm5CkXIhIPJVBLKUGyNuGW8enWppPE7R",
        ] {
            assert_eq!(look(value.as_bytes(), Promise::Random), Plausibility::Secret, "{value}");
        }
        for value in [
            "${DB_PASSWORD}",
            "true",
            "********",
            "<password>",
            "{{ .Values.pw }}",
            "/run/secrets/db",
            "$DB_PASSWORD",
            "xxxxxxxx",
        ] {
            assert_eq!(look(value.as_bytes(), Promise::Password), Plausibility::Nothing, "{value}");
        }
        for value in [
            "my-app-secret",
            "whitespace",
            "regcred",
            "3600",
            "db-secret-1",
            "prod.token.v2",
            "https://x",
        ] {
            assert_eq!(look(value.as_bytes(), Promise::Random), Plausibility::Nothing, "{value}");
        }
        assert_eq!(look(b"letmein", Promise::Password), Plausibility::Weak);
    }
}
