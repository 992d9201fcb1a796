//! Turns keys and values into rules, as a server decodes them into its struct of rules.

use super::super::resource::RuleKind;
use super::super::version::{
    FORMER_IDENTITY, ID_AND_REVISION, LAST_LEGACY_RULE_COUNTS, ServerVersion,
};
use super::block::{Block, block, inner_blocks, look_at_keys};
use super::go_text::quote;
use super::name::Name;
use super::order::{Earliest, Field, Stage};
use super::policy_level::level;
use super::position::{Position, RuleError};
use super::reader::{Reader, is_word, text_of};
use super::rule::{Rule, Scope};
use super::set::RuleSet;
use super::syntax::Syntax;
use super::tree::{Item, Key, Language};
use std::collections::{HashMap, HashSet};

/// The meaning of an item's first key.
enum Keyword {
    /// A field of servers' struct of rules.
    Field(Field),
    /// A rule that is parsed but has no effect: its level may be anything.
    Former(RuleKind, Scope),
    /// Ignored: Enterprise's blocks, newer and older ones, mistakes.
    Unknown,
}

/// Turns the items of a text into rules.
pub(super) struct Decoder {
    syntax: Syntax,
    reader: Reader,
    /// Whether an item was taken.
    begun: bool,
    rules: Vec<Rule>,
    /// Servers process `key { "a" {...} }` after all `key "a" {...}`.
    nested: Vec<Rule>,
    scalars: [Option<(Name, Position)>; RuleKind::ALL.len()],
    /// The number of blocks seen, by field.
    blocks: HashMap<usize, usize>,
    /// The error in the items that servers report. Errors in the text as such take precedence.
    wrong: Earliest,
}

impl Decoder {
    pub(super) fn new(syntax: Syntax, version: ServerVersion, language: Language) -> Self {
        Self {
            syntax,
            reader: Reader { version, language },
            begun: false,
            rules: Vec::new(),
            nested: Vec::new(),
            scalars: Default::default(),
            blocks: HashMap::new(),
            wrong: Earliest::default(),
        }
    }

    /// Takes the next item.
    pub(super) fn item(&mut self, item: &Item) {
        let first = !std::mem::replace(&mut self.begun, true);
        let Some((key, rest)) = item.keys.split_first() else { return };
        let looked = match first {
            true => look_at_keys(self.reader, std::slice::from_ref(item)),
            false => Ok(()),
        };
        match looked.and_then(|()| text_of(key)) {
            Ok(text) => match keyword(text, self.syntax, self.reader.version) {
                Keyword::Unknown => {}
                Keyword::Field(field) => self.field(field, item, key, rest),
                Keyword::Former(kind, scope) => self.named((kind, scope), item, key, rest, false),
            },
            Err(error) => self.wrong.add(Stage::Keys, error),
        }
    }

    fn field(&mut self, field: Field, item: &Item, key: &Key, rest: &[Key]) {
        let stage = Stage::Values { field: field.place(), inner: rest.is_empty() };
        let name = || format!("root.{}", field.word());
        match field {
            Field::Id => {
                if let Err(error) = self.reader.plain_text(item, &name()) {
                    self.wrong.add(stage, error);
                }
            }
            Field::Revision => {
                let error = RuleError::new(key.place, "this version does not allow a revision");
                let server = format!("{}: unknown kind to decode into: uint64", name());
                self.wrong.add(
                    stage,
                    match rest.first() {
                        Some(second) => self.reader.says(error, second.place, &server),
                        None => self.reader.says_of(error, &item.value, &server),
                    },
                );
            }
            // The last one counts.
            Field::Rules(kind, _) if !kind.has_names() => {
                match self.reader.plain_text(item, &name()) {
                    Ok(text) => {
                        for (slot, of) in self.scalars.iter_mut().zip(RuleKind::ALL.iter().copied())
                        {
                            if of == kind {
                                *slot = Some((text.clone(), key.place));
                            }
                        }
                    }
                    Err(error) => self.wrong.add(stage, error),
                }
            }
            Field::Rules(kind, scope) => self.named((kind, scope), item, key, rest, true),
        }
    }

