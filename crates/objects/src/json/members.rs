//! Values as JSON, so that an answer only has to name its members.

use super::{JsonText, Sink as _};

/// Can be a member or an item.
pub trait ToJson {
    /// Writes it.
    fn write(self, json: &mut JsonText);
}

macro_rules! to_json {
    ($($of:ty: |$value:ident, $json:ident| $write:expr;)*) => {
        $(impl ToJson for $of {
            fn write(self, $json: &mut JsonText) {
                let $value = self;
                $write
            }
        })*
    };
}

to_json! {
    bool: |value, json| json.bool(value);
    u64: |value, json| json.uint(value);
    u32: |value, json| json.uint(value.into());
    usize: |value, json| json.uint(value as u64);
    i64: |value, json| json.int(value);
    f64: |value, json| json.float(value);
    &str: |value, json| json.text(value.as_bytes());
    String: |value, json| json.text(value.as_bytes());
    &String: |value, json| json.text(value.as_bytes());
    &[u8]: |value, json| json.text(value);
    &Vec<u8>: |value, json| json.text(value);
}

/// Unknown values are null.
impl<T: ToJson> ToJson for Option<T> {
    fn write(self, json: &mut JsonText) {
        match self {
            Some(value) => value.write(json),
            None => json.null(),
        }
    }
}

/// A list of values.
#[derive(Debug, Clone)]
pub struct List<I>(pub I);

impl<I: IntoIterator<Item: ToJson>> ToJson for List<I> {
    fn write(self, json: &mut JsonText) {
        json.begin_list();
        self.0.into_iter().for_each(|item| item.write(json));
        json.end_list();
    }
}

/// An object whose members a function writes.
#[derive(Debug, Clone)]
pub struct Object<F>(pub F);

impl<F: FnOnce(&mut JsonText)> ToJson for Object<F> {
    fn write(self, json: &mut JsonText) {
        json.begin_object();
        (self.0)(json);
        json.end_object();
    }
}

/// Writes members of an open object.
pub trait Members {
    /// A member; null if its value is unknown.
    fn member(&mut self, key: impl AsRef<[u8]>, value: impl ToJson) -> &mut Self;
    /// A member; left out without a value.
    fn member_if(&mut self, key: impl AsRef<[u8]>, value: Option<impl ToJson>) -> &mut Self;
    /// An object on a line of its own.
    fn line(&mut self, members: impl FnOnce(&mut JsonText));
}

impl Members for JsonText {
    fn member(&mut self, key: impl AsRef<[u8]>, value: impl ToJson) -> &mut Self {
        self.key(key.as_ref());
        value.write(self);
        self
    }

    fn member_if(&mut self, key: impl AsRef<[u8]>, value: Option<impl ToJson>) -> &mut Self {
        if value.is_some() {
            self.member(key, value);
        }
        self
    }

    fn line(&mut self, members: impl FnOnce(&mut JsonText)) {
        Object(members).write(self);
        self.end_line();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_written_in_order() {
        let mut json = JsonText::new();
        json.line(|json| {
            json.member("a", 1u64).member("b", None::<&str>).member_if("c", None::<bool>);
            json.member("d", List([Some("<"), None]));
            json.member(
                "e",
                Object(|json: &mut JsonText| {
                    json.member_if("f", Some(-1i64));
                }),
            );
        });
        let text = String::from_utf8(json.into_bytes()).unwrap();
        assert_eq!(text, "{\"a\":1,\"b\":null,\"d\":[\"\\u003c\",null],\"e\":{\"f\":-1}}\n");
    }
}
