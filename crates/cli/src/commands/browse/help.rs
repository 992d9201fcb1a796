//! The help: all keys.

/// The help, one item a line. Lines that end with a colon are headings.
pub(super) const HELP: &[&str] = &[
    "Move:",
    "  Up Down k j        one line",
    "  PgUp PgDn Space    one screen",
    "  Home End g G       first, last line",
    "  Enter Right l      open the chosen line",
    "  Esc Left h         back; gives up what is being read",
    "",
    "Find:",
    "  /                  search in all columns; n next, N previous",
    "  f                  filter objects: Consul's filter language;",
    "                     an empty filter shows all again",
    "  s                  keys by size, by name again",
    "",
    "An object:",
    "  v                  show and hide secrets and values",
    "  Tab                JSON, text, hex",
    "",
    "Ask:",
    "  w                  who can read, write, ... the chosen object",
    "  a                  audit: what is wrong in the snapshot",
    "",
    "  ?                  this help",
    "  q Ctrl-C           quit",
];
