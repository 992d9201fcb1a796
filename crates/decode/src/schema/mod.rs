//! Schemas: what a struct stores and how Consul shows it, as data.
//!
//! Every struct is declared once, with [`wire_struct!`](crate::wire_struct). The declaration
//! produces both the borrowed Rust type and its [`Schema`]. Code that renders, filters or compares
//! records walks the schema instead of naming fields.

mod field_error;
mod fields;
mod read;
mod stored_fields;
mod stored_order;

pub use field_error::{FieldError, Mismatch, wrong_class};
pub use fields::{Class, FieldSpec, Schema, Shown};
pub use read::{
    Any, Bytes, Extra, Ip, List, Map, NameMap, Nanos, NanosText, Nested, NumberMap, Text, Wire,
    WireStruct,
};
pub use stored_fields::{StoredField, StoredFields, StoredNames};
pub use stored_order::sorted_places;

/// Declares structs as stored: one msgpack map entry per field, named as in Go.
///
/// `"Stored" name: Type;` declares a field, followed by its form in Consul's JSON unless it is
/// shown under the stored name: `omit_empty`, `omit_zero`, `hidden`, `shown as "x"`.
#[macro_export]
macro_rules! wire_struct {
    ($(
        $(#[$meta:meta])*
        struct $name:ident $consul:literal $(as $kind_constant:literal)? {
            $( $stored:literal $field:ident : $ty:ty $(, $shown:ident $(as $json:literal)?)? ; )*
        }
    )*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name<'a> {
                $(
                    #[doc = concat!("Stored as `", $stored, "`.")]
                    pub $field: $ty,
                )*
                /// Stored fields that this version of snapscope does not know.
                pub rest: $crate::schema::Extra<'a>,
            }

            impl<'a> $crate::schema::WireStruct<'a> for $name<'a> {
                fn schema() -> &'static $crate::schema::Schema {
                    const {
                        &$crate::schema::Schema {
                            name: $consul,
                            kind_constant: $crate::wire_struct!(@constant $($kind_constant)?),
                            fields: &[
                                $($crate::schema::FieldSpec {
                                    stored: $stored,
                                    json: $crate::wire_struct!(@json $stored $(, $shown $($json)?)?),
                                    member: $crate::wire_struct!(@member $stored $(, $shown $($json)?)?),
                                    class: &<$ty as $crate::schema::Wire<'a>>::CLASS,
                                    shown: $crate::wire_struct!(@shown $($shown)?),
                                },)*
                            ],
                            stored_order: &$crate::schema::sorted_places([$($stored),*]),
                        }
                    }
                }

                fn each_unread(
                    &self,
                    take: &mut dyn FnMut(usize, $crate::wire::Value<'a>),
                ) {
                    #[allow(non_camel_case_types, dead_code)]
                    enum Place { $($field,)* }
                    $(
                        if let Some(value) = $crate::schema::Wire::unread(&self.$field) {
                            take(Place::$field as usize, value);
                        }
                    )*
                    let _ = take;
                }

                fn is_in_order(&self) -> bool {
                    self.rest.is_in_order()
                }
            }

            impl<'a> $crate::schema::Wire<'a> for $name<'a> {
                const CLASS: $crate::schema::Class =
                    $crate::schema::Class::Struct(<Self as $crate::schema::WireStruct>::schema);

                fn absent() -> Self {
                    Self {
                        $($field: <$ty as $crate::schema::Wire<'a>>::absent(),)*
                        rest: $crate::schema::Extra::none(
                            <Self as $crate::schema::WireStruct>::schema,
                        ),
                    }
                }

                fn read(value: $crate::wire::Value<'a>) -> Result<Self, $crate::schema::FieldError> {
                    let entries = match value {
                        $crate::wire::Value::Map(entries) => entries,
                        $crate::wire::Value::Nil => return Ok(Self::absent()),
                        other => return Err($crate::schema::wrong_class("a map", other)),
                    };
                    /// The positions of the fields in the declaration; a struct without fields has
                    /// none.
                    #[allow(non_camel_case_types, dead_code)]
                    enum Place { $($field,)* }
                    let mut out = Self::absent();
                    out.rest.remember(entries);
                    let schema = <Self as $crate::schema::WireStruct>::schema();
                    let mut fields = $crate::schema::StoredFields::new(schema, entries);
                    while let Some(stored) = fields.next_field()? {
                        match stored.place {
                            $(
                                place if place == Place::$field as usize => {
                                    out.$field = <$ty as $crate::schema::Wire<'a>>::read(stored.value)
                                        .map_err(|e| e.inside($stored, stored.at))?;
                                }
                            )*
                            _ => out.rest.count(),
                        }
                    }
                    out.rest.in_order(fields.is_in_order());
                    Ok(out)
                }

                fn is_text(&self) -> bool {
                    $($crate::schema::Wire::is_text(&self.$field) &&)* true
                }
            }
        )*
    };
    (@json $stored:literal, $shown:ident $json:literal) => { $json };
    (@json $stored:literal $(, $shown:ident)?) => { $stored };
    (@member $stored:literal, $shown:ident $json:literal) => { concat!(",\"", $json, "\":") };
    (@member $stored:literal $(, $shown:ident)?) => { concat!(",\"", $stored, "\":") };
    (@constant $c:literal) => { Some($c) };
    (@constant) => { None };
    (@shown) => { $crate::schema::Shown::Always };
    (@shown always) => { $crate::schema::Shown::Always };
    (@shown omit_empty) => { $crate::schema::Shown::OmitEmpty };
    (@shown omit_zero) => { $crate::schema::Shown::OmitZero };
    (@shown hidden) => { $crate::schema::Shown::Hidden };
}
