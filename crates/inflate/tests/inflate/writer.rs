//! A deflate writer without restrictions: every block type, every unusual code.

use crate::random::Random;

#[derive(Clone, Copy, Debug)]
pub enum Token {
    Literal(u8),
    /// Length and distance.
    Match(usize, usize),
}

#[derive(Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
    bits: usize,
    /// What a decoder must produce.
    pub plain: Vec<u8>,
    /// First byte of the current member in `plain`.
    member: usize,
}

const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

fn length_symbol(length: usize) -> (usize, usize, usize) {
    if length == 258 {
        return (285, 0, 0);
    }
    let l = length - 3;
    if l < 8 {
        return (257 + l, 0, 0);
    }
    let extra = l.ilog2() as usize - 2;
    (257 + 4 * (extra + 1) + (l >> extra & 3), extra, l & ((1 << extra) - 1))
}

fn distance_symbol(distance: usize) -> (usize, usize, usize) {
    let d = distance - 1;
    if d < 4 {
        return (d, 0, 0);
    }
    let extra = d.ilog2() as usize - 1;
    (2 * (extra + 1) + (d >> extra & 1), extra, d & ((1 << extra) - 1))
}

/// Canonical codes, lowest bit first.
fn codes(lengths: &[u8]) -> Vec<u16> {
    let mut out = vec![0; lengths.len()];
    let mut code = 0u32;
    for l in 1..=15u8 {
        code <<= 1;
        for (s, _) in lengths.iter().enumerate().filter(|(_, x)| **x == l) {
            out[s] = (code as u16).reverse_bits() >> (16 - l);
            code += 1;
        }
    }
    out
}

/// Lengths of a complete code for `n` symbols, by splitting leaves at random; `deep` prefers the
/// deepest, which gives codes of the longest allowed length.
fn split(random: &mut Random, n: usize, limit: u8, deep: bool) -> Vec<u8> {
    let mut leaves = vec![0u8];
    while leaves.len() < n {
        let mut at = random.below(leaves.len());
        if deep {
            at = (0..leaves.len())
                .filter(|&i| leaves[i] < limit)
                .max_by_key(|&i| leaves[i])
                .unwrap();
        }
        // Otherwise there might be no complete code of `n`.
        if leaves[at] >= limit {
            at = (0..leaves.len()).min_by_key(|&i| leaves[i]).unwrap();
        }
        leaves[at] += 1;
        leaves.push(leaves[at]);
    }
    for i in (1..leaves.len()).rev() {
        leaves.swap(i, random.below(i + 1));
    }
    leaves
}

impl Writer {
    pub fn put(&mut self, value: usize, n: usize) {
        for i in 0..n {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= ((value >> i & 1) as u8) << (self.bits % 8);
            self.bits += 1;
        }
    }

    /// Bits of the incomplete last byte.
    #[allow(dead_code)] // for tests/memory.rs
    pub fn free_bits(&self) -> usize {
        self.bytes.len() * 8 - self.bits
    }

    pub fn align(&mut self) {
        self.bits = self.bytes.len() * 8;
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.align();
        self.bytes.extend_from_slice(bytes);
        self.align();
    }

    /// Begins a gzip member with the optional parts of a header chosen by `flags`.
    pub fn header(&mut self, random: &mut Random, flags: u8) {
        self.align();
        let start = self.bytes.len();
        self.bytes.extend([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255]);
        if flags & 4 != 0 {
            let n = random.below(700);
            self.bytes.extend((n as u16).to_le_bytes());
            self.bytes.extend(random.bytes(n));
        }
        for _ in 0..(flags >> 3 & 1) + (flags >> 4 & 1) {
            let n = if random.one_in(10) { random.below(2000) } else { random.below(12) };
            let name: Vec<u8> = random.bytes(n).into_iter().map(|b| b | 1).collect();
            self.bytes.extend(name);
            self.bytes.push(0);
        }
        if flags & 2 != 0 {
            let mut crc = flate2::Crc::new();
            crc.update(&self.bytes[start..]);
            self.bytes.extend((crc.sum() as u16).to_le_bytes());
        }
        self.align();
        self.member = self.plain.len();
    }

