//! JSON bodies of requests.

/// The first JSON value of a body. Servers ignore anything after it.
pub(super) fn first_value(body: &[u8]) -> serde_json::Result<serde_json::Value> {
    let mut values = serde_json::Deserializer::from_slice(body).into_iter();
    values.next().unwrap_or_else(|| serde_json::from_slice(b""))
}
