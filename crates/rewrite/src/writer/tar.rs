//! The blocks of a tar archive, as servers write them.

/// The archive's members.
pub(super) const META: &str = "meta.json";
pub(super) const STATE: &str = "state.bin";
pub(super) const SUMS: &str = "SHA256SUMS";

pub(super) const BLOCK: usize = 512;

/// Exactly two zero blocks: Consul refuses a file with more.
pub(super) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// Larger sizes do not fit into the octal digits of ustar.
const OCTAL_LIMIT: u64 = 1 << 33;

/// The header of a member: a regular file, mode 0600, without an owner.
pub(super) fn header(name: &str, size: u64, mtime: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(field) = block.get_mut(at..at + bytes.len()) {
            field.copy_from_slice(bytes);
        }
    };
    put(0, name.as_bytes());
    put(100, b"0000600");
    put(108, b"0000000");
    put(116, b"0000000");
    if size < OCTAL_LIMIT {
        put(124, format!("{size:011o}").as_bytes());
        put(257, b"ustar\x0000");
        put(329, b"0000000");
        put(337, b"0000000");
    } else {
        // As GNU tar writes it: a number in base 256, which needs no other header.
        put(124, &[0x80]);
        put(128, &size.to_be_bytes());
        put(257, b"ustar  \0");
    }
    put(136, format!("{:011o}", mtime.min(OCTAL_LIMIT - 1)).as_bytes());
    put(148, b"        ");
    put(156, b"0");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    if let Some(field) = block.get_mut(148..156) {
        field.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    block
}

/// The zero bytes that pad data of this size to a whole block.
pub(super) fn padding(size: u64) -> &'static [u8] {
    static ZEROS: [u8; BLOCK] = [0; BLOCK];
    let used = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    match used {
        0 => &[],
        _ => ZEROS.get(used..).unwrap_or(&[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_testkit::archive::tar_header;

    #[test]
    fn small_headers_are_those_of_servers() {
        for size in [0, 1, 512, OCTAL_LIMIT - 1] {
            let mtime = 1_795_403_400;
            assert_eq!(header(STATE, size, mtime).to_vec(), tar_header(STATE, size, mtime));
        }
        assert_eq!([padding(0).len(), padding(512).len(), padding(513).len()], [0, 0, 511]);
    }

    #[test]
    fn tar_reads_the_size_of_a_large_member() {
        for size in [OCTAL_LIMIT, OCTAL_LIMIT + 1, 1 << 40] {
            let block = header(STATE, size, 7);
            let header = tar::Header::from_byte_slice(&block);
            assert_eq!(header.size().unwrap(), size);
            assert_eq!(header.path().unwrap().to_str(), Some(STATE));
            let sum: u32 = (0u32..512)
                .map(|at| if (148..156).contains(&at) { 32 } else { u32::from(block[at as usize]) })
                .sum();
            assert_eq!(header.cksum().unwrap(), sum);
        }
    }
}
