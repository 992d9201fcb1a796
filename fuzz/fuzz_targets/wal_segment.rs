#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| snapscope_testkit::fuzz::wal_segment(data));
