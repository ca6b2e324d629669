//! A browser that starts behind the proxy: a script under each name that a Chromium goes by, which starts the real one.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// Names by which suites start a Chromium. Those that are not there for the user are not made up.
pub(crate) const NAMES: [&str; 10] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "google-chrome-beta",
    "chrome",
    "chrome-headless-shell",
    "headless-shell",
    "microsoft-edge",
    "microsoft-edge-stable",
];

/// What a shim adds.
#[derive(Clone, Debug)]
pub(crate) struct Flags {
    pub(crate) port: u16,
    pub(crate) spki: String,
    /// A profile for a browser that is started without one: Chromium trusts nobody's key in the user's own.
    pub(crate) profile: PathBuf,
}

/// Writes the shim of `real` at `place`.
pub(crate) fn write(place: &Path, real: &Path, flags: &Flags) -> io::Result<()> {
    write_script(place, &script(real, flags))
}

/// Writes a program at `place` that is `real`.
pub(crate) fn write_plain(place: &Path, real: &Path) -> io::Result<()> {
    write_script(place, &format!("#!/bin/sh\nexec {} \"$@\"\n", quoted(real.as_os_str())))
}

/// Writes a program at `place` that is `firefox` to who wants one, and else `chromium`. A driver starts Firefox with
/// `--marionette`; who asks for the version was itself asked for a Firefox.
pub(crate) fn write_either(place: &Path, chromium: &Path, firefox: &Path) -> io::Result<()> {
    let (chromium, firefox) = (quoted(chromium.as_os_str()), quoted(firefox.as_os_str()));
    let script = format!(
        "#!/bin/sh\n\
         # Made by cprvagt run: the browser that Selenium asks for, behind its proxy.\n\
         wanted={chromium}\n\
         case \" $* \" in\n\
         \x20 *' --marionette '*|*' -marionette '*) wanted={firefox} ;;\n\
         \x20 *' --version '*)\n\
         \x20   above=$PPID\n\
         \x20   for _ in 1 2 3; do\n\
         \x20     asked=$(tr '\\0' ' ' <\"/proc/$above/cmdline\" 2>/dev/null) || break\n\
         \x20     case $asked in *selenium-manager*firefox*) wanted={firefox}; break ;; esac\n\
         \x20     above=$(sed -n 's/^PPid:[[:space:]]*//p' \"/proc/$above/status\" 2>/dev/null)\n\
         \x20   done ;;\n\
         esac\n\
         exec \"$wanted\" \"$@\"\n"
    );
    write_script(place, &script)
}

fn write_script(place: &Path, script: &str) -> io::Result<()> {
    std::fs::write(place, script)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(place, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// What a page sees by in today's browsers that a program steers them: some telemetry then keeps silent, and a run would
/// end well that leaks when citizens come (sdk-facts 1.11).
const TELL_TALE: &str = "AutomationControlled";

/// Ours stand last but before `--`: of two flags of a kind Chromium takes the last. So ours name what the given ones do.
fn script(real: &Path, flags: &Flags) -> String {
    let (real, profile) = (quoted(real.as_os_str()), quoted(flags.profile.as_os_str()));
    let Flags { port, spki, .. } = flags;
    format!(
        "#!/bin/sh\n\
         # Made by cprvagt run: starts the browser behind its proxy.\n\
         real={real}\n\
         profile=--user-data-dir={profile}\n\
         own_proxy=\n\
         ours=1\n\
         features=\n\
         keys=\n\
         left=$#\n\
         for word do\n\
         \x20 case $word in\n\
         \x20   --user-data-dir=*|--version|--product-version) profile= ;;\n\
         \x20   --proxy-server=*) own_proxy=1 ;;\n\
         \x20   --disable-blink-features=*) features=,${{word#*=}} ;;\n\
         \x20   --ignore-certificate-errors-spki-list=*) keys=,${{word#*=}} ;;\n\
         \x20   --) break ;;\n\
         \x20 esac\n\
         done\n\
         # Cypress has a proxy of its own between browser and net, which obeys HTTPS_PROXY.\n\
         if [ -n \"$own_proxy\" ] && [ -n \"$CYPRESS_INTERNAL_ENV\" ]; then exec \"$real\" \"$@\"; fi\n\
         while [ \"$left\" -gt 0 ]; do\n\
         \x20 word=$1; shift; left=$((left - 1))\n\
         \x20 if [ \"$word\" = -- ] && [ -n \"$ours\" ]; then\n\
         \x20   ours=\n\
         \x20   set -- \"$@\" --proxy-server=127.0.0.1:{port} '--proxy-bypass-list=<-loopback>' \"--ignore-certificate-errors-spki-list={spki}$keys\" \"--disable-blink-features={TELL_TALE}$features\" ${{profile:+\"$profile\"}}\n\
         \x20 fi\n\
         \x20 set -- \"$@\" \"$word\"\n\
         done\n\
         if [ -n \"$ours\" ]; then\n\
         \x20 set -- \"$@\" --proxy-server=127.0.0.1:{port} '--proxy-bypass-list=<-loopback>' \"--ignore-certificate-errors-spki-list={spki}$keys\" \"--disable-blink-features={TELL_TALE}$features\" ${{profile:+\"$profile\"}}\n\
         fi\n\
         exec \"$real\" \"$@\"\n"
    )
}

/// As a shell reads it back.
fn quoted(text: &OsStr) -> String {
    format!("'{}'", text.to_string_lossy().replace('\'', "'\\''"))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn words(given: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let (real, shim) = (folder.path().join("it's real"), folder.path().join("chromium"));
        std::fs::write(&real, "#!/bin/sh\nfor word do printf '%s\\n' \"$word\"; done\n").unwrap();
        let flags = Flags { port: 4711, spki: "KEY=".to_owned(), profile: "/tmp/a b".into() };
        std::fs::set_permissions(&real, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        write(&shim, &real, &flags).unwrap();
        let said = Command::new("sh").arg(&shim).args(given).env_remove("CYPRESS_INTERNAL_ENV").output().unwrap();
        String::from_utf8(said.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    const OURS: [&str; 4] = [
        "--proxy-server=127.0.0.1:4711",
        "--proxy-bypass-list=<-loopback>",
        "--ignore-certificate-errors-spki-list=KEY=",
        "--disable-blink-features=AutomationControlled",
    ];

    #[test]
    fn what_was_given_comes_first_and_whole() {
        let given = ["--headless", "--user-data-dir=/tmp/x y", "--proxy-server=a:1", "about:blank", "*", ""];
        assert_eq!(words(&given), [&given[..], &OURS].concat());
    }

    #[test]
    fn a_browser_without_a_profile_gets_one() {
        assert_eq!(
            words(&["https://a.test"]),
            [&["https://a.test"], &OURS[..], &["--user-data-dir=/tmp/a b"]].concat()
        );
    }

    #[test]
    fn what_stands_after_the_flags_stays_there() {
        let given = ["--user-data-dir=x", "--", "--no-flag", "--"];
        assert_eq!(words(&given), [&given[..1], &OURS, &given[1..]].concat());
    }

    #[test]
    fn what_was_given_of_the_same_kind_holds_too() {
        let given = ["--user-data-dir=x", "--ignore-certificate-errors-spki-list=A=,B=", "--disable-blink-features=X"];
        let said = words(&given);
        assert_eq!(
            said[5..],
            ["--ignore-certificate-errors-spki-list=KEY=,A=,B=", "--disable-blink-features=AutomationControlled,X"]
        );
    }
}
