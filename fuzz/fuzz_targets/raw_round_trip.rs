#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| snapscope_testkit::fuzz::raw_round_trip(data));
