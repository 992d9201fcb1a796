//! An inflater written only for simplicity: one bit at a time, straight from RFC 1951 and 1952. It
//! knows the exact position of an error, which no library reports.

use snapscope_inflate::ErrorKind;

pub struct Outcome {
    pub output: Vec<u8>,
    pub members: u64,
    /// Kind and bit of the first error.
    pub error: Option<(ErrorKind, u64)>,
    /// Offset of bytes after the last member that begin no other.
    pub trailing: Option<u64>,
}

struct Stream<'a> {
    data: &'a [u8],
    bit: usize,
    output: Vec<u8>,
    member: usize,
}

type Fault = (ErrorKind, u64);

struct Code {
    count: [u16; 16],
    symbols: Vec<u16>,
}

impl Code {
    fn new(lengths: &[u8]) -> (Self, i32) {
        let mut count = [0; 16];
        for &l in lengths {
            count[l as usize] += 1;
        }
        count[0] = 0;
        let mut left = 1i32;
        for &c in &count[1..] {
            left = (left << 1) - i32::from(c);
            if left < 0 {
                break;
            }
        }
        let mut symbols = Vec::new();
        for l in 1..16 {
            symbols.extend((0..lengths.len() as u16).filter(|&s| lengths[s as usize] == l));
        }
        (Self { count, symbols }, left)
    }

    /// Complete, or what zlib accepts.
    fn acceptable(&self, left: i32) -> bool {
        left == 0
            || self.symbols.is_empty()
            || (left > 0 && self.symbols.len() == 1 && self.count[1] == 1)
    }
}

