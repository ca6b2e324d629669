//! Where this user's programs keep their data, and our folder there.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::fault::Fault;

/// Our folder within the user's.
const FOLDER: &str = "cprvagt";

/// Our folder; it need not be there yet.
pub(crate) fn ours() -> Result<PathBuf, Fault> {
    let folder = data_folder(|name| std::env::var_os(name));
    let unknown =
        || Fault::new("it cannot be told where your data is kept", "set HOME, or XDG_DATA_HOME to an absolute path");
    Ok(folder.ok_or_else(unknown)?.join(FOLDER))
}

/// The folder where this user's programs keep their data, as the system has it.
fn data_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // A relative one counts as none (XDG Base Directory Specification).
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("HOME").map(|home| home.join(".local/share"))
    };
    folder("XDG_DATA_HOME").or(own)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[track_caller]
    fn case(variables: &[(&str, &str)], expected: Option<&str>) {
        let variable =
            |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| OsString::from(value));
        assert_eq!(data_folder(variable).as_deref(), expected.map(Path::new));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn data_is_kept_where_the_user_says_else_at_home() {
        case(&[("HOME", "/home/u"), ("XDG_DATA_HOME", "/data")], Some("/data"));
        case(&[("HOME", "/home/u"), ("XDG_DATA_HOME", "data")], Some("/home/u/.local/share"));
        case(&[("HOME", "/home/u")], Some("/home/u/.local/share"));
        case(&[], None);
    }
}
