//! A differing field as JSON, and as text.

pub(crate) use snapscope_answers::field_change::{fields_member, id_members};
pub(crate) use snapscope_report::field_lines as text;
