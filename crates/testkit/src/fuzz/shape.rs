//! Renders any record as Consul's JSON.

use snapscope_decode::frames_of;
use snapscope_objects::json::JsonText;
use snapscope_objects::render::{Options, render_record};

/// Any record of any claimed type is rendered as one value of valid JSON, the same each time.
pub fn shape(data: &[u8]) {
    for frame in frames_of(data).map_while(Result::ok).take(50) {
        for depth in [1, 3, Options::DEPTH] {
            let mut json = JsonText::new();
            let problems =
                render_record(&frame, Options { depth, ..Options::default() }, &mut json);
            let text = json.as_bytes();
            assert!(!text.contains(&b'\n'), "a record is one line");
            if let Err(e) = serde_json::from_slice::<serde::de::IgnoredAny>(text) {
                panic!("{e}: {}", text.escape_ascii());
            }
            let mut again = JsonText::new();
            assert_eq!(
                render_record(&frame, Options { depth, ..Options::default() }, &mut again),
                problems
            );
            assert_eq!(again.as_bytes(), text);
        }
    }
}
