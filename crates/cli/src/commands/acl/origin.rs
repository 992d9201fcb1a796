//! Rules with the links through which a token has them, as JSON.

pub(super) use snapscope_answers::acl::{origin as json, part, reason_member};
