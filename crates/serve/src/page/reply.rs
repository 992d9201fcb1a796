//! Answers to the page.

use serde_json::{Value, json};

/// An answer: a status, and JSON.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) const fn of(json: Value) -> Self {
        Self { status: 200, json }
    }

    /// An error message that says what to do.
    pub(crate) fn error(status: u16, text: impl Into<String>) -> Self {
        Self { status, json: json!({"error": text.into()}) }
    }

    /// The reader's token may not read the requested data. The page asks for another token.
    pub(crate) fn denied(right: &str) -> Self {
        Self::error(403, format!("This needs {right}."))
    }
}

/// Headers of all answers below `/ui`: a page runs only its own scripts, loads only from this
/// server, cannot be framed, and is not cached.
pub(crate) const fn secured() -> [(&'static str, &'static str); 6] {
    [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
             base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ]
}
