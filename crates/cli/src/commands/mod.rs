//! One file per command.

pub(crate) mod breakdown;
pub(crate) mod decode;
pub(crate) mod inspect;
pub(crate) mod top;
