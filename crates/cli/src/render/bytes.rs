//! Sizes as Consul prints them.

/// A size with one decimal in units of 1024, `.0` dropped: `953.7MB`, `12B`, `0`.
pub(crate) fn byte_size(bytes: u64) -> String {
    let (unit, power) = match bytes {
        0 => return "0".to_owned(),
        n if n >= 1 << 40 => ("TB", 40),
        n if n >= 1 << 30 => ("GB", 30),
        n if n >= 1 << 20 => ("MB", 20),
        n if n >= 1 << 10 => ("KB", 10),
        _ => ("B", 0),
    };
    #[allow(clippy::cast_precision_loss)] // Consul divides floats too
    let text = format!("{:.1}", bytes as f64 / (1u64 << power) as f64);
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_consul_writes_them() {
        for (bytes, text) in [
            (0, "0"),
            (1, "1B"),
            (1023, "1023B"),
            (1024, "1KB"),
            (1075, "1KB"),
            (1076, "1.1KB"),
            (819_943, "800.7KB"),
            (1_048_575, "1024KB"),
            (1 << 20, "1MB"),
            (3 << 40, "3TB"),
            (5000 << 40, "5000TB"),
        ] {
            assert_eq!(byte_size(bytes), text);
        }
    }
}
