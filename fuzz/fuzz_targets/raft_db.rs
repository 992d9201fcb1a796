#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| snapscope_testkit::fuzz::raft_db(data));
