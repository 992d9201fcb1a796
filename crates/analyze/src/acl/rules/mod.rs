//! Parses the rule texts of policies and legacy tokens, HCL 1 or JSON, into rules with their
//! positions.
//!
//! Consul parses rules with HCL 1, which differs from HCL 2 (names may be bare words, `key = {...}`
//! is a block, commas are tolerated), and is lenient in its own ways. Texts that a server accepts
//! are accepted here with the same meaning, and texts that it refuses are refused, with a position.
//! One limit is not the servers': blocks and lists nest at most 100 deep.

mod cursor;
mod decode;
mod hcl;
mod hcl_tokens;
mod json;
mod level;
mod name;
mod place;
mod rule;
mod set;
#[cfg(test)]
mod tests;
mod tree;
mod unquote;

pub use level::{AccessLevel, Level};
pub use name::Name;
pub use place::{Place, RuleError};
pub(crate) use rule::title;
pub use rule::{Form, Rule, RuleKind};
pub use set::RuleSet;

use super::version::ServerVersion;

/// The owner of a rule text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// A policy's.
    Current,
    /// A legacy token's: every name is a prefix, `acl` and `*_prefix` have no effect.
    Legacy,
}

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
///     r#"line 1, column 20: policy of key "a" is "red", which is none of deny, read, list, write"#
/// );
/// # Ok::<(), snapscope_analyze::acl::RuleError>(())
/// ```
///
/// # Errors
/// When the server would refuse the text.
pub fn parse_rules(
    text: &[u8],
    syntax: Syntax,
    version: ServerVersion,
) -> Result<RuleSet, RuleError> {
    if text.is_empty() {
        return Ok(RuleSet::default());
    }
    let is_json = begins_with_brace(text);
    let mut decoder = decode::Decoder::new(syntax, version, is_json);
    // Item by item: a text may have hundreds of thousands of items.
    let mut take = |item| decoder.item(item);
    if is_json {
        json::parse(text, version)?.into_iter().for_each(take);
    } else {
        hcl::parse(text, &mut take)?;
    }
    decoder.finish()
}

/// A text whose first visible character is a brace is JSON.
fn begins_with_brace(text: &[u8]) -> bool {
    text.utf8_chunks().next().is_some_and(|chunk| chunk.valid().trim_start().starts_with('{'))
}
