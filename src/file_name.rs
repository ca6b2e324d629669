//! The last part of a path, as a name.

use std::path::Path;

/// The name of a file or folder, without where it is; what is no text in it as U+FFFD. A path without one is its own.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
