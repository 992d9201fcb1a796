//! Inflates a file to stdout, or measures: `gunzip [-j N] [-s SEGMENT] [--null] [--sha] FILE`.

#![allow(clippy::print_stderr)]

use sha2::Digest;
use snapscope_inflate::{Options, ParallelGunzip};
use std::error::Error;
use std::io::Write;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut options = Options::default();
    let (mut null, mut sha, mut file) = (false, false, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-j" => options.threads = args.next().ok_or("-j N")?.parse()?,
            "-s" => options.segment = args.next().ok_or("-s BYTES")?.parse()?,
            "-m" => options.memory = args.next().ok_or("-m BYTES")?.parse()?,
            "--null" => null = true,
            "--sha" => sha = true,
            _ => file = Some(arg),
        }
    }
    let begun = Instant::now();
    let file = std::fs::File::open(file.ok_or("no file")?)?;
    let mut reader = ParallelGunzip::open(file, &options)?;
    let mut buffer = vec![0; 1 << 20];
    let mut hasher = sha2::Sha256::new();
    #[allow(clippy::disallowed_methods)] // the bytes as they are, as gunzip prints them
    let mut out = std::io::stdout().lock();
    loop {
        let n = reader.fill(&mut buffer)?;
        if n == 0 {
            break;
        }
        if sha {
            hasher.update(&buffer[..n]);
        }
        if !null {
            out.write_all(&buffer[..n])?;
        }
    }
    let digest = hasher.finalize();
    let took = begun.elapsed().as_secs_f64();
    eprintln!("{:?} {:?} {took:.3} s, sha {:02x?}", reader.path(), reader.summary(), &digest[..4]);
    Ok(())
}
