//! Finds secrets in text: known formats, assignments with telling names, and high entropy last.
//!
//! One pass of a multi-pattern search finds candidates (`prefilter`), and a check confirms or
//! rejects each. The result is a [`Hit`], a range of the text and its class, never the secret
//! itself. Certificates and public keys are not secrets.
//!
//! ```
//! use snapscope_analyze::secrets::{Scanner, SecretClass};
//!
//! let scanner = Scanner::new();
//! let hits = scanner.scan(b"db/url", b"postgres://app:FgzqXkNTq4wQ2OrV@db:5432/app");
//! assert_eq!(hits[0].class, SecretClass::ConnectionString);
//! assert_eq!(hits[0].excerpt, "postgres://app:<masked>@db:5432");
//! assert!(scanner.scan(b"db/host", b"postgres://db:5432/app").is_empty());
//! ```

mod assignment;
mod entropy;
mod formats;
mod hit;
mod jwk;
mod mask;
mod names;
mod nibbles;
mod pem;
mod prefilter;
mod quiet;
mod runs;
mod scanner;
mod url;
mod values;
mod vault;
mod wrapped;

pub use hit::{Certainty, Hit, SecretClass};
pub use mask::{append_masked, masked};
pub use names::is_credential_header;
pub use scanner::Scanner;
pub use vault::VaultRoots;
