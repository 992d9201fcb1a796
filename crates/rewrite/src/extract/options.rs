//! Options: what to keep.

use super::parts::Choice;
use snapscope_decode::Kind;
use snapscope_objects::filter::{Filter, FilterError, RecordFilter};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds::by_name;

/// What to keep of a snapshot. The default keeps everything.
#[derive(Debug, Default)]
pub struct ExtractOptions {
    /// Keep only these; everything if empty.
    pub only: Vec<Choice>,
    /// Leave these out. Takes precedence over `only`.
    pub drop: Vec<Choice>,
    /// Keep only keys that start with one of these; all if empty.
    pub kv_prefixes: Vec<Vec<u8>>,
    /// Leave out keys that start with one of these.
    pub drop_kv_prefixes: Vec<Vec<u8>>,
    /// Of some types, keep only objects that match an expression.
    pub filters: Vec<TypeFilter>,
    /// Keys that start with the first text get the second instead; the first match counts.
    pub renames: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether to keep objects that kept ones refer to.
    pub with_deps: bool,
}

/// An expression about the objects of one type.
#[derive(Debug)]
pub struct TypeFilter(pub(super) Test);

/// The subject of an expression.
#[derive(Debug)]
pub(super) enum Test {
    /// Rows, as `list` shows them.
    Rows(&'static ObjectKind, Filter),
    /// Records, as `decode` shows them.
    Records(Kind, RecordFilter),
}

/// An unusable expression.
#[derive(Debug, thiserror::Error)]
pub enum TypeFilterError {
    /// The type is unknown.
    #[error(
        "unknown type {0:?}; use a type of `snapscope list --help` or a record type of `snapscope decode`"
    )]
    Unknown(String),
    /// Its objects combine records of several types.
    #[error(
        "cannot filter {name:?}: its objects combine several records; filter {instead} instead"
    )]
    Joined {
        /// The type.
        name: &'static str,
        /// Types to filter instead.
        instead: &'static str,
    },
    /// The expression is not valid for this type.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

impl TypeFilter {
    /// Compiles an expression about a type, named as in lists or as a record type.
    ///
    /// # Errors
    /// If the type is unknown, or the expression is not valid for it.
    pub fn compile(name: &str, expression: &str) -> Result<Self, TypeFilterError> {
        if let Some(kind) = by_name(name) {
            let joined = |instead| Err(TypeFilterError::Joined { name: kind.name, instead });
            return match kind.id {
                KindId::Locks => joined("\"kv\" or \"sessions\""),
                KindId::Intentions => joined("\"config-entries\" or \"Intention\""),
                KindId::Indexes => joined("the objects they are about"),
                _ => Ok(Self(Test::Rows(kind, Filter::compile(expression, &kind.shape())?))),
            };
        }
        match Kind::by_name(name) {
            Some(kind) if kind != Kind::INDEX => {
                let filter = RecordFilter::compile(expression, Some(&[kind]))?;
                Ok(Self(Test::Records(kind, filter)))
            }
            _ => Err(TypeFilterError::Unknown(name.to_owned())),
        }
    }

    /// Whether it applies to records of this type.
    pub(super) fn is_about(&self, kind: Kind) -> bool {
        match &self.0 {
            Test::Rows(rows, _) => rows.from.contains(&kind),
            Test::Records(own, _) => *own == kind,
        }
    }
}

impl ExtractOptions {
    /// Whether the selection may leave out some, but not all records of a type.
    pub(super) fn splits(&self, kind: Kind) -> bool {
        let keys = matches!(kind, Kind::KVS | Kind::TOMBSTONE);
        self.only.iter().chain(&self.drop).any(|choice| choice.splits(kind))
            || self.filters.iter().any(|filter| filter.is_about(kind))
            || keys && !(self.kv_prefixes.is_empty() && self.drop_kv_prefixes.is_empty())
    }

    /// Whether the selection leaves out all records of a type.
    pub(super) fn excludes(&self, kind: Kind) -> bool {
        let has_all = |choice: &Choice| choice.has_kind(kind) && !choice.splits(kind);
        self.drop.iter().any(has_all)
            || !self.only.is_empty() && !self.only.iter().any(|choice| choice.has_kind(kind))
    }

    /// Whether every record is kept unchanged.
    pub(super) fn is_everything(&self) -> bool {
        self.only.is_empty()
            && self.drop.is_empty()
            && self.kv_prefixes.is_empty()
            && self.drop_kv_prefixes.is_empty()
            && self.filters.is_empty()
            && self.renames.is_empty()
    }

    /// The new name of a key, if it is renamed.
    pub(super) fn renamed(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.renames.iter().find_map(|(old, new)| {
            let rest = key.strip_prefix(old.as_slice())?;
            Some([new.as_slice(), rest].concat())
        })
    }
}
