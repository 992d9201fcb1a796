//! SHA-256 of the output, computed in the time in which decoders wait for their tables.
//!
//! Each look-up of a decoder depends on the previous one, and so does each round of a hash. Each
//! leaves most of a core idle, so a thread does both in little more than the time of one. A queue
//! keeps the bytes in order: the caller puts bytes from the reader into it, and one decoder at a
//! time hashes its front between its own turns.

mod block;
#[cfg(target_arch = "x86_64")]
pub(crate) mod rounds;

use block::BLOCK;
use sha2::block_api::compress256;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// Number of bytes that may wait in a queue: on two cores, as many as the output grows between two
/// segments that the reading thread decodes itself.
pub const DEFAULT_WAITING: usize = 8 << 20;

/// Number of blocks hashed at once by a thread that [helps](HashQueue::help), which takes a tenth
/// of a millisecond.
const HELPING: usize = 4096;

/// The first state (FIPS 180-4, 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Contiguous bytes to hash, which live until they are hashed.
type Piece = Box<dyn AsRef<[u8]> + Send>;

/// Hashes its bytes in order, on the threads that decode at the same time.
///
/// Pass it to [`ParallelGunzip::hash_beside`](crate::ParallelGunzip::hash_beside), and add the
/// output to be hashed: all of it or parts. [`push`](Self::push) hashes bytes itself if too many
/// are waiting, and [`finish`](Self::finish) hashes the rest.
pub struct HashQueue {
    waiting: Mutex<VecDeque<Piece>>,
    hasher: Mutex<Hasher>,
    /// Number of bytes that were added and not hashed yet.
    bytes: AtomicUsize,
    /// Number of bytes that may wait.
    limit: usize,
    /// The owner is waiting for the hasher, so decoders must not take it.
    wanted: AtomicBool,
}

/// The hash of everything taken from the queue, and the current piece.
pub(crate) struct Hasher {
    state: [u32; 8],
    /// Number of hashed bytes, including those in `partial`.
    total: u64,
    /// The start of a block whose rest is in the next piece.
    partial: [u8; BLOCK],
    filled: usize,
    piece: Option<Piece>,
    /// Bytes of the piece that are hashed or in `partial`.
    at: usize,
}

