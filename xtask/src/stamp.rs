//! Work that is skipped when nothing it depends on has changed.
//!
//! A stamp is a file beside the result that holds a hash of every input. It lies beside the result, not in the target
//! folder, so that a result and its stamp can only be lost together.

use crate::workspace;
use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The inputs of one piece of work.
pub(crate) struct Stamp {
    file: PathBuf,
    inputs: String,
}

impl Stamp {
    /// Hashes the files and folders in `inputs`, and `context`: what else decides the result, such as a version.
    ///
    /// The hash only has to notice change, not to resist an attacker.
    pub(crate) fn of(file: PathBuf, inputs: &[PathBuf], context: &str) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        context.hash(&mut hasher);
        for input in inputs {
            hash_path(input, &mut hasher)?;
        }
        Ok(Self {
            file,
            inputs: format!("{:016x}\n", hasher.finish()),
        })
    }

    /// Whether the work was done on exactly these inputs.
    pub(crate) fn is_current(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|written| written == self.inputs)
    }

    /// Says that the result is about to be replaced: what an interrupted run leaves must not look current.
    pub(crate) fn clear(&self) -> Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.file.display()))
            }
            _ => Ok(()),
        }
    }

    /// Says that the result was made from these inputs.
    pub(crate) fn set(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        fs::write(&self.file, &self.inputs).with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let named = path.strip_prefix(workspace::root()).unwrap_or(path);
    if !path.exists() {
        (named, "absent").hash(hasher);
        return Ok(());
    }
    if path.is_dir() {
        for entry in sorted_entries(path)? {
            hash_path(&entry, hasher)?;
        }
        return Ok(());
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    (named, bytes).hash(hasher);
    Ok(())
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect()
    };
    let mut entries = read().with_context(|| format!("cannot list {}", folder.display()))?;
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_current_until_an_input_changes() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("input");
        let stamp = |context: &str| {
            Stamp::of(
                folder.path().join("stamp"),
                &[input.join("a"), input.join("nothing")],
                context,
            )
            .unwrap()
        };
        fs::create_dir_all(input.join("a/b")).unwrap();
        fs::write(input.join("a/b/file"), "1").unwrap();

        assert!(!stamp("v1").is_current());
        stamp("v1").set().unwrap();
        assert!(stamp("v1").is_current());
        assert!(!stamp("v2").is_current());

        fs::write(input.join("a/b/file"), "2").unwrap();
        assert!(!stamp("v1").is_current());
        fs::write(input.join("a/b/file"), "1").unwrap();
        assert!(stamp("v1").is_current());
        fs::write(input.join("nothing"), "").unwrap();
        assert!(!stamp("v1").is_current());
    }
}
