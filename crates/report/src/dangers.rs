//! Dangerous permissions, and the tokens that have them.

use crate::words::{grouped, message, shown};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use snapscope_analyze::acl::{Access, Question, Resolver, Resource, Token};
use snapscope_analyze::secrets::Scanner;

/// The permissions that do the most harm in the wrong hands: a description, the resource and access
/// of the question, and its segment.
const DANGEROUS: [(&str, Resource, Access, &str); 12] = [
    ("Change ACLs, which allows everything else", Resource::Acl, Access::Write, ""),
    ("Read ACLs", Resource::Acl, Access::Read, ""),
    ("Change how servers operate", Resource::Operator, Access::Write, ""),
    ("Change the gossip encryption keys", Resource::Keyring, Access::Write, ""),
    ("Read all keys", Resource::Key, Access::List, ""),
    ("Delete all keys", Resource::Key, Access::WritePrefix, ""),
    ("Register services under any name", Resource::Service, Access::Write, ""),
    ("Register nodes under any name", Resource::Node, Access::Write, ""),
    ("Allow or deny connections between all services", Resource::Intention, Access::Write, "*"),
    ("Control any agent", Resource::Agent, Access::Write, ""),
    ("Change settings of the mesh", Resource::Mesh, Access::Write, ""),
    ("Peer with other clusters", Resource::Peering, Access::Write, ""),
];

/// Maximum number of tokens named for a permission.
const NAMED: usize = 6;

/// A dangerous permission, and the tokens that have it.
#[derive(Debug, Clone)]
pub struct Danger {
    /// Its description.
    pub what: &'static str,
    /// The resource in question.
    pub resource: Resource,
    /// The access in question.
    pub access: Access,
    /// The segment in question.
    pub segment: &'static str,
    /// Number of tokens that have it.
    pub count: u64,
    /// Whether the anonymous token has it, and so everyone.
    pub is_everyone: bool,
    /// The first of the tokens, and the number of the others.
    pub names: Vec<String>,
}

impl Danger {
    /// The question in the form that `acl who-can` takes.
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

/// Finds who has dangerous permissions, of those that servers of the version know.
#[must_use]
pub fn dangers(resolver: &Resolver<'_>, scanner: &Scanner) -> Vec<Danger> {
    let version = resolver.basis().version;
    let known = DANGEROUS.into_par_iter().filter(|(_, resource, ..)| resource.known_to(version));
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

/// A token's accessor and description.
fn named(scanner: &Scanner, token: &Token) -> String {
    if token.anonymous {
        return "the anonymous token".to_owned();
    }
    // `acl can` and `acl explain` accept the start of an accessor.
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
