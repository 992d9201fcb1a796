//! A small seeded generator: the same cases on every machine.

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// True once in `n`.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }

    /// Something like JSON: repetitive, with numbers.
    pub fn text(&mut self, n: usize) -> Vec<u8> {
        const WORDS: [&str; 12] = [
            "service",
            "node",
            "\"ID\":",
            "web",
            "consul",
            "{\"Key\":",
            "},",
            "dc1",
            " ",
            "health",
            "passing",
            "\n",
        ];
        let mut out = Vec::with_capacity(n + 16);
        while out.len() < n {
            match self.below(5) {
                0 => out.extend(self.below(100_000).to_string().bytes()),
                1 => out.push(self.next() as u8 & 0x7f),
                _ => out.extend(WORDS[self.below(WORDS.len())].bytes()),
            }
        }
        out.truncate(n);
        out
    }
}
