//! Values as JSON, so that an answer only has to name its members.

pub(crate) use snapscope_objects::json::{List, Members, Object, ToJson};
