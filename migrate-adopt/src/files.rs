//! Converting the migrations directories of other tools.
//!
//! [`read_source`] reads the old migrations, in the order and with the versions
//! of their tool. [`convert`] makes our migrations from them, without writing
//! anything: the result lists each change to the SQL with its reason, and prints
//! it. [`write()`] writes the result to disk. A directory of programs cannot be
//! converted; [`squash()`] turns the schema that they created into a migration.
//!
//! ```
//! use migrate_adopt::Tool;
//! use migrate_adopt::files::{Options, convert, read_source, write};
//!
//! let folder = tempfile::tempdir()?;
//! let old = folder.path().join("old");
//! std::fs::create_dir(&old)?;
//! std::fs::write(old.join("V1__Users.sql"), "BEGIN;\nCREATE TABLE users(id);\nCOMMIT;\n")?;
//!
//! let source = read_source(Tool::Refinery, &old)?;
//! let conversion = convert(&source, &Options::default())?;
//! println!("{conversion}");
//! assert_eq!(conversion.files[0].path, "001_users.sql");
//! assert_eq!(
//!     conversion.files[0].text,
//!     "-- migrate: adopted refinery \"1\"\n\
//!      -- migrate: irreversible \"it had no down when it was adopted from refinery\"\n\
//!      CREATE TABLE users(id);\n",
//! );
//! write(&conversion, &folder.path().join("migrations"))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clean;
mod conversion;
mod convert;
mod disk;
mod edit;
mod error;
mod layout;
mod section;
mod source;
mod squash;
mod statement;
mod tracking;
mod write;

pub use conversion::{Change, Conversion, NewFile};
pub use convert::{Options, convert};
pub use error::Error;
pub use source::{Source, read_originals, read_source};
pub use squash::{Squash, squash};
pub use write::{is_cut_off, write};