    pub fn trailer(&mut self) {
        self.align();
        let mut crc = flate2::Crc::new();
        crc.update(&self.plain[self.member..]);
        self.bytes.extend(crc.sum().to_le_bytes());
        self.bytes.extend(((self.plain.len() - self.member) as u32).to_le_bytes());
        self.align();
    }

    pub fn stored(&mut self, bytes: &[u8], last: bool) {
        self.put(usize::from(last), 3);
        self.align();
        self.put(bytes.len(), 16);
        self.put(!bytes.len() & 0xffff, 16);
        self.raw(bytes);
        self.plain.extend_from_slice(bytes);
    }

    pub fn fixed(&mut self, tokens: &[Token], last: bool) {
        self.put(usize::from(last) | 1 << 1, 3);
        let mut l = [8u8; 288];
        l[144..256].fill(9);
        l[256..280].fill(7);
        self.tokens(tokens, &l, &[5; 30]);
    }

    /// A dynamic block with a random code over at least the symbols the tokens use.
    pub fn dynamic(&mut self, random: &mut Random, tokens: &[Token], last: bool) {
        let mut used = [false; 286];
        let mut distances = [false; 30];
        used[256] = true;
        for t in tokens {
            match *t {
                Token::Literal(b) => used[b as usize] = true,
                Token::Match(l, d) => {
                    used[length_symbol(l).0] = true;
                    distances[distance_symbol(d).0] = true;
                }
            }
        }
        match random.below(6) {
            0 => used = [true; 286],
            1 => used[285] = true,
            2 => used.iter_mut().take(256).for_each(|u| *u |= random.one_in(3)),
            _ => {}
        }
        if random.one_in(8) {
            distances = [true; 30];
        }
        let deep = random.one_in(4);
        let assign = |random: &mut Random, used: &[bool]| {
            let n = used.iter().filter(|u| **u).count();
            // A single code has one bit.
            let mut lengths = match n {
                0 => vec![],
                1 => vec![1],
                _ => split(random, n, 15, deep),
            }
            .into_iter();
            used.iter().map(|u| if *u { lengths.next().unwrap() } else { 0 }).collect::<Vec<u8>>()
        };
        let (l, d) = (assign(random, &used), assign(random, &distances));
        self.dynamic_header(random, &l, &d, last);
        self.tokens(tokens, &l, &d);
    }

    /// The header of a dynamic block, with repeats used at random.
    pub fn dynamic_header(&mut self, random: &mut Random, l: &[u8], d: &[u8], last: bool) {
        self.put(usize::from(last) | 2 << 1, 3);
        let literals = l.iter().rposition(|x| *x != 0).unwrap_or(0).max(256) + 1;
        let distances = d.iter().rposition(|x| *x != 0).unwrap_or(0) + 1;
        let (literals, distances) = if random.one_in(4) {
            (l.len().max(257), d.len().max(1))
        } else {
            (literals, distances)
        };
        let mut all = l.to_vec();
        all.resize(literals, 0);
        let mut d = d.to_vec();
        d.resize(distances, 0);
        all.extend(d);
        let mut symbols = Vec::new();
        let mut i = 0;
        while i < all.len() {
            let run = all[i..].iter().take_while(|x| **x == all[i]).count();
            let repeat = !random.one_in(5);
            if all[i] == 0 && run >= 11 && repeat {
                let n = run.min(138);
                symbols.push((18, n - 11, 7));
                i += n;
            } else if all[i] == 0 && run >= 3 && repeat {
                let n = run.min(10);
                symbols.push((17, n - 3, 3));
                i += n;
            } else if i > 0 && all[i] == all[i - 1] && run >= 3 && repeat {
                let n = run.min(6);
                symbols.push((16, n - 3, 2));
                i += n;
            } else {
                symbols.push((usize::from(all[i]), 0, 0));
                i += 1;
            }
        }
        let mut used = [false; 19];
        for s in &symbols {
            used[s.0] = true;
        }
        // This code must be complete: at least two symbols.
        if random.one_in(3) {
            used = [true; 19];
        }
        for s in 0..2 {
            if used.iter().filter(|u| **u).count() < 2 {
                used[s] = true;
            }
        }
        let mut lengths = split(random, used.iter().filter(|u| **u).count(), 7, false).into_iter();
        let code: Vec<u8> =
            used.iter().map(|u| if *u { lengths.next().unwrap() } else { 0 }).collect();
        let count = ORDER.iter().rposition(|s| code[*s] != 0).unwrap().max(3) + 1;
        self.put(literals - 257, 5);
        self.put(distances - 1, 5);
        self.put(count - 4, 4);
        for s in &ORDER[..count] {
            self.put(code[*s].into(), 3);
        }
        let bits = codes(&code);
        for (s, extra, n) in symbols {
            self.put(bits[s].into(), code[s].into());
            self.put(extra, n);
        }
    }

