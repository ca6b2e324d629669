//! A Firefox behind the proxy. It takes its policies from the folder that its program lies in, so it is given one: links to
//! the installed files, a copy of the program, and policies that add ours to those of the installation.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

/// Names by which suites start a Firefox.
pub(crate) const NAMES: [&str; 2] = ["firefox", "firefox-esr"];

/// What every Firefox has beside its program.
const ARCHIVE: &str = "omni.ja";

/// Where its own policies are, below that folder.
const POLICIES: &str = "distribution/policies.json";

/// Policies of the whole machine, which Firefox takes instead of those of its folder.
pub(crate) const OF_THE_MACHINE: &str = "/etc/firefox/policies/policies.json";

/// Longest file of policies that is read; they have some kilobytes.
const MAX_POLICIES: u64 = 1 << 20;

/// Largest program that is copied: it is a starter of half a megabyte, the rest is a library.
const MAX_PROGRAM: u64 = 64 << 20;

/// What the program `real` is when it is behind the proxy at `port`: made below `folder`. `None` if it is a script or a
/// package of another kind, which may start anything.
pub(crate) fn behind(real: &Path, folder: &Path, port: u16, authority: &Path) -> io::Result<Option<PathBuf>> {
    let real = real.canonicalize()?;
    let (Some(installed), Some(name)) = (real.parent(), real.file_name()) else { return Ok(None) };
    if !installed.join(ARCHIVE).is_file() || real.metadata()?.len() > MAX_PROGRAM {
        return Ok(None);
    }
    std::fs::create_dir_all(folder.join("distribution"))?;
    link_all(installed, folder, &["distribution", name.to_str().unwrap_or_default()])?;
    if installed.join("distribution").is_dir() {
        link_all(&installed.join("distribution"), &folder.join("distribution"), &["policies.json"])?;
    }
    let own = installed.join(POLICIES);
    let known = own.metadata().is_ok_and(|file| file.len() <= MAX_POLICIES).then(|| std::fs::read(&own));
    let known = known.and_then(|bytes| serde_json::from_slice(&bytes.ok()?).ok());
    std::fs::write(folder.join(POLICIES), policies(known, port, authority).to_string())?;
    let program = folder.join(name);
    std::fs::copy(&real, &program)?;
    Ok(Some(program))
}

/// Links to all that is in `from`, but for names that are `left`.
fn link_all(from: &Path, to: &Path, left: &[&str]) -> io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if left.iter().all(|left| name != *left) {
            link(&entry.path(), &to.join(name))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Those that are `known`, with the proxy, our authority, and without what the browser would ask for by itself.
fn policies(known: Option<Value>, port: u16, authority: &Path) -> Value {
    let mut known: Map<String, Value> =
        known.and_then(|value| value.get("policies").and_then(Value::as_object).cloned()).unwrap_or_default();
    let mut certificates = known.remove("Certificates").filter(Value::is_object).unwrap_or_else(|| json!({}));
    let mut install = certificates.get("Install").and_then(Value::as_array).cloned().unwrap_or_default();
    install.push(json!(authority));
    if let Some(certificates) = certificates.as_object_mut() {
        certificates.insert("Install".to_owned(), install.into());
    }
    let mut preferences = known.remove("Preferences").filter(Value::is_object).unwrap_or_else(|| json!({}));
    if let Some(preferences) = preferences.as_object_mut() {
        // Sites on this machine are seen too.
        let name = "network.proxy.allow_hijacking_localhost";
        preferences.insert(name.to_owned(), json!({"Value": true, "Status": "locked"}));
    }
    let ours = json!({
        "Certificates": certificates,
        "Preferences": preferences,
        "Proxy": {"Mode": "manual", "HTTPProxy": format!("127.0.0.1:{port}"), "UseHTTPProxyForAllProtocols": true, "Passthrough": "", "Locked": true},
        "CaptivePortal": false,
        "DisableAppUpdate": true,
        "DisableFirefoxStudies": true,
        "DisableTelemetry": true,
        "ExtensionUpdate": false,
        "NetworkPrediction": false,
        "OverrideFirstRunPage": "",
    });
    known.extend(ours.as_object().cloned().unwrap_or_default());
    json!({"policies": known})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_of_the_installation_stay() {
        let known = json!({"policies": {"Certificates": {"Install": ["/own.pem"], "ImportEnterpriseRoots": true}, "BlockAboutConfig": true}});
        let merged = policies(Some(known), 4711, Path::new("/ca.pem"));
        let merged = &merged["policies"];
        assert_eq!(merged["Certificates"], json!({"Install": ["/own.pem", "/ca.pem"], "ImportEnterpriseRoots": true}));
        assert_eq!(
            (&merged["BlockAboutConfig"], &merged["Proxy"]["HTTPProxy"]),
            (&json!(true), &json!("127.0.0.1:4711"))
        );
    }

    #[test]
    fn policies_that_are_none_are_as_if_there_were_none() {
        let merged = policies(Some(json!([1])), 1, Path::new("/ca.pem"));
        assert_eq!(merged["policies"]["Certificates"]["Install"], json!(["/ca.pem"]));
    }

    #[test]
    #[cfg(unix)]
    fn the_installation_is_linked_and_its_program_copied() {
        let place = tempfile::tempdir().unwrap();
        let (installed, folder) = (place.path().join("installed"), place.path().join("ours"));
        std::fs::create_dir_all(installed.join("distribution")).unwrap();
        for name in ["firefox", "omni.ja", "libxul.so", "distribution/policies.json", "distribution/distribution.ini"] {
            std::fs::write(installed.join(name), "{}").unwrap();
        }
        let made = behind(&installed.join("firefox"), &folder, 1, Path::new("/ca.pem")).unwrap().unwrap();
        assert_eq!(made, folder.join("firefox"));
        assert!(!made.is_symlink() && folder.join("libxul.so").is_symlink());
        assert!(folder.join("distribution/distribution.ini").is_symlink());
        assert!(std::fs::read_to_string(folder.join(POLICIES)).unwrap().contains("/ca.pem"));
        assert_eq!(std::fs::read_to_string(installed.join(POLICIES)).unwrap(), "{}", "theirs is as it was");
    }

    #[test]
    fn a_script_is_no_firefox() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("firefox"), "#!/bin/sh\n").unwrap();
        let ours = place.path().join("ours");
        assert_eq!(behind(&place.path().join("firefox"), &ours, 1, Path::new("/ca.pem")).unwrap(), None);
        assert!(!ours.exists());
    }
}
