//! Who can do what is dangerous.

use crate::words::{grouped, message, shown};
use snapscope_analyze::acl::{Access, Question, Resolver, Resource, Token};
use snapscope_analyze::secrets::Scanner;

/// What does the most harm in wrong hands: in words, as a question, and what is asked about.
const DANGEROUS: [(&str, Resource, Access, &str); 12] = [
    ("Change ACLs, and so do everything", Resource::Acl, Access::Write, ""),
    ("Read ACLs and take snapshots", Resource::Acl, Access::Read, ""),
    ("Change how servers operate", Resource::Operator, Access::Write, ""),
    ("Change the keys of the gossip", Resource::Keyring, Access::Write, ""),
    ("Read all keys", Resource::Key, Access::List, ""),
    ("Delete all keys", Resource::Key, Access::WritePrefix, ""),
    ("Register services of any name", Resource::Service, Access::Write, ""),
    ("Register nodes of any name", Resource::Node, Access::Write, ""),
    ("Decide about connections of all services", Resource::Intention, Access::Write, "*"),
    ("Configure any agent", Resource::Agent, Access::Write, ""),
    ("Change the mesh", Resource::Mesh, Access::Write, ""),
    ("Peer with other clusters", Resource::Peering, Access::Write, ""),
];

/// Tokens that are named for a question.
const NAMED: usize = 6;
/// Something dangerous, and the tokens that can do it.
#[derive(Debug, Clone)]
pub struct Danger {
    /// What it is, in words.
    pub what: &'static str,
    /// The resource of the question.
    pub resource: Resource,
    /// The access.
    pub access: Access,
    /// What is asked about.
    pub segment: &'static str,
    /// Number of tokens that can do it.
    pub count: u64,
    /// Whether the anonymous token can, and so everyone.
    pub is_everyone: bool,
    /// The first of the tokens, and how many more there are.
    pub names: Vec<String>,
}

impl Danger {
    /// The question as `acl who-can` takes it.
    #[must_use]
    pub fn question(&self) -> String {
        let (resource, access) = (self.resource.word(), self.access.word());
        if self.resource.has_segments() {
            format!("{resource} {access} {:?}", self.segment)
        } else {
            format!("{resource} {access}")
        }
    }
}

/// Asks who can do what is dangerous, as far as servers of the version know it.
#[must_use]
pub fn dangers(resolver: &Resolver<'_>, scanner: &Scanner) -> Vec<Danger> {
    let version = resolver.basis().version;
    let known = DANGEROUS.into_iter().filter(|(_, resource, ..)| resource.known_to(version));
    let dangers = known.filter_map(|(what, resource, access, segment)| {
        let question = Question::new(resource, access, segment).ok()?;
        let (mut count, mut names, mut is_everyone) = (0u64, Vec::new(), false);
        for holder in resolver.holders(&question).ok()?.flatten() {
            count += 1;
            is_everyone |= holder.token.anonymous;
            if names.len() < NAMED {
                names.push(named(scanner, holder.token));
            }
        }
        let more = count.saturating_sub(names.len() as u64);
        if more > 0 {
            names.push(format!("and {} more", grouped(more)));
        }
        Some(Danger { what, resource, access, segment, count, is_everyone, names })
    });
    dangers.collect()
}

/// A token by its accessor and its description.
fn named(scanner: &Scanner, token: &Token) -> String {
    if token.anonymous {
        return "the anonymous token".to_owned();
    }
    // The start of an accessor is enough for `acl can` and `acl explain`.
    let accessor: String = token.accessor.to_string().chars().take(8).collect();
    match &*token.description {
        "" => message(&accessor),
        description => {
            let masked = scanner.masked_text(description);
            let text = masked.as_deref().unwrap_or(description);
            format!("{} ({})", shown(text.as_bytes()), message(&accessor))
        }
    }
}
