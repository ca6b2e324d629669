//! A person's own profile: only its cookies are taken, by a browser on a copy of what holds them. The profile itself is
//! never written, and nothing else of it comes near a crawl.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::{BrowserSettings, odd_answer};
use crate::chromium::{Chromium, Purpose, no_folder};
use crate::devtools::DevTools;
use crate::{BrowserError, SessionCookies, find_browser};

/// What holds cookies, in any version of the browser; their key may be in the first.
const FILES: [&str; 4] = ["Cookies", "Cookies-journal", "Network/Cookies", "Network/Cookies-journal"];

/// The file beside the profiles that says how cookies are encrypted.
const LOCAL_STATE: &str = "Local State";

/// Present while a browser uses the profile: a link that names its process.
const LOCK: &str = "SingletonLock";

/// The cookies of the Chromium profile in `folder`: a folder of profiles, of which `Default` is taken, or a profile.
///
/// The browser that made it must have ended, since it writes cookies late.
pub fn cookies_of_profile(settings: &BrowserSettings, folder: &Path) -> Result<SessionCookies, BrowserError> {
    let not_one = |reason: &'static str| BrowserError::NoProfile { folder: folder.to_owned(), reason };
    let profile = [folder.join("Default"), folder.to_owned()].into_iter().find(|profile| holds_cookies(profile));
    let profile = profile.ok_or_else(|| not_one("it holds no cookies of Chromium or Chrome"))?;
    let above = profile.parent().unwrap_or(folder);
    if is_in_use(above) {
        return Err(not_one("a browser is using it"));
    }
    let program = settings.executable.clone().or_else(find_browser).ok_or(BrowserError::NotFound)?;
    let temporary = std::env::temp_dir();
    let copy = TempDir::with_prefix_in("cprvagt-browser-", &temporary).map_err(|error| no_folder(&temporary, error))?;
    copy_cookies(&profile, above, copy.path()).map_err(|error| no_folder(copy.path(), error))?;
    let browser = Chromium::start(&program, &[], copy.path(), Purpose::Cookies)?;
    let devtools = DevTools::connect(browser.endpoint())?;
    let method = "Storage.getCookies";
    let answer = devtools.call(None, method, &json!({}))?;
    let told = answer.get("cookies").and_then(Value::as_array).ok_or_else(|| odd_answer(method))?;
    Ok(SessionCookies::told(told))
}

fn holds_cookies(profile: &Path) -> bool {
    FILES.iter().filter(|name| !name.ends_with("journal")).any(|name| profile.join(name).is_file())
}

/// Whether the process that the lock names, as `machine-number`, is there.
fn is_in_use(folder: &Path) -> bool {
    let named = fs::read_link(folder.join(LOCK)).ok();
    let process = named.as_ref().and_then(|named| named.to_str()?.rsplit_once('-')).map(|(_, process)| process);
    process.is_some_and(|process| Path::new("/proc").join(process).exists())
}

fn copy_cookies(profile: &Path, above: &Path, copy: &Path) -> io::Result<()> {
    let into: PathBuf = copy.join("Default");
    fs::create_dir_all(into.join("Network"))?;
    for name in FILES {
        if profile.join(name).is_file() {
            fs::copy(profile.join(name), into.join(name))?;
        }
    }
    if above.join(LOCAL_STATE).is_file() {
        fs::copy(above.join(LOCAL_STATE), copy.join(LOCAL_STATE))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_cookies_is_no_profile() {
        let folder = tempfile::tempdir().unwrap();
        let settings = BrowserSettings { executable: Some("/bin/true".into()), ..BrowserSettings::default() };
        let error = cookies_of_profile(&settings, folder.path()).unwrap_err();
        assert!(matches!(error, BrowserError::NoProfile { .. }) && error.help().contains("user-data"), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_profile_in_use_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("Default")).unwrap();
        fs::write(folder.path().join("Default/Cookies"), "").unwrap();
        let lock = folder.path().join(LOCK);
        std::os::unix::fs::symlink(format!("machine-{}", std::process::id()), &lock).unwrap();
        let error = cookies_of_profile(&BrowserSettings::default(), folder.path()).unwrap_err();
        assert!(error.to_string().contains("a browser is using it"), "{error}");
        assert!(!is_in_use(&folder.path().join("Default")));
    }
}
