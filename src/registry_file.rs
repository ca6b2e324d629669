//! Finds and reads the registry.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use model::Registry;

use crate::fault::Fault;
use crate::own_words::{masked, without_numbers};
use crate::registry_place::place;

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
    path(named).map(|path| read(&path).map(|registry| RegistryFile { path, registry })).transpose()
}

/// Where the registry is: as named, else the nearest [`FILE_NAME`].
pub(crate) fn path(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(nearest)
}

/// A registry as written.
pub(crate) fn text(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    std::fs::read_to_string(path).with_context(|| {
        let help =
            "name the registry with --registry, begin one with `cprvagt registry init`, or audit a URL without one";
        Fault::new(format!("cannot read {name}"), help)
    })
}

fn nearest() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

fn read(path: &Path) -> anyhow::Result<Registry> {
    let name = path.display();
    let placed = |mut registry: Registry| {
        let file = without_numbers(&place(path));
        registry.systems.iter_mut().for_each(|system| system.file = Some(file.clone()));
        registry
    };
    Registry::parse(&text(path)?).map(masked).map(placed).map_err(|error| {
        let help = error.help.clone().unwrap_or_else(|| "`cprvagt registry check` tells all that is wrong".to_owned());
        Fault::new(format!("cannot read {name}: {error}"), help).into()
    })
}
