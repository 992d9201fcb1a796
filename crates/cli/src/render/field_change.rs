//! A differing field as text.

pub(crate) use snapscope_report::field_lines as text;