impl Stream<'_> {
    fn end(&self) -> Fault {
        (ErrorKind::UnexpectedEnd, self.data.len() as u64 * 8)
    }

    fn bits(&mut self, n: usize) -> Result<usize, Fault> {
        if self.bit + n > self.data.len() * 8 {
            return Err(self.end());
        }
        let mut v = 0;
        for i in 0..n {
            let at = self.bit + i;
            v |= usize::from(self.data[at / 8] >> (at % 8) & 1) << i;
        }
        self.bit += n;
        Ok(v)
    }

    fn symbol(&mut self, code: &Code) -> Result<Option<usize>, Fault> {
        let (mut value, mut first, mut index) = (0i32, 0i32, 0i32);
        // An incomplete code leaves one bit unused; without a code every bit is unused.
        let longest = (1..16).rev().find(|&l| code.count[l] > 0).unwrap_or(1);
        for l in 1..=longest {
            value |= self.bits(1)? as i32;
            let count = i32::from(code.count[l]);
            if value - count < first {
                return Ok(Some(code.symbols[(index + value - first) as usize] as usize));
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        Ok(None)
    }

    fn deflate(&mut self) -> Result<(), Fault> {
        loop {
            let at = self.bit as u64;
            let last = self.bits(1)? == 1;
            match self.bits(2)? {
                0 => {
                    self.bit = self.bit.div_ceil(8) * 8;
                    let length = self.bits(16)?;
                    if length ^ self.bits(16)? != 0xffff {
                        return Err((ErrorKind::StoredLength, at));
                    }
                    for _ in 0..length {
                        let b = self.bits(8)?;
                        self.output.push(b as u8);
                    }
                }
                1 => {
                    let mut l = [8u8; 288];
                    l[144..256].fill(9);
                    l[256..280].fill(7);
                    self.block(&Code::new(&l).0, &Code::new(&[5; 32]).0)?;
                }
                2 => {
                    let (l, d) = self.dynamic(at)?;
                    self.block(&l, &d)?;
                }
                _ => return Err((ErrorKind::BlockType, at)),
            }
            if last {
                return Ok(());
            }
        }
    }

    fn dynamic(&mut self, at: u64) -> Result<(Code, Code), Fault> {
        let bad = |kind| Err((kind, at));
        let (l, d, c) = (self.bits(5)? + 257, self.bits(5)? + 1, self.bits(4)? + 4);
        if l > 286 || d > 30 {
            return bad(ErrorKind::TooManyCodes);
        }
        let mut lengths = [0u8; 19];
        for s in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].iter().take(c) {
            lengths[*s] = self.bits(3)? as u8;
        }
        let (code, left) = Code::new(&lengths);
        if left != 0 {
            return bad(ErrorKind::CodeLengthCode);
        }
        let mut all = Vec::new();
        while all.len() < l + d {
            let symbol = self.symbol(&code)?.unwrap();
            let (value, n) = match symbol {
                16 => (all.last().copied(), self.bits(2)? + 3),
                17 => (Some(0), self.bits(3)? + 3),
                18 => (Some(0), self.bits(7)? + 11),
                s => (Some(s as u8), 1),
            };
            match value {
                Some(v) if all.len() + n <= l + d => all.resize(all.len() + n, v),
                _ => return bad(ErrorKind::CodeLengthRepeat),
            }
        }
        if all[256] == 0 {
            return bad(ErrorKind::NoEndOfBlock);
        }
        let (literal, left) = Code::new(&all[..l]);
        if !literal.acceptable(left) {
            return bad(ErrorKind::LiteralCode);
        }
        let (distance, left) = Code::new(&all[l..]);
        if !distance.acceptable(left) {
            return bad(ErrorKind::DistanceCode);
        }
        Ok((literal, distance))
    }

    fn block(&mut self, literal: &Code, distance: &Code) -> Result<(), Fault> {
        loop {
            let at = self.bit as u64;
            let symbol = match self.symbol(literal)? {
                Some(s) if s < 286 => s,
                _ => return Err((ErrorKind::LiteralSymbol, at)),
            };
            if symbol < 256 {
                self.output.push(symbol as u8);
                continue;
            }
            if symbol == 256 {
                return Ok(());
            }
            let length = match symbol - 257 {
                28 => 258,
                s if s < 8 => s + 3,
                s => {
                    let extra = s / 4 - 1;
                    ((4 + s % 4) << extra) + 3 + self.bits(extra)?
                }
            };
            let back = match self.symbol(distance)? {
                Some(d) if d < 30 => d,
                _ => return Err((ErrorKind::DistanceSymbol, at)),
            };
            let back = match back {
                d if d < 4 => d + 1,
                d => {
                    let extra = d / 2 - 1;
                    ((2 + d % 2) << extra) + 1 + self.bits(extra)?
                }
            };
            if back > self.output.len() - self.member {
                return Err((ErrorKind::DistanceTooFar, at));
            }
            for _ in 0..length {
                self.output.push(self.output[self.output.len() - back]);
            }
        }
    }

    fn header(&mut self) -> Result<(), Fault> {
        let start = self.bit;
        if self.bits(16)? != 0x8b1f {
            return Err((ErrorKind::NotGzip, start as u64));
        }
        let method = self.bits(8)?;
        if method != 8 {
            return Err((ErrorKind::UnknownMethod(method as u8), start as u64 + 16));
        }
        let flags = self.bits(8)?;
        if flags & 0xe0 != 0 {
            return Err((ErrorKind::ReservedFlags(flags as u8), start as u64 + 24));
        }
        self.bits(32)?;
        self.bits(16)?;
        if flags & 4 != 0 {
            for _ in 0..self.bits(16)? {
                self.bits(8)?;
            }
        }
        for flag in [8, 16] {
            while flags & flag != 0 && self.bits(8)? != 0 {}
        }
        if flags & 2 != 0 {
            let at = self.bit;
            let computed = crc(&self.data[start / 8..at / 8]) as u16;
            let stored = self.bits(16)? as u16;
            if stored != computed {
                return Err((ErrorKind::HeaderChecksum { stored, computed }, at as u64));
            }
        }
        Ok(())
    }

    fn member(&mut self) -> Result<(), Fault> {
        self.header()?;
        self.member = self.output.len();
        self.deflate()?;
        self.bit = self.bit.div_ceil(8) * 8;
        let at = self.bit as u64;
        let stored = (self.bits(32)? as u32, self.bits(32)? as u32);
        let bytes = &self.output[self.member..];
        let (c, n) = (crc(bytes), bytes.len() as u32);
        if stored.0 != c {
            return Err((ErrorKind::Checksum { stored: stored.0, computed: c }, at));
        }
        if stored.1 != n {
            return Err((ErrorKind::Length { stored: stored.1, computed: n }, at + 32));
        }
        Ok(())
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut c = flate2::Crc::new();
    c.update(bytes);
    c.sum()
}

/// Inflates a whole gzip file, wrong checksums reported as the first error.
pub fn gunzip(data: &[u8]) -> Outcome {
    let mut s = Stream { data, bit: 0, output: Vec::new(), member: 0 };
    let (mut members, mut error, mut trailing) = (0, None, None);
    loop {
        let at = s.bit / 8;
        if members > 0 && !data[at..].starts_with(&[0x1f, 0x8b]) {
            if at < data.len() {
                trailing = Some(at as u64);
            }
            break;
        }
        if let Err(e) = s.member() {
            error = Some(e);
            break;
        }
        members += 1;
    }
    Outcome { output: s.output, members, error, trailing }
}
