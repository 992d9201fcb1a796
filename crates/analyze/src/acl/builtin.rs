//! Policies that servers generate: for identities, templates and legacy management tokens.

use super::resource::RuleKind;
use super::rules::{AccessLevel, Level, Name, Position, Rule, RuleSet, Scope};
use super::version::{IDENTITY, ServerVersion, TEMPLATED_POLICIES};
use AccessLevel::{Read, Write};
use Scope::{Exact, Prefix};
use snapscope_decode::VersionRange;
use std::hash::{Hash, Hasher};

/// A policy template that is built into Consul.
#[derive(Debug)]
pub struct Template {
    /// Its name. `_` and `-` are equal in it.
    name: &'static str,
    /// The versions that have it.
    versions: VersionRange,
    /// Whether it has the variable `name`.
    pub(super) has_name: bool,
    /// Its rules.
    rules: &'static [TemplateRule],
    /// The layout of its text.
    layout: Layout,
}

/// The layout of a template's text, which affects the hashes of policies.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// Whether it starts with an empty line.
    starts_empty: bool,
    indent: &'static str,
}

const TABS: Layout = Layout { starts_empty: true, indent: "\t" };
const SPACES: Layout = Layout { starts_empty: true, indent: "  " };

/// The JSON schema for the variables of a template with a name.
const NAMED_SCHEMA: &str = concat!(
    "{\n\t\"type\": \"object\",\n\t\"properties\": {\n",
    "\t\t\"name\": { \"type\": \"string\", \"$ref\": \"#/definitions/min-length-one\" }\n\t},\n",
    "\t\"required\": [\"name\"],\n\t\"definitions\": {\n\t\t\"min-length-one\": {\n",
    "\t\t\t\t\"type\": \"string\",\n\t\t\t\t\"minLength\": 1\n\t\t}\n\t}\n}",
);

/// The variable in the text of a template.
const VARIABLE: &str = "{{.Name}}";

/// A rule of a template.
#[derive(Debug)]
struct TemplateRule {
    kind: RuleKind,
    scope: Scope,
    name: TemplateName,
    access: AccessLevel,
}

/// The name in a rule of a template.
#[derive(Debug)]
enum TemplateName {
    /// No name, or the empty prefix, which matches all.
    Empty,
    /// The variable.
    Variable,
    /// The variable followed by the suffix of a sidecar's name.
    Sidecar,
}

const fn all(kind: RuleKind, access: AccessLevel) -> TemplateRule {
    let scope = if kind.has_names() { Prefix } else { Exact };
    TemplateRule { kind, scope, name: TemplateName::Empty, access }
}

const fn of(kind: RuleKind, scope: Scope, access: AccessLevel) -> TemplateRule {
    TemplateRule { kind, scope, name: TemplateName::Variable, access }
}

const SERVICE: &[TemplateRule] = &[
    of(RuleKind::Service, Exact, Write),
    TemplateRule {
        kind: RuleKind::Service,
        scope: Exact,
        name: TemplateName::Sidecar,
        access: Write,
    },
    all(RuleKind::Service, Read),
    all(RuleKind::Node, Read),
];
const NODE: &[TemplateRule] = &[of(RuleKind::Node, Exact, Write), all(RuleKind::Service, Read)];

/// The versions that have the first templates.
const FIRST: VersionRange = TEMPLATED_POLICIES;
/// A template for each of some kinds of rules, from the sources of what follows 1.22.0.
const SINGLE: VersionRange = VersionRange::since(1, 22);

macro_rules! single {
    ($($kind:ident $word:literal),*) => {
        [$(
            [
                template(concat!("builtin/", $word, "-read"), SINGLE, &[of(RuleKind::$kind, Exact, Read)]),
                template(concat!("builtin/", $word, "-write"), SINGLE, &[of(RuleKind::$kind, Exact, Write)]),
                template(
                    concat!("builtin/", $word, "-prefix-read"),
                    SINGLE,
                    &[of(RuleKind::$kind, Prefix, Read)],
                ),
                template(
                    concat!("builtin/", $word, "-prefix-write"),
                    SINGLE,
                    &[of(RuleKind::$kind, Prefix, Write)],
                ),
            ],
        )*]
    };
}

const fn template(
    name: &'static str,
    versions: VersionRange,
    rules: &'static [TemplateRule],
) -> Template {
    Template { name, versions, has_name: true, rules, layout: TABS }
}

const fn without_name(name: &'static str, rules: &'static [TemplateRule]) -> Template {
    Template { name, versions: FIRST, has_name: false, rules, layout: TABS }
}

impl Template {
    const fn layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }
}

/// All templates except those with a single rule.
static TEMPLATES: &[Template] = &[
    template("builtin/service", FIRST, SERVICE),
    template("builtin/node", FIRST, NODE),
    without_name(
        "builtin/dns",
        &[all(RuleKind::Node, Read), all(RuleKind::Service, Read), all(RuleKind::Query, Read)],
    ),
    without_name(
        "builtin/nomad-server",
        &[
            all(RuleKind::Acl, Write),
            all(RuleKind::Agent, Read),
            all(RuleKind::Node, Read),
            all(RuleKind::Service, Write),
        ],
    )
    .layout(SPACES),
    without_name(
        "builtin/nomad-client",
        &[
            all(RuleKind::Agent, Read),
            all(RuleKind::Node, Read),
            all(RuleKind::Service, Write),
            all(RuleKind::Key, Read),
        ],
    )
    .layout(Layout { starts_empty: false, ..SPACES }),
    template("builtin/workload-identity", IDENTITY, &[of(RuleKind::Identity, Exact, Write)]),
    template(
        "builtin/api-gateway",
        FIRST,
        &[
            all(RuleKind::Mesh, Read),
            all(RuleKind::Node, Read),
            all(RuleKind::Service, Read),
            of(RuleKind::Service, Exact, Write),
        ],
    )
    .layout(Layout { starts_empty: false, ..TABS }),
];

