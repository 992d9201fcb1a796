//! Blocks with a name: `key "a" { policy = "read" }`.

use super::super::resource::{GoStruct, RuleKind};
use super::super::version::{INTENTIONS, RULES_OF_1_7, ServerVersion};
use super::go_text::quote;
use super::name::Name;
use super::policy_level::level;
use super::position::{Position, RuleError};
use super::reader::{Reader, go_type, is_word, text_of};
use super::rule::{Rule, Scope};
use super::tree::{Item, Key, Node};

/// A block with a name, and its relevant content.
pub(super) struct Block {
    kind: RuleKind,
    scope: Scope,
    place: Position,
    name: Name,
    policy: Option<(Name, Position)>,
    intentions: Option<(Name, Position)>,
    sentinel: Sentinel,
}

/// The part of a block `sentinel` that servers before 1.7 decode. It has no effect without
/// Enterprise.
#[derive(Default)]
struct Sentinel {
    code: Name,
    enforcement_level: Name,
}

impl GoStruct {
    fn has_intentions(&self, version: ServerVersion) -> bool {
        self.has_intentions && INTENTIONS.contains(version)
    }
}

/// Passes each block in `key {...}` to `take`.
pub(super) fn inner_blocks(
    reader: Reader,
    (kind, scope): (RuleKind, Scope),
    key: &Key,
    value: &Node,
    mut take: impl FnMut(Result<Block, RuleError>),
) {
    let word = super::order::Field::Rules(kind, scope).word();
    match value {
        Node::Object(items, _) => {
            for (at, item) in items.iter().enumerate() {
                let name = format!("root.{word}[{at}]");
                take(block(reader, (kind, scope), &name, &item.keys, &item.value));
            }
        }
        Node::List(nodes, _) => {
            let Some(first) = nodes.first() else { return };
            let what = format!("{} must be a block with a name, not a list", kind.keyword());
            let error = RuleError::new(key.place, what);
            take(Err(match first {
                Node::Object(items, _) if look_at_keys(reader, items).is_err() => error,
                Node::Object(items, _) => {
                    let field = kind.spec().of_one.key;
                    let server = format!("root.{word}[0]: {field} asked for 'key', impossible");
                    reader.says_of_object(error, items, &server)
                }
                other => {
                    let of = go_type(other);
                    let server = format!("root.{word}[0]: not an object type for struct ({of})");
                    reader.says_of(error, other, &server)
                }
            }));
        }
        Node::Literal(_, place) => {
            let what = format!("{} must be a block with a name, not a plain value", kind.keyword());
            let error = RuleError::new(key.place, what);
            let server = format!("unknown slice type: {}", go_type(value));
            take(Err(reader.says(error, *place, &server)));
        }
    }
}

/// Finds an error that some versions detect in an object: an invalid escape in a key, except in
/// items after the first that have several keys.
pub(super) fn look_at_keys(reader: Reader, items: &[Item]) -> Result<(), RuleError> {
    let looked = items.iter().enumerate().filter(|(at, item)| *at == 0 || item.keys.len() == 1);
    let keys = looked.filter(|_| reader.looks_at_keys()).flat_map(|(_, item)| &item.keys);
    keys.into_iter().try_for_each(|key| text_of(key).map(|_| ()))
}

/// Decodes the block in `"name" { policy = "..." }`; `keys` starts with the name. `called` is its
/// name in servers' errors.
pub(super) fn block(
    reader: Reader,
    (kind, scope): (RuleKind, Scope),
    called: &str,
    keys: &[Key],
    value: &Node,
) -> Result<Block, RuleError> {
    let Some((key, rest)) = keys.split_first() else {
        return Err(RuleError::new(value.place(), "a rule without a name"));
    };
    let whole;
    let fields: &[Item] = match (rest, value) {
        // `key "a" "b" {...}` is a block "b" inside the rule, which is not one of its fields. With
        // a third name servers ignore both.
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
        (_, Node::List(_, place)) => {
            let what = format!("{} must be a block with a name, not a list", kind.keyword());
            let server = format!("{called}: not an object type for struct ({})", go_type(value));
            return Err(reader.says(RuleError::new(key.place, what), *place, &server));
        }
    };
    look_at_keys(reader, fields)?;
    let name = text_of(key)?.clone();
    // Servers search the items for each field; the first search reads all first keys.
    fields
        .iter()
        .filter_map(|field| field.keys.first())
        .try_for_each(|k| text_of(k).map(|_| ()))?;
    let named = |word: &'static str| {
        fields.iter().filter(move |field| {
            let key = field.keys.first().and_then(|key| key.text.as_ref());
            key.is_some_and(|text| is_word(text, word))
        })
    };
    let last = |word: &'static str, go: &str| -> Result<Option<(Name, Position)>, RuleError> {
        let mut found = None;
        for field in in_order(named(word)) {
            let text = reader.plain_text(field, &format!("{called}.{go}"))?;
            found = Some((text, field.value.place()));
        }
        Ok(found)
    };
    let of = &kind.spec().of_one;
    let policy = last("policy", "Policy")?;
    let sentinel = if of.is_extended && !RULES_OF_1_7.contains(reader.version) {
        sentinel(reader, called, named("sentinel"))?
    } else {
        Sentinel::default()
    };
    let intentions =
        if of.has_intentions(reader.version) { last("intentions", "Intentions")? } else { None };
    Ok(Block { kind, scope, place: key.place, name, policy, intentions, sentinel })
}

