//! What is to be kept.

use super::parts::Choice;
use snapscope_decode::Kind;
use snapscope_objects::filter::{Filter, FilterError, RecordFilter};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds::by_name;

/// What is to be kept of a snapshot. The default keeps everything.
#[derive(Debug, Default)]
pub struct ExtractOptions {
    /// Keep only these; everything if there are none.
    pub only: Vec<Choice>,
    /// Leave these out. Wins over `only`.
    pub drop: Vec<Choice>,
    /// Of keys keep only those that start with one of these; all if there are none.
    pub kv_prefixes: Vec<Vec<u8>>,
    /// Leave out keys that start with one of these.
    pub drop_kv_prefixes: Vec<Vec<u8>>,
    /// Of some types keep only objects for which an expression holds.
    pub filters: Vec<TypeFilter>,
    /// Keys that start with the first text start with the second one afterwards; the first that fits
    /// counts.
    pub renames: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether what kept objects refer to is kept too.
    pub with_deps: bool,
}

/// An expression about the objects of one type.
#[derive(Debug)]
pub struct TypeFilter(pub(super) Test);

/// What an expression is about.
#[derive(Debug)]
pub(super) enum Test {
    /// Rows, as lists show them.
    Rows(&'static ObjectKind, Filter),
    /// Records, as `decode` shows them.
    Records(Kind, RecordFilter),
}

/// An expression that can't choose what to keep.
#[derive(Debug, thiserror::Error)]
pub enum TypeFilterError {
    /// There is no such type.
    #[error(
        "unknown type {0:?}; use a type of `snapscope list --help` or a record type of `snapscope decode`"
    )]
    Unknown(String),
    /// Its objects are made of records of several types.
    #[error(
        "{name:?} cannot be filtered: its objects are made of several records; filter {instead} instead"
    )]
    Joined {
        /// The type.
        name: &'static str,
        /// Types to filter instead.
        instead: &'static str,
    },
    /// It is no expression about this type.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

impl TypeFilter {
    /// Compiles an expression about a type, named as in lists or as a record type.
    ///
    /// # Errors
    /// When there is no such type, or the expression doesn't fit it.
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

    /// Whether it chooses among records of this type.
    pub(super) fn is_about(&self, kind: Kind) -> bool {
        match &self.0 {
            Test::Rows(rows, _) => rows.from.contains(&kind),
            Test::Records(own, _) => *own == kind,
        }
    }
}

impl ExtractOptions {
    /// Whether some, but not all records of a type may be left out by what is said of it alone.
    pub(super) fn splits(&self, kind: Kind) -> bool {
        let keys = matches!(kind, Kind::KVS | Kind::TOMBSTONE);
        self.only.iter().chain(&self.drop).any(|choice| choice.splits(kind))
            || self.filters.iter().any(|filter| filter.is_about(kind))
            || keys && !(self.kv_prefixes.is_empty() && self.drop_kv_prefixes.is_empty())
    }

    /// Whether all records of a type are left out by what is said of it alone.
    pub(super) fn excludes(&self, kind: Kind) -> bool {
        let has_all = |choice: &Choice| choice.has_kind(kind) && !choice.splits(kind);
        self.drop.iter().any(has_all)
            || !self.only.is_empty() && !self.only.iter().any(|choice| choice.has_kind(kind))
    }

    /// Whether every record is kept as it is.
    pub(super) fn is_everything(&self) -> bool {
        self.only.is_empty()
            && self.drop.is_empty()
            && self.kv_prefixes.is_empty()
            && self.drop_kv_prefixes.is_empty()
            && self.filters.is_empty()
            && self.renames.is_empty()
    }

    /// The key that takes the place of another one, if it is to be renamed.
    pub(super) fn renamed(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.renames.iter().find_map(|(old, new)| {
            let rest = key.strip_prefix(old.as_slice())?;
            Some([new.as_slice(), rest].concat())
        })
    }
}
