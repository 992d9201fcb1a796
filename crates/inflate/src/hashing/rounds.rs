//! SHA-256, a few rounds at a time, by the processor's own instructions, so that other work can be
//! done in between.

// Loads of 16 bytes from arrays that are long enough for them.
#![allow(unsafe_code)]

use super::block::BLOCK;
use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_set_epi64x,
    _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
    _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_storeu_si128,
};

/// Steps of a block: each is four rounds.
const STEPS: usize = 16;

/// The constants of the rounds (FIPS 180-4, 4.2.2).
#[rustfmt::skip]
static K: [[u32; 4]; STEPS] = [
    [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
    [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
    [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
    [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
    [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
    [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
    [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
    [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
    [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
    [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
    [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
    [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
    [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
];

/// Whether this processor has the instructions.
pub(crate) fn are_there() -> bool {
    std::arch::is_x86_feature_detected!("sha")
        && std::arch::is_x86_feature_detected!("sse4.1")
        && std::arch::is_x86_feature_detected!("ssse3")
}

/// A hash at any step of a block, held in registers.
pub(crate) struct Rounds<'a> {
    /// The state in the layout of the instructions: words a, b, e, f and c, d, g, h.
    abef: __m128i,
    cdgh: __m128i,
    /// The state at the block's start.
    start: (__m128i, __m128i),
    /// The words of the next four steps.
    words: [__m128i; 4],
    /// Number of completed steps of the block.
    step: usize,
    /// The blocks after the current one.
    rest: std::slice::Iter<'a, [u8; BLOCK]>,
}

impl<'a> Rounds<'a> {
    /// Starts with the first of `blocks`; `None` if there is none.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(crate) fn begin(state: &[u32; 8], blocks: &'a [[u8; BLOCK]]) -> Option<Self> {
        let mut rest = blocks.iter();
        let words = load(rest.next()?);
        let [low, high] = [0, 4].map(|at| {
            // SAFETY: four words of eight from the first or the fifth on.
            unsafe { _mm_loadu_si128(state.as_ptr().add(at).cast()) }
        });
        let cdab = _mm_shuffle_epi32(low, 0xb1);
        let efgh = _mm_shuffle_epi32(high, 0x1b);
        let abef = _mm_alignr_epi8(cdab, efgh, 8);
        let cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
        Some(Self { abef, cdgh, start: (abef, cdgh), words, step: 0, rest })
    }

    /// Does `N` steps, a number that divides [`STEPS`]; false after the last block.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(crate) fn steps<const N: usize>(&mut self) -> bool {
        const { assert!(STEPS.is_multiple_of(N)) };
        for n in 0..N {
            let k = &K[(self.step + n) % STEPS];
            // SAFETY: four words.
            let k = unsafe { _mm_loadu_si128(k.as_ptr().cast()) };
            let [w0, w1, w2, w3] = self.words;
            let two = _mm_add_epi32(w0, k);
            self.cdgh = _mm_sha256rnds2_epu32(self.cdgh, self.abef, two);
            let two = _mm_shuffle_epi32(two, 0x0e);
            self.abef = _mm_sha256rnds2_epu32(self.abef, self.cdgh, two);
            // Words of the steps four ahead; after the twelfth step they are not used.
            let w4 = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
            self.words = [w1, w2, w3, _mm_sha256msg2_epu32(w4, w3)];
        }
        self.step += N;
        self.step < STEPS || self.next_block()
    }

    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn next_block(&mut self) -> bool {
        self.abef = _mm_add_epi32(self.abef, self.start.0);
        self.cdgh = _mm_add_epi32(self.cdgh, self.start.1);
        self.start = (self.abef, self.cdgh);
        match self.rest.next() {
            Some(block) => {
                self.words = load(block);
                self.step = 0;
                true
            }
            None => false,
        }
    }

    /// Finishes the current block; returns the state and the number of remaining blocks.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(crate) fn end(mut self) -> ([u32; 8], usize) {
        let left = self.rest.as_slice().len();
        if self.step < STEPS {
            self.rest = [].iter();
            while self.steps::<1>() {}
        }
        let feba = _mm_shuffle_epi32(self.abef, 0x1b);
        let dchg = _mm_shuffle_epi32(self.cdgh, 0xb1);
        let mut state = [0; 8];
        // SAFETY: four words of eight from the first or the fifth on.
        unsafe {
            _mm_storeu_si128(state.as_mut_ptr().cast(), _mm_blend_epi16(feba, dchg, 0xf0));
            _mm_storeu_si128(state.as_mut_ptr().add(4).cast(), _mm_alignr_epi8(dchg, feba, 8));
        }
        (state, left)
    }
}

/// The sixteen words of a block, which are stored with the high byte first.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load(block: &[u8; BLOCK]) -> [__m128i; 4] {
    let order = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let mut words = [_mm_setzero_si128(); 4];
    for (words, bytes) in words.iter_mut().zip(block.as_chunks::<16>().0) {
        // SAFETY: sixteen bytes.
        *words = _mm_shuffle_epi8(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }, order);
    }
    words
}
