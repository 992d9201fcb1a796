//! Converts records to the lossless form and back.

use snapscope_decode::frames_of;
use snapscope_objects::json::JsonText;
use snapscope_objects::raw::{encode, render};

/// The JSON of a record gives the same bytes, at any depth of rendering.
pub fn raw_round_trip(data: &[u8]) {
    for frame in frames_of(data).map_while(Result::ok).take(50) {
        for depth in [1, 2, 100] {
            let mut json = JsonText::new();
            render(&mut frame.cursor(), depth, &mut json).expect("a frame was walked");
            let value = serde_json::from_slice(json.as_bytes())
                .unwrap_or_else(|e| panic!("{e}: {}", json.as_bytes().escape_ascii()));
            let mut back = Vec::new();
            encode(&value, &mut back).expect("what was rendered can be encoded");
            assert!(back == frame.body(), "{}", json.as_bytes().escape_ascii());
        }
    }
}

/// Any JSON is either refused or gives bytes whose JSON gives the same bytes.
pub fn raw_json(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    let mut bytes = vec![200];
    if encode(&value, &mut bytes).is_ok() {
        // A `$msgpack` may contain anything, not only a single value.
        if let Some(Ok(frame)) = frames_of(&bytes).next()
            && frame.bytes.len() == bytes.len()
        {
            raw_round_trip(&bytes);
        }
    }
}
