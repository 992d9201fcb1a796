//! The keys below a prefix.

use super::key::TABLES;
use crate::answer::Refused;
use crate::api::call::Call;
use crate::authorizer::Who;
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::records::KvRef;
use std::ops::Range;

/// Maximum number of keys whose records are held in memory.
const MANY: usize = 10_000;

/// The keys below a prefix, for a token.
pub(super) struct Below {
    /// Their positions among all keys. The token may be unable to read some of them.
    pub(super) range: Range<usize>,
    pub(super) rights: Rights,
    /// Whether the token may read any of them.
    pub(super) any: bool,
    /// Whether there are any that it may not read.
    pub(super) is_filtered: bool,
    /// The index of the answer.
    pub(super) index: u64,
}

/// The rights of a token. The SecretID is kept, because a body may be produced long after the head.
pub(super) struct Rights {
    secret: Option<String>,
    /// It may read all keys below the prefix, so keys need not be checked.
    all: bool,
}

impl Rights {
    /// Keeps the rights of a request until its body is produced.
    pub(super) fn who<'v>(&self, view: &View<'v>) -> Who<'v> {
        view.authorizer.who(self.secret.as_deref())
    }

    pub(super) fn may_read(&self, view: &View<'_>, who: &Who<'_>, key: &[u8]) -> bool {
        self.all || view.authorizer.allows(who, Resource::Key, Access::Read, key)
    }
}

impl Below {
    /// Finds the keys.
    ///
    /// # Errors
    /// If the token is unknown, or if listing needs a permission that it does not have.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Refused> {
        call.check_token()?;
        let (view, prefix) = (call.view, call.rest.as_slice());
        if view.authorizer.key_list_policy() {
            call.require(Resource::Key, Access::List, Some(prefix))?;
        }
        let spool = view.spool;
        let range = spool.keys_below(prefix);
        // Permission to delete everything implies permission to read everything.
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

/// The readable keys of a range, in order.
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
