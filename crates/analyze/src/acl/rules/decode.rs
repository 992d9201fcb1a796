//! Turns keys and values into rules, as a server decodes them into its struct of rules.

use super::super::version::{
    FIRST_KEYS_ARE_READ, FORMER_IDENTITY, ID_AND_REVISION, IDENTITY, LAST_LEGACY_RULE_COUNTS,
    LEVELS_IN_ANY_CASE, MESH, PEERING, ServerVersion,
};
use super::Syntax;
use super::level::{AccessLevel, Level};
use super::name::Name;
use super::place::{Place, RuleError};
use super::rule::{Form, Rule, RuleKind};
use super::set::RuleSet;
use super::tree::{Item, Key, Literal, Node};
use std::collections::HashSet;

/// The meaning of an item's first key.
enum Keyword {
    Scalar(RuleKind),
    Named(RuleKind, Form),
    /// A rule that is parsed but has no effect: its level may be anything.
    Former(RuleKind, Form),
    /// `id` and `revision` of old versions.
    Id,
    Revision,
    /// Ignored: Enterprise's blocks, newer and older ones, mistakes.
    Unknown,
}

/// Turns the items of a text into rules.
pub(super) struct Decoder {
    syntax: Syntax,
    version: ServerVersion,
    /// Whether all keys of an object's first item are checked.
    looks: bool,
    /// Whether an item was taken.
    begun: bool,
    rules: Vec<Rule>,
    /// Servers process `key { "a" {...} }` after all `key "a" {...}`.
    nested: Vec<Rule>,
    scalars: [Option<(Name, Place)>; RuleKind::ALL.len()],
    /// An error in an item. Errors in the text as such take precedence.
    wrong: Option<RuleError>,
}

impl Decoder {
    pub(super) fn new(syntax: Syntax, version: ServerVersion, is_json: bool) -> Self {
        Self {
            syntax,
            version,
            looks: is_json && FIRST_KEYS_ARE_READ.contains(version),
            begun: false,
            rules: Vec::new(),
            nested: Vec::new(),
            scalars: Default::default(),
            wrong: None,
        }
    }

    /// Takes the next item.
    pub(super) fn item(&mut self, item: Item) {
        if self.wrong.is_none() {
            let first = !std::mem::replace(&mut self.begun, true);
            let looked = look_at_first(std::slice::from_ref(&item), self.looks && first);
            self.wrong = looked.and_then(|()| self.take(&item)).err();
        }
    }

    fn take(&mut self, item: &Item) -> Result<(), RuleError> {
        let Some((key, rest)) = item.keys.split_first() else { return Ok(()) };
        match keyword(text_of(key)?, self.syntax, self.version) {
            Keyword::Unknown => {}
            Keyword::Id => {
                plain_text(item)?;
            }
            Keyword::Revision => {
                return Err(RuleError::new(key.place, "this version refuses a revision"));
            }
            // The last one counts.
            Keyword::Scalar(kind) => {
                let text = plain_text(item)?;
                for (slot, of) in self.scalars.iter_mut().zip(RuleKind::ALL) {
                    if of == kind {
                        *slot = Some((text.clone(), key.place));
                    }
                }
            }
            Keyword::Named(kind, form) => {
                let (found, inner) = blocks((kind, form), key, rest, &item.value, self.looks)?;
                let out = if inner { &mut self.nested } else { &mut self.rules };
                for block in found {
                    out.push(block.rule(self.version)?);
                }
            }
            Keyword::Former(kind, form) => {
                blocks((kind, form), key, rest, &item.value, self.looks)?;
            }
        }
        Ok(())
    }

    /// The rules of a text.
    pub(super) fn finish(self) -> Result<RuleSet, RuleError> {
        let Self { syntax, version, mut rules, mut nested, scalars, wrong, .. } = self;
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        for (slot, kind) in scalars.into_iter().zip(RuleKind::ALL) {
            let Some((text, place)) = slot else { continue };
            // Ignored.
            if text.is_empty() {
                continue;
            }
            let level = level(&text, false, place, version, || kind.keyword().to_owned())?;
            let (form, name) = (Form::Exact, Name::from(""));
            rules.push(Rule { kind, form, name, level, intentions: None, place });
        }
        rules.append(&mut nested);
        if syntax == Syntax::Legacy {
            // Every name of a legacy text is a prefix.
            for rule in rules.iter_mut().filter(|r| r.kind.has_names()) {
                rule.form = Form::Prefix;
            }
            if LAST_LEGACY_RULE_COUNTS.contains(version) {
                let mut seen: HashSet<(RuleKind, Name)> = HashSet::new();
                rules.reverse();
                rules.retain(|rule| seen.insert((rule.kind, rule.name.clone())));
                rules.reverse();
            }
        }
        Ok(RuleSet::new(rules))
    }
}

fn text_of(key: &Key) -> Result<&Name, RuleError> {
    key.text
        .as_ref()
        .ok_or_else(|| RuleError::new(key.place, "an escape in this text has no meaning"))
}

/// An error that some versions detect in an object: an invalid escape in any key of its first item.
fn look_at_first(items: &[Item], looks: bool) -> Result<(), RuleError> {
    let keys = items.first().filter(|_| looks).map(|item| &item.keys);
    keys.into_iter().flatten().try_for_each(|key| text_of(key).map(|_| ()))
}