impl HashQueue {
    /// A queue in which up to `limit` bytes wait for a decoder. With 0 everything is hashed when it
    /// is added. The same applies on processors without instructions for the hash, which leave no
    /// idle time.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            waiting: Mutex::new(VecDeque::new()),
            hasher: Mutex::new(Hasher {
                state: START,
                total: 0,
                partial: [0; BLOCK],
                filled: 0,
                piece: None,
                at: 0,
            }),
            bytes: AtomicUsize::new(0),
            limit: if has_rounds() { limit } else { 0 },
            wanted: AtomicBool::new(false),
        }
    }

    /// Adds bytes after those that were added before.
    pub fn push(&self, piece: impl AsRef<[u8]> + Send + 'static) {
        let size = piece.as_ref().len();
        // Counted first, because a decoder may hash it immediately.
        let bytes = self.bytes.fetch_add(size, Ordering::Relaxed) + size;
        locked(&self.waiting).push_back(Box::new(piece));
        if bytes > self.limit {
            drop(self.catch_up(self.limit));
        }
    }

    /// Hashes on this thread until the queue is half full, unless another thread is hashing. The
    /// thread that adds bytes, on which others depend, then rarely has to.
    pub fn help(&self) {
        while self.hash_some(self.limit / 2) {}
    }

    /// Hashes a little for an idle decoder; false if almost nothing is waiting, or another thread
    /// is hashing.
    pub(crate) fn idle(&self) -> bool {
        self.hash_some(self.limit / 8)
    }

    /// Hashes some of the bytes that wait beyond `enough`, if no other thread does or wants to.
    fn hash_some(&self, enough: usize) -> bool {
        let Some(mut hasher) = self.free_hasher(enough) else { return false };
        let Some(blocks) = self.next(&mut hasher) else { return false };
        let blocks = blocks.min(HELPING);
        hasher.hash(blocks);
        self.hashed(blocks * BLOCK);
        true
    }

    /// The hash of all bytes that were added.
    pub fn finish(&self) -> [u8; 32] {
        self.catch_up(0).digest()
    }

    /// Hashes on this thread until no more than `limit` bytes are waiting.
    fn catch_up(&self, limit: usize) -> MutexGuard<'_, Hasher> {
        self.wanted.store(true, Ordering::Relaxed);
        let mut hasher = locked(&self.hasher);
        self.wanted.store(false, Ordering::Relaxed);
        while self.bytes.load(Ordering::Relaxed) > limit {
            let Some(blocks) = self.next(&mut hasher) else { break };
            hasher.hash(blocks);
            self.hashed(blocks * BLOCK);
        }
        hasher
    }

    /// The hasher, for a decoder with time for it: only if there is work, and no other thread has
    /// it. Never lent on processors without instructions for the rounds.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn lend(&self) -> Option<Lent<'_>> {
        if !has_rounds() {
            return None;
        }
        let hasher = self.free_hasher(BLOCK)?;
        let mut lent = Lent { queue: self, hasher, blocks: 0 };
        lent.advance().then_some(lent)
    }

    /// The hasher, if more than `enough` bytes are waiting and no thread has it or wants it.
    fn free_hasher(&self, enough: usize) -> Option<MutexGuard<'_, Hasher>> {
        if self.bytes.load(Ordering::Relaxed) <= enough || self.wanted.load(Ordering::Relaxed) {
            return None;
        }
        match self.hasher.try_lock() {
            Ok(hasher) => Some(hasher),
            Err(TryLockError::Poisoned(hasher)) => Some(hasher.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Advances to the next whole blocks in one piece; returns their number.
    fn next(&self, hasher: &mut Hasher) -> Option<usize> {
        loop {
            let Some(piece) = &hasher.piece else {
                hasher.piece = Some(locked(&self.waiting).pop_front()?);
                hasher.at = 0;
                continue;
            };
            let rest = (**piece).as_ref().get(hasher.at..).unwrap_or(&[]);
            if hasher.filled == 0 && rest.len() >= BLOCK {
                return Some(rest.len() / BLOCK);
            }
            let n = rest.len().min(BLOCK - hasher.filled);
            hasher.partial[hasher.filled..hasher.filled + n].copy_from_slice(&rest[..n]);
            hasher.filled += n;
            hasher.at += n;
            hasher.total += n as u64;
            if n == rest.len() {
                hasher.piece = None;
            }
            if hasher.filled == BLOCK {
                compress256(&mut hasher.state, &[hasher.partial]);
                hasher.filled = 0;
            }
            self.hashed(n);
        }
    }

    fn hashed(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Hasher {
    /// The next `blocks` blocks of the piece.
    fn blocks(&self, blocks: usize) -> &[[u8; BLOCK]] {
        let piece = self.piece.as_ref().map_or(&[][..], |piece| (**piece).as_ref());
        let rest = piece.get(self.at..).unwrap_or(&[]);
        let (whole, _) = rest.as_chunks();
        whole.get(..blocks).unwrap_or(whole)
    }

    fn hash(&mut self, blocks: usize) {
        let mut state = self.state;
        compress256(&mut state, self.blocks(blocks));
        self.set(state, blocks);
    }

    /// Takes over the state after the next `blocks` blocks.
    fn set(&mut self, state: [u32; 8], blocks: usize) {
        self.state = state;
        self.at += blocks * BLOCK;
        self.total += (blocks * BLOCK) as u64;
    }

    /// The hash of all bytes up to here (FIPS 180-4, 5.1.1).
    fn digest(&self) -> [u8; 32] {
        let mut end = [0; 2 * BLOCK];
        end[..self.filled].copy_from_slice(&self.partial[..self.filled]);
        end[self.filled] = 0x80;
        let size = if self.filled + 9 <= BLOCK { BLOCK } else { 2 * BLOCK };
        end[size - 8..size].copy_from_slice(&self.total.wrapping_mul(8).to_be_bytes());
        let mut state = self.state;
        compress256(&mut state, end[..size].as_chunks().0);
        let mut digest = [0; 32];
        for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
            *bytes = word.to_be_bytes();
        }
        digest
    }
}

/// A hasher that a decoder has borrowed.
#[cfg(target_arch = "x86_64")]
pub(crate) struct Lent<'a> {
    queue: &'a HashQueue,
    hasher: MutexGuard<'a, Hasher>,
    /// Whole blocks ahead in the piece.
    blocks: usize,
}

#[cfg(target_arch = "x86_64")]
impl Lent<'_> {
    /// The state, and the blocks to hash.
    pub(crate) fn work(&self) -> ([u32; 8], &[[u8; BLOCK]]) {
        (self.hasher.state, self.hasher.blocks(self.blocks))
    }

    /// Takes over the state after the first `blocks` blocks of the work; false if no work is left.
    pub(crate) fn done(&mut self, state: [u32; 8], blocks: usize) -> bool {
        self.hasher.set(state, blocks);
        self.queue.hashed(blocks * BLOCK);
        self.advance()
    }

    /// Whether more bytes are waiting than decoders hash at their usual pace.
    pub(crate) fn is_behind(&self) -> bool {
        self.queue.bytes.load(Ordering::Relaxed) > self.queue.limit / 4
    }

    fn advance(&mut self) -> bool {
        let ahead = self.queue.next(&mut self.hasher);
        self.blocks = ahead.unwrap_or(0);
        ahead.is_some()
    }
}

