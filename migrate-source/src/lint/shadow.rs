//! The shadow tables, which a virtual table creates for itself.

use super::script::Script;

/// The modules of virtual tables, with the ends of the names of the tables that they create.
const SHADOWS: [(&[&str], &[&str]); 3] = [
    (
        &["fts5"],
        &["_data", "_idx", "_content", "_docsize", "_config"],
    ),
    (
        &["fts3", "fts4"],
        &["_content", "_segments", "_segdir", "_docsize", "_stat"],
    ),
    (
        &["rtree", "rtree_i32", "geopoly"],
        &["_node", "_rowid", "_parent"],
    ),
];

impl Script<'_> {
    /// The virtual table that a shadow table belongs to, and its module.
    pub(crate) fn owner_of_shadow<'t>(
        &self,
        step: usize,
        table: &'t str,
    ) -> Option<(&'t str, &str)> {
        let suffixes = SHADOWS
            .iter()
            .flat_map(|(modules, suffixes)| suffixes.iter().map(move |suffix| (modules, *suffix)));
        let mut owners = suffixes.filter_map(|(modules, suffix)| {
            let owner = table.strip_suffix(suffix)?;
            let module = self.module(step, owner).flatten()?;
            modules.contains(&module).then_some((owner, module))
        });
        // A table that a migration has created is no shadow.
        owners.next().filter(|_| self.module(step, table).is_none())
    }
}
