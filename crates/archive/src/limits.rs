//! Limits beyond which a snapshot counts as a decompression bomb.

/// Limits on what is read. Each guards against hostile files, is far above what real snapshots
/// need, and can be raised by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum size of a record, which is held in memory.
    pub record: u64,
    /// Maximum size of `state.bin`.
    pub state: u64,
    /// Maximum number of bytes that each compressed byte may inflate to, once
    /// [`Limits::RATIO_FROM`] bytes are inflated.
    pub ratio: u64,
    /// Maximum size of `meta.json` and of `SHA256SUMS`, which are held in memory.
    pub small_member: u64,
    /// Maximum number of members of an archive. A snapshot has three.
    pub members: u64,
}

impl Limits {
    /// See [`snapscope_decode::Limits::DEFAULT_RECORD`].
    pub const RECORD: u64 = snapscope_decode::Limits::DEFAULT_RECORD;
    /// 256 GiB: fifty times the largest known snapshot.
    pub const STATE: u64 = 256 << 30;
    /// Real snapshots compress to a half or a tenth. The maximum of deflate is about 1030.
    pub const RATIO: u64 = 300;
    /// Small files may have any ratio.
    pub const RATIO_FROM: u64 = 256 << 20;
    /// A cluster of a thousand servers would need 200 KiB.
    pub const SMALL_MEMBER: u64 = 1 << 20;
    /// Enough for the entries that `tar` adds: folders, extended headers.
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
