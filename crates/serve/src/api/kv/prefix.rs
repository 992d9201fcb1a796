//! The keys below a prefix.

use super::key::TABLES;
use crate::answer::Refused;
use crate::api::call::Call;
use crate::authorizer::Who;
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::records::KvRef;
use std::ops::Range;

/// Keys whose records are much to have in memory.
const MANY: usize = 10_000;

/// The keys below a prefix that a token may read.
pub(super) struct Below {
    /// Their positions among all keys; some of them may be unreadable.
    pub(super) range: Range<usize>,
    pub(super) rights: Rights,
    /// Whether the token may read any of them.
    pub(super) any: bool,
    /// Whether there are others.
    pub(super) is_filtered: bool,
    /// The index of the answer.
    pub(super) index: u64,
}

/// What a token may read. It is kept as its secret, as a body may be made long after its head.
pub(super) struct Rights {
    secret: Option<String>,
    /// It may read all keys below the prefix, so no key is judged.
    all: bool,
}

impl Rights {
    /// Keeps the rights of a request until its body is made.
    pub(super) fn who<'v>(&self, view: &View<'v>) -> Who<'v> {
        view.authorizer.who(self.secret.as_deref())
    }

    pub(super) fn may_read(&self, view: &View<'_>, who: &Who<'_>, key: &[u8]) -> bool {
        self.all || view.authorizer.allows(who, Resource::Key, Access::Read, key)
    }
}

impl Below {
    /// Finds them.
    ///
    /// # Errors
    /// If the token is unknown, or may not list keys where that needs a right of its own.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Refused> {
        call.check_token()?;
        let (view, prefix) = (call.view, call.rest.as_slice());
        if view.authorizer.key_list_policy() {
            call.require(Resource::Key, Access::List, Some(prefix))?;
        }
        let spool = view.spool;
        let range = spool.keys_below(prefix);
        // Who may delete all of it may read all of it.
        let all = call.allows(Resource::Key, Access::WritePrefix, prefix);
        let rights = Rights { secret: call.request.token().map(str::to_owned), all };
        let whole = view.facts.highest(TABLES);
        let (mut any, mut is_filtered, mut highest) = (all && !range.is_empty(), false, 0);
        if !all || !prefix.is_empty() {
            for kv in range.clone().filter_map(|at| spool.key_at(at)) {
                highest = highest.max(kv.modify_index);
                let readable = rights.may_read(view, &call.who, kv.key.0);
                any |= readable;
                is_filtered |= !readable;
            }
        }
        let buried = spool.tombstones_below(prefix).map(|kv| kv.modify_index).max();
        highest = highest.max(buried.unwrap_or(0));
        if range.len() > MANY {
            spool.release();
        }
        let index = if prefix.is_empty() || highest == 0 { whole } else { highest };
        Ok(Self { range, rights, any, is_filtered, index })
    }
}

/// The readable keys of a range, one after the other.
pub(super) fn next_readable<'v>(
    range: &mut Range<usize>,
    rights: &Rights,
    view: &View<'v>,
    who: &Who<'_>,
) -> Option<KvRef<'v>> {
    range.by_ref().find_map(|at| {
        let kv = view.spool.key_at(at)?;
        rights.may_read(view, who, kv.key.0).then_some(kv)
    })
}
