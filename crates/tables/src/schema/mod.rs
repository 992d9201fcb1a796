//! Names, columns and views, shared by `sql` and all exports of tables.

mod link;
mod table;
mod view;
mod whole;

pub use link::{LINKS, LinkTable, of as links_of};
pub use table::{Holds, TABLES, Table, TableColumn, name_of, table};
pub use view::{VIEWS, View};
pub use whole::{last_column, whole_object};