    /// Tokens and the end of the block.
    pub fn tokens(&mut self, tokens: &[Token], l: &[u8], d: &[u8]) {
        let (lc, dc) = (codes(l), codes(d));
        for t in tokens {
            match *t {
                Token::Literal(b) => {
                    self.put(lc[b as usize].into(), l[b as usize].into());
                    self.plain.push(b);
                }
                Token::Match(length, distance) => {
                    let (s, n, extra) = length_symbol(length);
                    self.put(lc[s].into(), l[s].into());
                    self.put(extra, n);
                    let (s, n, extra) = distance_symbol(distance);
                    self.put(dc[s].into(), d[s].into());
                    self.put(extra, n);
                    for _ in 0..length {
                        // A match with too large a distance is written anyway.
                        let at = self.plain.len().wrapping_sub(distance);
                        self.plain.push(self.plain.get(at).copied().unwrap_or(0));
                    }
                }
            }
        }
        self.put(lc[256].into(), l[256].into());
    }

    /// Random tokens that are valid at this position of the member.
    pub fn random_tokens(&self, random: &mut Random, n: usize) -> Vec<Token> {
        let mut have = self.plain.len() - self.member;
        let style = random.below(5);
        let text = random.text(n);
        (0..n)
            .map(|i| {
                let reach = have.min(32768);
                let a_match = match style {
                    0 => false,
                    1 => !random.one_in(8),
                    2 => random.one_in(40),
                    _ => random.one_in(5),
                };
                if a_match && reach > 0 {
                    let length = match random.below(6) {
                        0 => 258,
                        1 => 3 + random.below(256),
                        _ => 3 + random.below(12),
                    };
                    let distance = match random.below(6) {
                        0 => reach,
                        1 => 1,
                        2 => 1 + random.below(reach.min(20)),
                        _ => 1 + random.below(reach),
                    };
                    have += length;
                    Token::Match(length, distance)
                } else {
                    have += 1;
                    Token::Literal(text[i])
                }
            })
            .collect()
    }

    /// A random block.
    pub fn random_block(&mut self, random: &mut Random, last: bool, size: usize) {
        match random.below(10) {
            0 => {
                let n = random.below(size * 2).min(65535);
                let bytes = match random.below(3) {
                    0 => random.bytes(n),
                    1 => random.text(n),
                    // It looks like the start of a block because it is one.
                    _ => {
                        let mut inner = Writer::default();
                        while inner.bytes.len() < n {
                            let t = inner.random_tokens(random, size / 4);
                            inner.dynamic(random, &t, false);
                        }
                        inner.bytes.truncate(n);
                        inner.bytes
                    }
                };
                self.stored(&bytes, last);
            }
            1 => self.stored(&[], last),
            2 => {
                let n = random.below(size);
                let t = self.random_tokens(random, n);
                self.fixed(&t, last);
            }
            3 => self.fixed(&[], last),
            4 => self.dynamic(random, &[], last),
            _ => {
                let n = random.below(size);
                let t = self.random_tokens(random, n);
                self.dynamic(random, &t, last);
            }
        }
    }

    /// A random member of `blocks` blocks.
    pub fn random_member(&mut self, random: &mut Random, blocks: usize, size: usize) {
        let flags = if random.one_in(3) { (random.next() & 0x1f) as u8 } else { 0 };
        self.header(random, flags);
        for i in 0..blocks {
            self.random_block(random, i + 1 == blocks, size);
        }
        self.trailer();
    }
}