/// Keywords are compared without case, in all of Unicode: ſ is an s and K (Kelvin) a k.
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
            RuleKind::Mesh => MESH.contains(version) && syntax == Syntax::Current,
            RuleKind::Peering => PEERING.contains(version) && syntax == Syntax::Current,
            RuleKind::Identity => {
                (IDENTITY.contains(version) || FORMER_IDENTITY.contains(version))
                    && syntax == Syntax::Current
            }
            RuleKind::Acl => syntax == Syntax::Current,
            _ => true,
        };
        if !known {
            continue;
        }
        let named = |form| {
            if kind == RuleKind::Identity && FORMER_IDENTITY.contains(version) {
                return Keyword::Former(kind, form);
            }
            Keyword::Named(kind, form)
        };
        if is_word(text, word) {
            return if kind.has_names() { named(Form::Exact) } else { Keyword::Scalar(kind) };
        }
        if kind.has_names() && syntax == Syntax::Current && is_word(text, &format!("{word}_prefix"))
        {
            return named(Form::Prefix);
        }
    }
    if ID_AND_REVISION.contains(version) && syntax == Syntax::Current {
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
        Node::Literal(Literal::Text(text), place) if keys == 1 => text
            .as_ref()
            .ok_or_else(|| RuleError::new(*place, "an escape in this text has no meaning")),
        _ => {
            let key = item.keys.first();
            let word = key.and_then(|k| k.text.as_ref()).map_or("this".into(), Name::lossy);
            let found = match node {
                Node::Literal(..) if keys == 1 => "a bool or a float",
                _ if keys == 1 => node.describe(),
                _ => "a block with a name",
            };
            let place = key.map_or(node.place(), |k| k.place);
            Err(RuleError::new(place, format!("{word} must be a text, not {found}")))
        }
    }
}

/// A block with a name, and its relevant content.
struct Block<'i> {
    kind: RuleKind,
    form: Form,
    key: &'i Key,
    name: Name,
    policy: Option<(Name, Place)>,
    intentions: Option<(Name, Place)>,
}

/// The blocks of an item: `key "a" {...}` itself, or those in `key {...}`, for which the second
/// value is true.
fn blocks<'i>(
    of: (RuleKind, Form),
    key: &'i Key,
    rest: &'i [Key],
    value: &'i Node,
    looks: bool,
) -> Result<(Vec<Block<'i>>, bool), RuleError> {
    if !rest.is_empty() {
        return Ok((vec![block(of, rest, value, looks)?], false));
    }
    match value {
        Node::Object(inner, _) => {
            let blocks = inner.iter().map(|inner| block(of, &inner.keys, &inner.value, looks));
            Ok((blocks.collect::<Result<_, _>>()?, true))
        }
        Node::List(nodes, _) if nodes.is_empty() => Ok((Vec::new(), true)),
        other => {
            let word = of.0.keyword();
            let what = format!("{word} must be a block with a name, not {}", other.describe());
            Err(RuleError::new(key.place, what))
        }
    }
}

/// The block in `"name" { policy = "..." }`; `keys` starts with the name.
fn block<'i>(
    (kind, form): (RuleKind, Form),
    keys: &'i [Key],
    value: &Node,
    looks: bool,
) -> Result<Block<'i>, RuleError> {
    let Some((key, rest)) = keys.split_first() else {
        return Err(RuleError::new(value.place(), "a rule without a name"));
    };
    let name = text_of(key)?.clone();
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
        (_, Node::List(..)) => {
            let what = format!("{} {name:?} must be a block, not a list", kind.keyword());
            return Err(RuleError::new(key.place, what));
        }
    };
    look_at_first(fields, looks)?;
    let mut policy = None;
    let mut intentions = None;
    let has_intentions = matches!(kind, RuleKind::Service | RuleKind::Identity);
    for field in fields {
        let Some(word) = field.keys.first() else { continue };
        let text = text_of(word)?;
        if is_word(text, "policy") {
            policy = Some((plain_text(field)?.clone(), field.value.place()));
        } else if has_intentions && is_word(text, "intentions") {
            intentions = Some((plain_text(field)?.clone(), field.value.place()));
        }
    }
    Ok(Block { kind, form, key, name, policy, intentions })
}

impl Block<'_> {
    /// The rule, if servers accept its levels.
    fn rule(self, version: ServerVersion) -> Result<Rule, RuleError> {
        let Self { kind, form, key, name, policy, intentions } = self;
        let title = || super::rule::title(kind, form, &name);
        let Some((policy, place)) = policy else {
            return Err(RuleError::new(key.place, format!("{} has no policy", title())));
        };
        let list_allowed = kind == RuleKind::Key;
        let of = || format!("policy of {}", title());
        let policy = level(&policy, list_allowed, place, version, of)?;
        let intentions = match intentions {
            Some((text, place)) if !text.is_empty() => {
                let of = || format!("intentions of {}", title());
                Some(level(&text, false, place, version, of)?)
            }
            _ => None,
        };
        Ok(Rule { kind, form, name, level: policy, intentions, place: key.place })
    }
}

fn level(
    text: &[u8],
    list_allowed: bool,
    place: Place,
    version: ServerVersion,
    of: impl Fn() -> String,
) -> Result<Level, RuleError> {
    let any_case = LEVELS_IN_ANY_CASE.contains(version);
    let level = Level::parse(text).filter(|level| any_case || level.lower_case);
    match level {
        Some(level) if list_allowed || level.access != AccessLevel::List => Ok(level),
        _ => {
            let shown: String = String::from_utf8_lossy(text).chars().take(40).collect();
            let words = if list_allowed { "deny, read, list, write" } else { "deny, read, write" };
            Err(RuleError::new(place, format!("{} is {shown:?}, which is none of {words}", of())))
        }
    }
}
