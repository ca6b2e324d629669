//! Finds and reads the registry.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use model::Registry;

use crate::fault::Fault;
use crate::own_words::masked;

/// The file looked for, here and in the folders above.
pub(crate) const FILE_NAME: &str = "cprvagt.toml";

/// A registry and where it came from.
#[derive(Debug)]
pub(crate) struct RegistryFile {
    pub(crate) path: PathBuf,
    pub(crate) registry: Registry,
}

/// Reads the registry that is named, else the nearest [`FILE_NAME`], if there is one.
pub(crate) fn find(named: Option<&Path>) -> anyhow::Result<Option<RegistryFile>> {
    let path = path(named);
    path.map(|path| read(&path).map(|registry| RegistryFile { path, registry })).transpose()
}

/// Where the registry is: as named, or the nearest.
pub(crate) fn path(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(nearest)
}

fn nearest() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

fn read(path: &Path) -> anyhow::Result<Registry> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| {
        Fault::new(format!("cannot read {name}"), "name the registry with --registry, or audit a URL without one")
    })?;
    Registry::parse(&text).map(masked).map_err(|error| {
        let help =
            error.help.clone().unwrap_or_else(|| "see the commented registry that `cprvagt demo` writes".to_owned());
        Fault::new(format!("cannot read {name}: {error}"), help).into()
    })
}
