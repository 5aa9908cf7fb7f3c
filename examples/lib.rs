//! The examples are targets of their own; this library is empty.
