//! A folder that remembers what it was made from.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

pub(super) struct Stamp {
    file: PathBuf,
    origin: String,
}

impl Stamp {
    /// The stamp of `folder`, were it made from `origin`.
    pub(super) fn of(folder: &Path, origin: String) -> Self {
        Self { file: folder.join(".made-from"), origin }
    }

    /// Whether the folder was made from exactly that.
    pub(super) fn holds(&self) -> bool {
        std::fs::read_to_string(&self.file).is_ok_and(|origin| origin == self.origin)
    }

    /// Sets it; to be called when the folder is complete.
    pub(super) fn set(&self) -> Result<(), Failure> {
        std::fs::write(&self.file, &self.origin).map_err(Failure::at(&self.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_for_the_same_origin_only() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!Stamp::of(folder.path(), "one".to_owned()).holds());
        Stamp::of(folder.path(), "one".to_owned()).set().unwrap();
        assert!(Stamp::of(folder.path(), "one".to_owned()).holds());
        assert!(!Stamp::of(folder.path(), "two".to_owned()).holds());
    }
}
