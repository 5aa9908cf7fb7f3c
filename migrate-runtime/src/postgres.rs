//! The PostgreSQL engine.

mod blocking;
mod connector;
mod options;
#[cfg(feature = "rustls")]
mod tls;

pub use blocking::Blocking;
pub use connector::Connector;
pub(crate) use options::Own;
