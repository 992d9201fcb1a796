//! A minimal protobuf writer, for peering records, which hold protobuf inside one raw msgpack value.

/// A message under construction. Zero values are left out, as proto3 does.
#[derive(Clone, Debug, Default)]
pub struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// An empty message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text or bytes field.
    #[must_use]
    pub fn text(self, field: u32, value: impl AsRef<[u8]>) -> Self {
        if value.as_ref().is_empty() { self } else { self.chunk(field, value.as_ref()) }
    }

    /// Adds one entry per text, also for empty ones.
    #[must_use]
    pub fn texts(self, field: u32, values: &[&str]) -> Self {
        values.iter().fold(self, |message, value| message.chunk(field, value.as_bytes()))
    }

    /// Adds an integer, bool or enum field.
    #[must_use]
    pub fn number(mut self, field: u32, value: u64) -> Self {
        if value != 0 {
            self.varint(u64::from(field) << 3);
            self.varint(value);
        }
        self
    }

    /// Adds a message field, empty or not: a present but empty message differs from an absent one.
    #[must_use]
    pub fn message(self, field: u32, value: &Message) -> Self {
        self.chunk(field, &value.bytes)
    }

    /// Adds the entries of a map from text to text.
    #[must_use]
    pub fn text_map(self, field: u32, entries: &[(&str, &str)]) -> Self {
        entries.iter().fold(self, |message, (key, value)| {
            message.message(field, &Message::new().text(1, key).text(2, value))
        })
    }

    /// The message's bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn chunk(mut self, field: u32, value: &[u8]) -> Self {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
        self
    }

    fn varint(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_bytes() {
        let bytes =
            Message::new().number(1, 150).text(2, "testing").text(3, "").number(4, 0).into_bytes();
        assert_eq!(bytes, b"\x08\x96\x01\x12\x07testing");
    }
}
