//! How reports name the registry's file: from the root of the repository that it lies in, for that is what code-scanning
//! services know. A folder of this machine is in no report.

use std::path::Path;

/// What marks the root of a repository: a folder, or in a work tree a file.
const REPOSITORY: &str = ".git";

/// `path` from the root of its repository, with `/` between folders; its name alone when it lies in none.
pub(crate) fn place(path: &Path) -> String {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let root = whole.ancestors().skip(1).find(|folder| folder.join(REPOSITORY).exists());
    let below = root.and_then(|root| whole.strip_prefix(root).ok());
    let shown = below.or_else(|| whole.file_name().map(Path::new)).unwrap_or(&whole);
    let parts: Vec<_> = shown.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_in_a_repository_is_named_from_its_root() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("drift/tilsyn");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::create_dir(folder.path().join(REPOSITORY)).unwrap();
        std::fs::write(inner.join("cprvagt.toml"), "").unwrap();
        assert_eq!(place(&inner.join("../tilsyn/cprvagt.toml")), "drift/tilsyn/cprvagt.toml");
    }

    #[test]
    fn elsewhere_no_folder_of_the_machine_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cprvagt.toml");
        std::fs::write(&path, "").unwrap();
        assert_eq!(place(&path), "cprvagt.toml");
        assert_eq!(place(Path::new("/no/such/register.toml")), "register.toml");
    }
}
