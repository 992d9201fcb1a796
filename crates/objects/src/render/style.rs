//! The rules by which messages are shown.

/// The rules for rendering a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Go's `encoding/json` over generated structs: the peering messages.
    GoJson,
    /// The HTTP API's form of peering messages: states by name, times as text.
    Api,
    /// Protobuf's own JSON: resources.
    ProtoJson,
    /// The same as the HTTP API shows it: without type URLs.
    ProtoApi,
}

impl Style {
    /// Whether these are the rules of protobuf's own JSON.
    pub(super) const fn is_proto(self) -> bool {
        matches!(self, Self::ProtoJson | Self::ProtoApi)
    }
}
