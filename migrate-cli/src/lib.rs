//! The command line of the migrations, for the command `migrate` and for a
//! service's own binary.
