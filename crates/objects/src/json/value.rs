//! Values that serde_json has read.

use super::Sink;
use serde_json::Value;

/// Writes a value to a sink, such as a text or a tape.
pub fn write_value<S: Sink>(value: &Value, sink: &mut S) {
    match value {
        Value::Null => sink.null(),
        Value::Bool(flag) => sink.bool(*flag),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => sink.uint(number),
            (None, Some(number)) => sink.int(number),
            (None, None) => sink.float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => sink.text(text.as_bytes()),
        Value::Array(items) => {
            sink.begin_list();
            items.iter().for_each(|item| write_value(item, sink));
            sink.end_list();
        }
        Value::Object(members) => {
            sink.begin_object();
            for (name, member) in members {
                sink.key(name.as_bytes());
                write_value(member, sink);
            }
            sink.end_object();
        }
    }
}
