//! Private servers that are crashed.
