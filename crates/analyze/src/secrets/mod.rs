//! Finds secrets in text: known formats, assignments whose name says so, high entropy last.
//!
//! One pass of a multi-pattern search finds the places worth a look (`prefilter`); a look then
//! confirms or rejects each. What is found is a [`Hit`], a range of the text and what it is, never
//! the secret itself. Certificates and public keys are no secrets.
//!
//! ```
//! use snapscope_analyze::secrets::{Scanner, SecretClass};
//!
//! let scanner = Scanner::new();
//! let hits = scanner.scan(b"db/url", b"postgres://app:FgzqXkNTq4wQ2OrV@db:5432/app");
//! assert_eq!(hits[0].class, SecretClass::ConnectionString);
//! assert_eq!(hits[0].excerpt, "postgres://app:********@db:5432");
//! assert!(scanner.scan(b"db/host", b"postgres://db:5432/app").is_empty());
//! ```

mod assignment;
mod entropy;
mod formats;
mod jwk;
mod mask;
mod names;
mod pem;
mod prefilter;
mod scanner;
mod url;
mod values;
mod vault;
mod wrapped;

pub use names::is_credential_header;
pub use scanner::{Certainty, Hit, Scanner, SecretClass};
pub use vault::VaultRoots;