/// The templates with a single rule.
static SINGLE_RULES: &[[Template; 4]] =
    &single!(Agent "agent", Key "key", Node "node", Service "service", Session "session");

/// Templates are compared by their positions in the table.
impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Template {}

impl Hash for Template {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Template {
    /// Returns the template with that name, if servers of that version have it.
    pub(super) fn named(name: &str, version: ServerVersion) -> Option<&'static Self> {
        let name = name.replace('_', "-");
        let all = TEMPLATES.iter().chain(SINGLE_RULES.iter().flatten());
        all.into_iter().find(|known| known.name == name && known.versions.contains(version))
    }

    /// Its rules.
    pub(super) fn rules(&self, name: &str) -> RuleSet {
        rules_of(self.rules, name)
    }

    /// The templates that servers of a version have, by name.
    #[must_use]
    pub fn all(version: ServerVersion) -> Vec<&'static Self> {
        let all = TEMPLATES.iter().chain(SINGLE_RULES.iter().flatten());
        let mut known: Vec<_> = all.filter(|one| one.versions.contains(version)).collect();
        known.sort_by_key(|one| one.name);
        known
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The JSON schema of its variables; empty if it has none.
    #[must_use]
    pub const fn schema(&self) -> &'static str {
        if self.has_name { NAMED_SCHEMA } else { "" }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        text_of(self.rules, VARIABLE, self.layout)
    }

    /// The text of the policy for a name; `None` if the template needs a name.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<String> {
        let is_ready = !self.has_name || !name.is_empty();
        is_ready.then(|| text_of(self.rules, name, self.layout))
    }
}

/// Writes rules as the text of a policy.
fn text_of(rules: &[TemplateRule], name: &str, layout: Layout) -> String {
    let blocks: Vec<String> = rules
        .iter()
        .map(|rule| {
            let TemplateRule { kind, scope, access, .. } = rule;
            let kind = kind.keyword();
            let access = if *access == Write { "write" } else { "read" };
            if !rule.kind.has_names() {
                return format!("{kind} = \"{access}\"");
            }
            let suffix = if *scope == Prefix { "_prefix" } else { "" };
            let name = rule.name.filled(name);
            format!("{kind}{suffix} \"{name}\" {{\n{}policy = \"{access}\"\n}}", layout.indent)
        })
        .collect();
    let start = if layout.starts_empty { "\n" } else { "" };
    format!("{start}{}", blocks.join("\n"))
}

/// The text of the policy of a service identity.
#[must_use]
pub fn service_identity_text(service: &str) -> String {
    text_of(SERVICE, service, TABS)
}

/// The text of the policy of a node identity.
#[must_use]
pub fn node_identity_text(node: &str) -> String {
    text_of(NODE, node, TABS)
}

impl TemplateName {
    fn filled(&self, name: &str) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Variable => name.to_owned(),
            Self::Sidecar => sidecar_of(name),
        }
    }
}

fn rules_of(rules: &[TemplateRule], name: &str) -> RuleSet {
    let rules =
        rules.iter().map(|from| rule(from.kind, from.scope, &from.name.filled(name), from.access));
    RuleSet::new(rules.collect())
}

fn rule(kind: RuleKind, scope: Scope, name: &str, access: AccessLevel) -> Rule {
    Rule {
        kind,
        scope,
        name: Name::from(name),
        level: Level::of(access),
        intentions: None,
        place: Position::default(),
    }
}

/// The rules of a service identity.
pub(super) fn service_identity(service: &str) -> RuleSet {
    rules_of(SERVICE, service)
}

/// The suffix of a sidecar's name.
pub(super) const SIDECAR: &str = "-sidecar-proxy";

fn sidecar_of(service: &str) -> String {
    format!("{service}{SIDECAR}")
}

/// The rules of a node identity.
pub(super) fn node_identity(node: &str) -> RuleSet {
    rules_of(NODE, node)
}

/// The rules of a legacy management token without a link to `global-management`. Mesh and peering
/// are newer than such tokens.
pub(super) fn legacy_management() -> RuleSet {
    let named = [
        RuleKind::Agent,
        RuleKind::Event,
        RuleKind::Key,
        RuleKind::Node,
        RuleKind::Query,
        RuleKind::Service,
        RuleKind::Session,
    ];
    let scalars = [RuleKind::Acl, RuleKind::Keyring, RuleKind::Operator];
    let named = named.into_iter().map(|kind| {
        let intentions = (kind == RuleKind::Service).then_some(Level::of(Write));
        Rule { intentions, ..rule(kind, Prefix, "", Write) }
    });
    RuleSet::new(
        scalars.into_iter().map(|kind| rule(kind, Exact, "", Write)).chain(named).collect(),
    )
}