/// Servers decode items with more keys first.
fn in_order<'i>(items: impl Iterator<Item = &'i Item> + Clone) -> impl Iterator<Item = &'i Item> {
    let longer = items.clone().filter(|item| item.keys.len() > 1);
    longer.chain(items.filter(|item| item.keys.len() <= 1))
}

fn sentinel<'i>(
    reader: Reader,
    called: &str,
    items: impl Iterator<Item = &'i Item> + Clone,
) -> Result<Sentinel, RuleError> {
    let mut out = Sentinel::default();
    for item in in_order(items) {
        let [key, rest @ ..] = item.keys.as_slice() else { continue };
        let whole;
        let fields: &[Item] = match (&item.value, rest) {
            (value, [_, ..]) => {
                whole = [Item { keys: rest.to_vec(), value: value.clone() }];
                &whole
            }
            (Node::Object(items, _), []) => items,
            (other, []) => {
                let error = RuleError::new(key.place, "sentinel must be a block");
                let of = go_type(other);
                let server = format!("{called}.Sentinel: not an object type for struct ({of})");
                return Err(reader.says_of(error, other, &server));
            }
        };
        fields.iter().filter_map(|f| f.keys.first()).try_for_each(|k| text_of(k).map(|_| ()))?;
        let words = [
            ("code", "Code", &mut out.code),
            ("enforcementlevel", "EnforcementLevel", &mut out.enforcement_level),
        ];
        for (word, go, slot) in words {
            let named = fields.iter().filter(|field| {
                let key = field.keys.first().and_then(|key| key.text.as_ref());
                key.is_some_and(|text| is_word(text, word))
            });
            for field in in_order(named) {
                *slot = reader.plain_text(field, &format!("{called}.Sentinel.{go}"))?;
            }
        }
    }
    Ok(out)
}

impl Block {
    /// The rule, if servers accept its levels.
    pub(super) fn rule(&self, version: ServerVersion) -> Result<Rule, RuleError> {
        let Self { kind, scope, .. } = *self;
        let title = || super::rule::title(kind, scope, &self.name);
        let word = super::order::Field::Rules(kind, scope).word();
        let invalid = |error: RuleError, what: &str| {
            error.invalid(format!("Invalid {word}{what} policy: {}", self.go_syntax(version)))
        };
        let Some((policy, place)) = &self.policy else {
            let error = RuleError::new(self.place, format!("{} has no policy", title()));
            return Err(invalid(error, ""));
        };
        let list_allowed = kind == RuleKind::Key;
        let of = || format!("policy of {}", title());
        let policy =
            level(policy, list_allowed, *place, version, of).map_err(|e| invalid(e, ""))?;
        let intentions = match &self.intentions {
            Some((text, place)) if !text.is_empty() => {
                let of = || format!("intentions of {}", title());
                let level = level(text, false, *place, version, of);
                Some(level.map_err(|e| invalid(e, " intentions"))?)
            }
            _ => None,
        };
        let (name, place) = (self.name.clone(), self.place);
        Ok(Rule { kind, scope, name, level: policy, intentions, place })
    }

    /// Formats the rule as servers do.
    fn go_syntax(&self, version: ServerVersion) -> String {
        let of = &self.kind.spec().of_one;
        let text = |found: &Option<(Name, Position)>| {
            quote(found.as_ref().map_or(&[][..], |(text, _)| &**text))
        };
        let fields = format!("{}:{}, Policy:{}", of.key, quote(&self.name), text(&self.policy));
        let intentions = match of.has_intentions(version) {
            true => format!(", Intentions:{}", text(&self.intentions)),
            false => String::new(),
        };
        if RULES_OF_1_7.contains(version) {
            let extended =
                if of.is_extended { ", EnterpriseRule:acl.EnterpriseRule{}" } else { "" };
            return format!("&acl.{}Rule{{{fields}{intentions}{extended}}}", of.name);
        }
        let Sentinel { code, enforcement_level } = &self.sentinel;
        let sentinel = match of.is_extended {
            true => format!(
                ", Sentinel:acl.Sentinel{{Code:{}, EnforcementLevel:{}}}",
                quote(code),
                quote(enforcement_level)
            ),
            false => String::new(),
        };
        format!("acl.{}Policy{{{fields}{sentinel}{intentions}}}", of.name)
    }
}
