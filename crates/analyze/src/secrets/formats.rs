//! The literals to search for: prefixes of known formats, and parts of telling names.

use super::hit::SecretClass::{self, *};

/// The characters of a format's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// `A-Z0-9`
    UpperDigits,
    /// `A-Za-z0-9`
    Alphanumeric,
    /// `A-Za-z0-9_-`
    Word,
    /// `A-Za-z0-9_-` with dots or slashes between.
    Dotted,
    /// `0-9a-f`
    Hex,
    /// `A-Za-z0-9+/=`
    Base64,
}

impl Body {
    pub(super) const fn has(self, b: u8) -> bool {
        match self {
            Self::UpperDigits => b.is_ascii_uppercase() || b.is_ascii_digit(),
            Self::Alphanumeric => b.is_ascii_alphanumeric(),
            Self::Word => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'),
            Self::Dotted => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'),
            Self::Hex => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
            Self::Base64 => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='),
        }
    }
}

/// What to check at a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A body of this minimum and maximum length follows, and then no more such characters.
    Format(SecretClass, Body, usize, usize),
    /// A PEM block.
    Pem,
    /// A JSON web key.
    Jwk,
    /// A PEM block, an AWS key or a JSON web key in base64.
    Wrapped,
    /// A JSON web token.
    Jwt,
    /// A URL.
    Url,
    /// `user:password@tcp(`
    GoMySql,
    /// Part of a name.
    Name,
    /// `Basic ` before base64 of user and password.
    Basic,
    /// `Bearer ` before a token.
    Bearer,
}

const fn format(class: SecretClass, body: Body, least: usize, most: usize) -> Look {
    Look::Format(class, body, least, most)
}

