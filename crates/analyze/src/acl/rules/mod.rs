//! Parses the rule texts of policies and legacy tokens, HCL 1 or JSON, into rules with their
//! positions.
//!
//! Consul parses rules with HCL 1, which differs from HCL 2 (names may be bare words, `key = {...}`
//! is a block, commas are tolerated), and is lenient in its own ways. Texts that a server accepts
//! are accepted here with the same meaning, and texts that it refuses are refused, with a position
//! and the server's error. One limit is not the servers': blocks and lists nest at most 100 deep.
//!
//! A text is split into tokens (`source`, `hcl_tokens`, `json_tokens`), which are parsed into a
//! tree (`hcl`, `json`), which is decoded into rules (`decode`, `block`).

mod block;
mod decode;
mod fault;
mod go_text;
mod hcl;
mod hcl_tokens;
mod json;
mod json_tokens;
mod level;
mod name;
mod numbers;
mod order;
mod policy_level;
mod position;
mod reader;
mod rule;
mod set;
mod source;
mod syntax;
#[cfg(test)]
mod tests;
mod token;
mod tree;
mod unquote;

pub(super) use go_text::quote;
pub use level::{AccessLevel, Level};
pub use name::Name;
pub use position::{Position, RuleError};
pub(crate) use rule::title;
pub use rule::{Rule, Scope};
pub use set::RuleSet;
pub use syntax::Syntax;

use super::version::ServerVersion;
use tree::Language;

/// Reads a rule text as a server of that version does.
///
/// ```
/// use snapscope_analyze::acl::{RuleKind, ServerVersion, Syntax, parse_rules};
///
/// let text = br#"key_prefix "app/" { policy = "write" } operator = "read""#;
/// let rules = parse_rules(text, Syntax::Current, ServerVersion::NEWEST_KNOWN)?;
/// assert_eq!(rules.rules().len(), 2);
/// assert_eq!(rules.rules()[1].kind, RuleKind::Key);
///
/// let slip = b"key \"a\" { policy = \"red\" }";
/// let error = parse_rules(slip, Syntax::Current, ServerVersion::NEWEST_KNOWN).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"line 1, column 20: policy of key "a" is "red"; expected one of deny, read, list, write"#
/// );
/// # Ok::<(), snapscope_analyze::acl::RuleError>(())
/// ```
///
/// # Errors
/// If the server would refuse the text.
pub fn parse_rules(
    text: &[u8],
    syntax: Syntax,
    version: ServerVersion,
) -> Result<RuleSet, RuleError> {
    if text.is_empty() {
        return Ok(RuleSet::default());
    }
    let language = language_of(text);
    let mut decoder = decode::Decoder::new(syntax, version, language);
    // Item by item: a text may have hundreds of thousands of items.
    match language {
        Language::Json => json::parse(text, version)?.iter().for_each(|item| decoder.item(item)),
        Language::Hcl => hcl::parse(text, version, &mut |item| decoder.item(&item))?,
    }
    decoder.finish()
}

/// A text whose first visible character is a brace is JSON.
fn language_of(text: &[u8]) -> Language {
    let first = text.utf8_chunks().next();
    match first.is_some_and(|chunk| chunk.valid().trim_start().starts_with('{')) {
        true => Language::Json,
        false => Language::Hcl,
    }
}
