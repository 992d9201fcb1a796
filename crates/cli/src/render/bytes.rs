//! Sizes as Consul prints them.

pub(crate) use snapscope_objects::printable::byte_size;