    fn named(&mut self, of: (RuleKind, Scope), item: &Item, key: &Key, rest: &[Key], counts: bool) {
        let reader = self.reader;
        let field = Field::Rules(of.0, of.1);
        if rest.is_empty() {
            inner_blocks(reader, of, key, &item.value, |block| {
                self.take(field, block, true, counts)
            });
            return;
        }
        let at = self.blocks.entry(field.place()).or_default();
        let called = format!("root.{}[{at}]", field.word());
        *at += 1;
        let block = block(reader, of, &called, rest, &item.value);
        self.take(field, block, false, counts);
    }

    fn take(&mut self, field: Field, block: Result<Block, RuleError>, inner: bool, counts: bool) {
        let field = field.place();
        let rule = match block {
            Ok(_) if !counts => return,
            Ok(block) => block.rule(self.reader.version).map_err(|error| {
                let stage = Stage::Levels { field, inner };
                (stage, error)
            }),
            Err(error) => Err((Stage::Values { field, inner }, error)),
        };
        match rule {
            Ok(rule) if inner => self.nested.push(rule),
            Ok(rule) => self.rules.push(rule),
            Err((stage, error)) => self.wrong.add(stage, error),
        }
    }

    /// The rules of a text.
    pub(super) fn finish(self) -> Result<RuleSet, RuleError> {
        let Self { syntax, reader, mut rules, mut nested, scalars, mut wrong, .. } = self;
        let version = reader.version;
        for (slot, kind) in scalars.into_iter().zip(RuleKind::ALL.iter().copied()) {
            let Some((text, place)) = slot else { continue };
            // Ignored.
            if text.is_empty() {
                continue;
            }
            let word = kind.keyword();
            match level(&text, false, place, version, || word.to_owned()) {
                Ok(level) => {
                    let (scope, name) = (Scope::Exact, Name::from(""));
                    rules.push(Rule { kind, scope, name, level, intentions: None, place });
                }
                Err(error) => {
                    let field = Field::Rules(kind, Scope::Exact).place();
                    let stage = Stage::Levels { field, inner: false };
                    let server = format!("Invalid {word} policy: {}", quote(&text));
                    wrong.add(stage, error.invalid(server));
                }
            }
        }
        if let Some(error) = wrong.into_error() {
            return Err(error);
        }
        rules.append(&mut nested);
        if syntax == Syntax::Legacy {
            // Every name of a legacy text is a prefix.
            for rule in rules.iter_mut().filter(|r| r.kind.has_names()) {
                rule.scope = Scope::Prefix;
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

fn keyword(text: &[u8], syntax: Syntax, version: ServerVersion) -> Keyword {
    for kind in RuleKind::ALL.iter().copied() {
        let word = kind.keyword();
        let is_former = kind == RuleKind::Identity && FORMER_IDENTITY.contains(version);
        let known = (kind.resource().known_to(version) || is_former)
            && (syntax == Syntax::Current || kind.spec().is_legacy);
        if !known {
            continue;
        }
        let named = |scope| {
            if is_former {
                return Keyword::Former(kind, scope);
            }
            Keyword::Field(Field::Rules(kind, scope))
        };
        if is_word(text, word) {
            return named(Scope::Exact);
        }
        if kind.has_names() && syntax == Syntax::Current && is_word(text, &format!("{word}_prefix"))
        {
            return named(Scope::Prefix);
        }
    }
    if ID_AND_REVISION.contains(version) && syntax == Syntax::Current {
        if is_word(text, "id") {
            return Keyword::Field(Field::Id);
        }
        if is_word(text, "revision") {
            return Keyword::Field(Field::Revision);
        }
    }
    Keyword::Unknown
}