impl std::fmt::Debug for HashQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HashQueue").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Whether this processor has instructions for the rounds.
fn has_rounds() -> bool {
    #[cfg(target_arch = "x86_64")]
    return rounds::are_there();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// A thread that panicked while it held one of the locks left consistent values.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    fn bytes(n: usize) -> Vec<u8> {
        (0..n).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect()
    }

    #[test]
    fn pieces_of_any_size_give_the_hash_of_all() {
        for total in (0..200).chain([1 << 10, 12_345, 1 << 20]) {
            let all = bytes(total);
            for size in [1, 3, 55, 56, 63, 64, 65, 128, 1000, 1 << 20] {
                let hashes = HashQueue::new(size % 2 * 1000);
                for piece in all.chunks(size) {
                    hashes.push(piece.to_vec());
                }
                assert_eq!(hashes.finish()[..], Sha256::digest(&all)[..], "{total} by {size}");
            }
        }
    }

    /// Decoders may stop anywhere.
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code)]
    #[test]
    fn steps_give_the_same_wherever_they_stop() {
        if !rounds::are_there() {
            return;
        }
        let all = bytes(20_000);
        for stop in 0..200 {
            let hashes = HashQueue::new(usize::MAX);
            for piece in all.chunks(1500 + stop) {
                hashes.push(piece.to_vec());
            }
            let mut lent = hashes.lend().unwrap();
            loop {
                let (state, blocks) = lent.work();
                let all = blocks.len();
                // SAFETY: the instructions are there.
                let (state, left) = unsafe {
                    let mut rounds = rounds::Rounds::begin(&state, blocks).unwrap();
                    for _ in 0..stop {
                        if !rounds.steps::<2>() {
                            break;
                        }
                    }
                    rounds.end()
                };
                assert!(stop == 0 || left < all);
                if !lent.done(state, all - left) {
                    break;
                }
            }
            drop(lent);
            assert_eq!(hashes.finish()[..], Sha256::digest(&all)[..], "{stop}");
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn one_decoder_at_a_time_and_none_without_work() {
        let hashes = HashQueue::new(usize::MAX);
        assert!(hashes.lend().is_none());
        hashes.push(vec![0; 1000]);
        let lent = hashes.lend();
        assert_eq!(lent.is_some(), has_rounds());
        assert!(!has_rounds() || hashes.lend().is_none());
    }

    #[test]
    fn helping_changes_nothing_but_who_hashes() {
        let bytes: Vec<u8> = (0..=250).cycle().take(3 << 20).collect();
        let hashes = HashQueue::new(1 << 20);
        std::thread::scope(|scope| {
            scope.spawn(|| (0..200).for_each(|_| hashes.help()));
            for piece in bytes.chunks(70_001) {
                hashes.push(piece.to_vec());
                hashes.help();
                assert!(hashes.bytes.load(Ordering::Relaxed) <= 1 << 20);
            }
        });
        assert_eq!(hashes.finish()[..], Sha256::digest(&bytes)[..]);
    }
}
