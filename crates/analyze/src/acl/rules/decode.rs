//! From keys and values to rules: what a server's struct of rules takes out of a text.

use super::super::version::{self, ServerVersion};
use super::Syntax;
use super::level::{AccessLevel, Level};
use super::name::Name;
use super::place::{Place, RuleError};
use super::rule::{Form, Rule, RuleKind};
use super::set::RuleSet;
use super::tree::{Item, Key, Node};

/// What the first key of an item says.
enum Keyword {
    Scalar(RuleKind),
    Named(RuleKind, Form),
    /// `id` and `revision` of old versions.
    Id,
    Revision,
    /// Whatever is ignored: Enterprise's blocks, newer and older ones, slips.
    Unknown,
}

/// The rules a text gives.
pub(super) fn decode(
    items: &[Item],
    syntax: Syntax,
    version: ServerVersion,
) -> Result<RuleSet, RuleError> {
    let mut rules = Vec::new();
    // Servers take `key { "a" {...} }` after all `key "a" {...}`.
    let mut nested = Vec::new();
    let mut scalars: [Option<(&Name, Place)>; RuleKind::ALL.len()] = Default::default();
    for item in items {
        let Some((key, rest)) = item.keys.split_first() else { continue };
        match keyword(text_of(key)?, syntax, version) {
            Keyword::Unknown => {}
            Keyword::Id => {
                plain_text(item)?;
            }
            Keyword::Revision => {
                return Err(RuleError::new(key.place, "this version refuses a revision"));
            }
            // The last one counts, whatever those before it say.
            Keyword::Scalar(kind) => {
                let text = plain_text(item)?;
                for (slot, of) in scalars.iter_mut().zip(RuleKind::ALL) {
                    if of == kind {
                        *slot = Some((text, key.place));
                    }
                }
            }
            Keyword::Named(kind, form) if !rest.is_empty() => {
                rules.push(named_rule(kind, form, rest, &item.value)?);
            }
            Keyword::Named(kind, form) => match &item.value {
                Node::Object(inner, _) => {
                    for inner in inner {
                        nested.push(named_rule(kind, form, &inner.keys, &inner.value)?);
                    }
                }
                Node::List(nodes, _) if nodes.is_empty() => {}
                other => {
                    let word = kind.keyword();
                    let what =
                        format!("{word} must be a block with a name, not {}", other.describe());
                    return Err(RuleError::new(key.place, what));
                }
            },
        }
    }
    for (slot, kind) in scalars.into_iter().zip(RuleKind::ALL) {
        let Some((text, place)) = slot else { continue };
        // As if it were not there.
        if text.is_empty() {
            continue;
        }
        let level = level(text, false, place, || kind.keyword().to_owned())?;
        let (form, name) = (Form::Exact, Name::from(""));
        rules.push(Rule { kind, form, name, level, intentions: None, place });
    }
    rules.append(&mut nested);
    if syntax == Syntax::Legacy {
        // Every name of a legacy text is a prefix.
        for rule in rules.iter_mut().filter(|r| r.kind.has_names()) {
            rule.form = Form::Prefix;
        }
    }
    Ok(RuleSet::new(rules))
}

fn text_of(key: &Key) -> Result<&Name, RuleError> {
    key.text
        .as_ref()
        .ok_or_else(|| RuleError::new(key.place, "an escape in this text has no meaning"))
}

/// Keywords are compared without regard to case, in all of Unicode: ſ is an s and K (Kelvin) a k.
fn is_word(text: &[u8], word: &str) -> bool {
    if text.is_ascii() {
        return text.eq_ignore_ascii_case(word.as_bytes());
    }
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let folded = text.chars().map(|c| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    });
    folded.eq(word.chars())
}

