//! What a snapshot may ask of us before we take it for a bomb.

/// Bounds on what is read. Each is a guard against files made to hurt, far above what real
/// snapshots need, and can be raised by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes one record may have; it is held in memory whole.
    pub record: u64,
    /// Bytes `state.bin` may have.
    pub state: u64,
    /// Bytes that may come out of a gzip stream for each byte in it, once
    /// [`Limits::RATIO_FROM`] bytes came out.
    pub ratio: u64,
    /// Bytes `meta.json` and `SHA256SUMS` may have each; they are held in memory.
    pub small_member: u64,
    /// Members an archive may have. A snapshot has three.
    pub members: u64,
}

impl Limits {
    /// See [`snapscope_decode::Limits::DEFAULT_RECORD`].
    pub const RECORD: u64 = snapscope_decode::Limits::DEFAULT_RECORD;
    /// 256 GiB: fifty times the largest snapshot known of.
    pub const STATE: u64 = 256 << 30;
    /// Real snapshots shrink to a half or a tenth. Deflate itself ends at about 1030.
    pub const RATIO: u64 = 300;
    /// Small files may shrink as they like.
    pub const RATIO_FROM: u64 = 256 << 20;
    /// A cluster of a thousand servers would need 200 KiB.
    pub const SMALL_MEMBER: u64 = 1 << 20;
    /// Room for what `tar` adds: folders, extended headers.
    pub const MEMBERS: u64 = 64;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record: Self::RECORD,
            state: Self::STATE,
            ratio: Self::RATIO,
            small_member: Self::SMALL_MEMBER,
            members: Self::MEMBERS,
        }
    }
}