/// All literals. None is shorter than three bytes, which the fast search requires.
pub(super) static LITERALS: &[(&str, Look)] = &[
    ("-----BEGIN ", Look::Pem),
    ("LS0tLS1CRUdJTi", Look::Wrapped),
    ("QUtJQ", Look::Wrapped),
    ("eyJrZXlzI", Look::Wrapped),
    ("eyJrdHkiO", Look::Wrapped),
    ("\"kty\"", Look::Jwk),
    ("\\\"kty\\\"", Look::Jwk),
    ("AGE-SECRET-KEY-1", format(PrivateKey, Body::UpperDigits, 58, 58)),
    // Clouds
    ("AKIA", format(CloudKey, Body::UpperDigits, 16, 16)),
    ("ASIA", format(CloudKey, Body::UpperDigits, 16, 16)),
    ("AIza", format(CloudKey, Body::Word, 35, 35)),
    ("GOCSPX-", format(CloudKey, Body::Word, 28, 28)),
    ("ya29.", format(CloudKey, Body::Word, 40, 400)),
    ("AccountKey=", format(CloudKey, Body::Base64, 40, 100)),
    ("SharedAccessKey=", format(CloudKey, Body::Base64, 40, 100)),
    ("dop_v1_", format(CloudKey, Body::Hex, 64, 64)),
    ("LTAI", format(CloudKey, Body::Alphanumeric, 20, 20)),
    // Code hosting, packages, builds
    ("ghp_", format(ServiceToken, Body::Alphanumeric, 36, 255)),
    ("gho_", format(ServiceToken, Body::Alphanumeric, 36, 255)),
    ("ghu_", format(ServiceToken, Body::Alphanumeric, 36, 255)),
    ("ghs_", format(ServiceToken, Body::Alphanumeric, 36, 255)),
    ("ghr_", format(ServiceToken, Body::Alphanumeric, 36, 255)),
    ("github_pat_", format(ServiceToken, Body::Word, 50, 100)),
    ("glpat-", format(ServiceToken, Body::Word, 20, 64)),
    ("npm_", format(ServiceToken, Body::Alphanumeric, 36, 36)),
    ("pypi-AgE", format(ServiceToken, Body::Word, 50, 300)),
    ("dckr_pat_", format(ServiceToken, Body::Word, 27, 27)),
    // Chat, payment, mail, monitoring, models
    ("xoxb-", format(ServiceToken, Body::Word, 20, 200)),
    ("xoxp-", format(ServiceToken, Body::Word, 20, 200)),
    ("xoxa-", format(ServiceToken, Body::Word, 20, 200)),
    ("xoxr-", format(ServiceToken, Body::Word, 20, 200)),
    ("xoxs-", format(ServiceToken, Body::Word, 20, 200)),
    ("xapp-", format(ServiceToken, Body::Word, 20, 200)),
    ("hooks.slack.com/services/", format(ServiceToken, Body::Dotted, 30, 100)),
    ("sk_live_", format(ServiceToken, Body::Alphanumeric, 20, 247)),
    ("rk_live_", format(ServiceToken, Body::Alphanumeric, 20, 247)),
    ("SG.", format(ServiceToken, Body::Dotted, 66, 66)),
    ("shpat_", format(ServiceToken, Body::Hex, 32, 32)),
    ("glsa_", format(ServiceToken, Body::Word, 41, 41)),
    ("NRAK-", format(ServiceToken, Body::UpperDigits, 27, 27)),
    ("sk-ant-", format(ServiceToken, Body::Word, 40, 200)),
    ("sk-proj-", format(ServiceToken, Body::Word, 40, 200)),
    // HashiCorp
    ("hvs.", format(HashiCorpToken, Body::Word, 24, 300)),
    ("hvb.", format(HashiCorpToken, Body::Word, 24, 400)),
    ("hvr.", format(HashiCorpToken, Body::Word, 24, 400)),
    (".atlasv1.", format(HashiCorpToken, Body::Word, 60, 80)),
    // Tokens and places of passwords
    ("eyJ", Look::Jwt),
    ("://", Look::Url),
    ("@tcp(", Look::GoMySql),
    ("Basic ", Look::Basic),
    ("Bearer ", Look::Bearer),
    // Names, without their first letter, which may have either case.
    ("assw", Look::Name),
    ("ASSW", Look::Name),
    ("assphrase", Look::Name),
    ("ASSPHRASE", Look::Name),
    ("asscode", Look::Name),
    ("pwd", Look::Name),
    ("Pwd", Look::Name),
    ("PWD", Look::Name),
    ("pass\"", Look::Name),
    ("pass=", Look::Name),
    ("pass:", Look::Name),
    ("pass =", Look::Name),
    ("Pass\"", Look::Name),
    ("PASS\"", Look::Name),
    ("PASS=", Look::Name),
    ("PASS:", Look::Name),
    ("pass>", Look::Name),
    ("ecret", Look::Name),
    ("ECRET", Look::Name),
    ("oken", Look::Name),
    ("OKEN", Look::Name),
    ("redential", Look::Name),
    ("REDENTIAL", Look::Name),
    ("pi_key", Look::Name),
    ("pi-key", Look::Name),
    ("pikey", Look::Name),
    ("piKey", Look::Name),
    ("piKEY", Look::Name),
    ("PI_KEY", Look::Name),
    ("PIKEY", Look::Name),
    ("pi.key", Look::Name),
    ("ccess_key", Look::Name),
    ("ccess-key", Look::Name),
    ("ccesskey", Look::Name),
    ("ccessKey", Look::Name),
    ("CCESS_KEY", Look::Name),
    ("rivate_key", Look::Name),
    ("rivate-key", Look::Name),
    ("rivateKey", Look::Name),
    ("RIVATE_KEY", Look::Name),
    ("ncryption_key", Look::Name),
    ("ncryptionKey", Look::Name),
    ("NCRYPTION_KEY", Look::Name),
    ("igning_key", Look::Name),
    ("igningKey", Look::Name),
    ("IGNING_KEY", Look::Name),
    ("uth_key", Look::Name),
    ("uthKey", Look::Name),
    ("UTH_KEY", Look::Name),
    ("aster_key", Look::Name),
    ("asterKey", Look::Name),
    ("MASTER_KEY", Look::Name),
    ("ession_key", Look::Name),
    ("ccount_key", Look::Name),
    ("ccountKey\"", Look::Name),
];