fn keyword(text: &[u8], syntax: Syntax, version: ServerVersion) -> Keyword {
    for kind in RuleKind::ALL {
        let word = kind.keyword();
        let known = match kind {
            RuleKind::Mesh => version::MESH.contains(version) && syntax == Syntax::Current,
            RuleKind::Peering => version::PEERING.contains(version) && syntax == Syntax::Current,
            RuleKind::Acl => syntax == Syntax::Current,
            _ => true,
        };
        if !known {
            continue;
        }
        if is_word(text, word) {
            return if kind.has_names() {
                Keyword::Named(kind, Form::Exact)
            } else {
                Keyword::Scalar(kind)
            };
        }
        if kind.has_names() && syntax == Syntax::Current && is_word(text, &format!("{word}_prefix"))
        {
            return Keyword::Named(kind, Form::Prefix);
        }
    }
    if version::ID_AND_REVISION.contains(version) && syntax == Syntax::Current {
        if is_word(text, "id") {
            return Keyword::Id;
        }
        if is_word(text, "revision") {
            return Keyword::Revision;
        }
    }
    Keyword::Unknown
}

/// The text in `word = "text"`.
fn plain_text(item: &Item) -> Result<&Name, RuleError> {
    let (node, keys) = (&item.value, item.keys.len());
    match node {
        Node::Literal(text, place) if keys == 1 => text
            .as_ref()
            .ok_or_else(|| RuleError::new(*place, "an escape in this text has no meaning")),
        _ => {
            let key = item.keys.first();
            let word = key.and_then(|k| k.text.as_ref()).map_or("this".into(), Name::lossy);
            let found = if keys == 1 { node.describe() } else { "a block with a name" };
            let place = key.map_or(node.place(), |k| k.place);
            Err(RuleError::new(place, format!("{word} must be a text, not {found}")))
        }
    }
}

/// The rule in `"name" { policy = "..." }`, of which `keys` starts with the name.
fn named_rule(kind: RuleKind, form: Form, keys: &[Key], value: &Node) -> Result<Rule, RuleError> {
    let Some((key, rest)) = keys.split_first() else {
        return Err(RuleError::new(value.place(), "a rule without a name"));
    };
    let name = text_of(key)?.clone();
    let whole;
    let fields: &[Item] = match (rest, value) {
        // `key "a" "b" {...}` is a block "b" inside of the rule, which is no field of it. With a
        // third name servers overlook both.
        ([_], _) => {
            whole = [Item { keys: rest.to_vec(), value: value.clone() }];
            &whole
        }
        (_, Node::Object(items, _)) => items,
        // `key { policy = "read" }` is a rule for the key called "policy".
        (_, Node::Literal(..)) => {
            whole = [Item { keys: keys.to_vec(), value: value.clone() }];
            &whole
        }
        (_, Node::List(..)) => {
            let what = format!("{} {name:?} must be a block, not a list", kind.keyword());
            return Err(RuleError::new(key.place, what));
        }
    };
    let mut policy: Option<(&Name, Place)> = None;
    let mut intentions: Option<(&Name, Place)> = None;
    for field in fields {
        let Some(word) = field.keys.first() else { continue };
        let text = text_of(word)?;
        if is_word(text, "policy") {
            policy = Some((plain_text(field)?, field.value.place()));
        } else if kind == RuleKind::Service && is_word(text, "intentions") {
            intentions = Some((plain_text(field)?, field.value.place()));
        }
    }
    let rule_title = || super::rule::title(kind, form, &name);
    let Some((policy, place)) = policy else {
        let what = format!("{} has no policy", rule_title());
        return Err(RuleError::new(key.place, what));
    };
    let list_allowed = kind == RuleKind::Key;
    let policy = level(policy, list_allowed, place, || format!("policy of {}", rule_title()))?;
    let intentions = match intentions {
        Some((text, place)) if !text.is_empty() => {
            Some(level(text, false, place, || format!("intentions of {}", rule_title()))?)
        }
        _ => None,
    };
    Ok(Rule { kind, form, name, level: policy, intentions, place: key.place })
}

fn level(
    text: &[u8],
    list_allowed: bool,
    place: Place,
    of: impl Fn() -> String,
) -> Result<Level, RuleError> {
    let level = Level::parse(text);
    match level {
        Some(level) if list_allowed || level.access != AccessLevel::List => Ok(level),
        _ => {
            let shown: String = String::from_utf8_lossy(text).chars().take(40).collect();
            let words = if list_allowed { "deny, read, list, write" } else { "deny, read, write" };
            Err(RuleError::new(place, format!("{} is {shown:?}, which is none of {words}", of())))
        }
    }
}
