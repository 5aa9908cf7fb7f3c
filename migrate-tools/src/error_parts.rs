//! What the errors of the developer's crates have in common: a kind and a source.

use std::error::Error as StdError;

/// The content of an error.
pub struct ErrorParts<K> {
    /// What happened.
    pub kind: K,
    /// The error of the system or the database, if that is the reason.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl<K> ErrorParts<K> {
    /// The source as an error returns it.
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Implements how an error is made and printed, for `struct Error(Box<ErrorParts<Kind>>)`.
#[doc(hidden)]
#[macro_export]
macro_rules! explained_error {
    ($error:ident, $kind:ident) => {
        impl $error {
            pub(crate) fn with_source(
                kind: $kind,
                source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
            ) -> $error {
                let source = Some(source.into());
                $error(Box::new($crate::ErrorParts { kind, source }))
            }

            /// What happened and what to do, without the message of the system or the
            /// database, and on several lines if it is about several things.
            pub fn message(&self) -> String {
                migrate_runtime::__private::error::message(self)
            }
        }

        impl From<$kind> for $error {
            fn from(kind: $kind) -> $error {
                let source = None;
                $error(Box::new($crate::ErrorParts { kind, source }))
            }
        }

        impl std::fmt::Display for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                migrate_runtime::__private::error::display(self, f)
            }
        }

        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                migrate_runtime::__private::error::debug(self, f)
            }
        }
    };
}
