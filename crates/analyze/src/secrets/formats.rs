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
pub(super) enum Check {
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

const fn format(class: SecretClass, body: Body, least: usize, most: usize) -> Check {
    Check::Format(class, body, least, most)
}

/// All literals. None is shorter than three bytes, which the fast search requires.
pub(super) static LITERALS: &[(&str, Check)] = &[
    ("-----BEGIN ", Check::Pem),
    ("LS0tLS1CRUdJTi", Check::Wrapped),
    ("QUtJQ", Check::Wrapped),
    ("eyJrZXlzI", Check::Wrapped),
    ("eyJrdHkiO", Check::Wrapped),
    ("\"kty\"", Check::Jwk),
    ("\\\"kty\\\"", Check::Jwk),
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
    ("eyJ", Check::Jwt),
    ("://", Check::Url),
    ("@tcp(", Check::GoMySql),
    ("Basic ", Check::Basic),
    ("Bearer ", Check::Bearer),
    // Names, without their first letter, which may have either case.
    ("assw", Check::Name),
    ("ASSW", Check::Name),
    ("assphrase", Check::Name),
    ("ASSPHRASE", Check::Name),
    ("asscode", Check::Name),
    ("pwd", Check::Name),
    ("Pwd", Check::Name),
    ("PWD", Check::Name),
    ("pass\"", Check::Name),
    ("pass=", Check::Name),
    ("pass:", Check::Name),
    ("pass =", Check::Name),
    ("Pass\"", Check::Name),
    ("PASS\"", Check::Name),
    ("PASS=", Check::Name),
    ("PASS:", Check::Name),
    ("pass>", Check::Name),
    ("ecret", Check::Name),
    ("ECRET", Check::Name),
    ("oken", Check::Name),
    ("OKEN", Check::Name),
    ("redential", Check::Name),
    ("REDENTIAL", Check::Name),
    ("pi_key", Check::Name),
    ("pi-key", Check::Name),
    ("pikey", Check::Name),
    ("piKey", Check::Name),
    ("piKEY", Check::Name),
    ("PI_KEY", Check::Name),
    ("PIKEY", Check::Name),
    ("pi.key", Check::Name),
    ("ccess_key", Check::Name),
    ("ccess-key", Check::Name),
    ("ccesskey", Check::Name),
    ("ccessKey", Check::Name),
    ("CCESS_KEY", Check::Name),
    ("rivate_key", Check::Name),
    ("rivate-key", Check::Name),
    ("rivateKey", Check::Name),
    ("RIVATE_KEY", Check::Name),
    ("ncryption_key", Check::Name),
    ("ncryptionKey", Check::Name),
    ("NCRYPTION_KEY", Check::Name),
    ("igning_key", Check::Name),
    ("igningKey", Check::Name),
    ("IGNING_KEY", Check::Name),
    ("uth_key", Check::Name),
    ("uthKey", Check::Name),
    ("UTH_KEY", Check::Name),
    ("aster_key", Check::Name),
    ("asterKey", Check::Name),
    ("MASTER_KEY", Check::Name),
    ("ession_key", Check::Name),
    ("ccount_key", Check::Name),
    ("ccountKey\"", Check::Name),
];
