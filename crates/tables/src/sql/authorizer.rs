//! Permits only statements that read.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Pragmas that describe tables.
const PRAGMAS: [&str; 5] =
    ["table_info", "table_xinfo", "table_list", "function_list", "collation_list"];

/// Whether an action is permitted.
pub(super) fn decide(context: AuthContext<'_>) -> Authorization {
    let is_allowed = match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => {
            !function_name.eq_ignore_ascii_case("load_extension")
        }
        AuthAction::Pragma { pragma_name, .. } => {
            PRAGMAS.iter().any(|known| pragma_name.eq_ignore_ascii_case(known))
        }
        _ => false,
    };
    if is_allowed { Authorization::Allow } else { Authorization::Deny }
}
