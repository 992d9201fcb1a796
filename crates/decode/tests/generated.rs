//! What is generated is what its tables give.

#[allow(dead_code)]
#[path = "../examples/resource_messages.rs"]
mod resource_messages;

#[test]
fn resource_messages_are_up_to_date() {
    let made = resource_messages::generate();
    let kept = include_str!("../src/generated/resources.rs");
    assert!(
        made == kept,
        "run `cargo run -p snapscope-decode --example resource_messages > \
         crates/decode/src/generated/resources.rs`"
    );
}
