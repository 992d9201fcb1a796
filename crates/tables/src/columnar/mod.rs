//! Tables with typed columns, as Arrow's arrays: what Parquet and Arrow files contain, and what Python gets.

mod arrays;
mod common;
mod schema;

pub use arrays::{array, record_batch};
pub use common::Common;
pub use schema::{
    COMMON, Class, Column, VERSION, VERSION_KEY, columnar_schema, columns, field, own_schema,
    schema, table_of,
};
