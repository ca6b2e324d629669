//! The private folder of a run: certificates, browsers' shims and hooks, gone when the run is over. Nothing secret lies in it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use proxy::Proxy;
use tempfile::TempDir;

use super::child;
use super::environment::{bundles, user_path};
use super::firefox;
use super::shim::{self, Flags};
use crate::fault::Fault;
use crate::progress::Reporter;

/// Longest bundle of the user's own that is read: the largest in use are a quarter of a megabyte.
const MAX_BUNDLE: u64 = 8 << 20;

const PRELOAD: &str = include_str!("assets/preload.cjs");
const REPORTER: &str = include_str!("assets/playwright.cjs");
const PLUGIN: &str = include_str!("assets/cprvagt_titles.py");

/// The folder, and what is in it.
pub(crate) struct Folder {
    place: TempDir,
    flags: Flags,
    /// The browser of this machine, if there is one.
    browser: Option<PathBuf>,
}

impl Folder {
    /// Makes it, for clients of `proxy` at `port`; `browser` is the one the user named.
    pub(crate) fn new(proxy: &Proxy, port: u16, browser: Option<&Path>, reporter: &Reporter) -> anyhow::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("cprvagt-run-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir();
        let folder = folder.context("cannot make a folder for what the command needs to find the proxy")?;
        let profile = folder.path().join("profile");
        let flags = Flags { port, spki: proxy.spki_sha256(), profile };
        let browser = browser.map(Path::to_owned).or_else(crawler::find_browser);
        let made = Self { place: folder, flags, browser };
        made.write(proxy, reporter).context("cannot write what the command needs to find the proxy")?;
        made.check()?;
        Ok(made)
    }

    fn write(&self, proxy: &Proxy, reporter: &Reporter) -> std::io::Result<()> {
        let mut roots = proxy::system_roots();
        if roots.is_empty() {
            reporter.step("note: no root certificates of this system were found; what is not read by the proxy is trusted by nobody");
        }
        let named: BTreeSet<PathBuf> = bundles().filter_map(|name| Some(std::env::var_os(name)?.into())).collect();
        for path in named.iter().filter(|path| path.metadata().is_ok_and(|file| file.len() <= MAX_BUNDLE)) {
            // One that cannot be read is the user's own fault, and no worse than without us.
            let more = std::fs::read(path).ok().and_then(|pem| proxy::parse_roots(&pem).ok()).unwrap_or_default();
            roots.extend(more);
        }
        roots.sort_by(|a, b| a.as_ref().cmp(b.as_ref()));
        roots.dedup();
        std::fs::write(self.authority(), proxy.ca_pem())?;
        std::fs::write(self.bundle(), proxy.ca().pem_with(&roots))?;
        std::fs::write(self.trust_store(), proxy.ca().trust_store_with(&roots))?;
        std::fs::write(self.preload(), PRELOAD)?;
        std::fs::write(self.reporter(), REPORTER)?;
        std::fs::write(self.tests(), "")?;
        for folder in [self.python(), self.programs(), self.path().join("named")] {
            std::fs::create_dir(folder)?;
        }
        std::fs::write(self.python().join("cprvagt_titles.py"), PLUGIN)?;
        let path = user_path();
        for name in shim::NAMES {
            let real = child::find(OsStr::new(name), &path).or_else(|| self.browser.clone().filter(|_| is_usual(name)));
            if let Some(real) = real {
                shim::write(&self.programs().join(name), &real, &self.flags)?;
            }
        }
        self.write_firefox(reporter)
    }

    /// The Firefox that the user has, behind the proxy under the names by which it is started.
    fn write_firefox(&self, reporter: &Reporter) -> std::io::Result<()> {
        let path = user_path();
        let found: Vec<PathBuf> =
            firefox::NAMES.iter().filter_map(|name| child::find(OsStr::new(name), &path)).collect();
        let (place, authority) = (self.path().join("firefox"), self.authority());
        let mut program = None;
        // One of them may be a script that starts the other.
        for real in &found {
            program = program.or(firefox::behind(real, &place, self.port(), &authority)?);
        }
        let Some(program) = program else {
            if let Some(real) = found.first() {
                let real = real.display();
                reporter.step(&format!(
                    "note: {real} is no plain Firefox and goes past the proxy: a script, or a package of another kind"
                ));
            }
            return Ok(());
        };
        if Path::new(firefox::OF_THE_MACHINE).exists() {
            let file = firefox::OF_THE_MACHINE;
            reporter.step(&format!("note: Firefox obeys {file} and so goes past the proxy, unless that names it"));
        }
        for name in firefox::NAMES {
            shim::write_plain(&self.programs().join(name), &program)?;
        }
        Ok(())
    }

    /// The Firefox behind the proxy, where there is one.
    fn firefox(&self) -> Option<PathBuf> {
        firefox::NAMES.iter().map(|name| self.programs().join(name)).find(|program| program.exists())
    }

    /// Browsers would be started past the proxy, and nobody would know.
    fn check(&self) -> Result<(), Fault> {
        let folder = self.path().parent().unwrap_or(Path::new("")).display();
        let help = "set TMPDIR to another folder (with docker: --tmpfs /tmp:exec)";
        if self.path().as_os_str().as_encoded_bytes().contains(&b':') {
            return Err(Fault::new(format!("{folder} cannot stand in PATH, for the colon in its name"), help));
        }
        let trial = self.path().join("trial");
        let ran = shim::write_plain(&trial, Path::new("true")).and_then(|()| Command::new(&trial).status());
        match ran {
            Ok(status) if status.success() => Ok(()),
            _ if cfg!(not(unix)) => Ok(()),
            _ => Err(Fault::new(format!("no program can be run from {folder}: it may be mounted noexec"), help)),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }

    /// A browser behind the proxy for the variable `name`: that which the user `named`, else the machine's own.
    pub(crate) fn browser(&self, name: &str, named: Option<&OsStr>) -> Option<PathBuf> {
        let real = match named {
            Some(named) => child::find(named, &user_path())?,
            None => self.browser.clone()?,
        };
        // Tools look at the name of the file.
        let folder = self.path().join("named").join(name);
        let place = folder.join("chrome");
        std::fs::create_dir_all(&folder).and_then(|()| shim::write(&place, &real, &self.flags)).ok()?;
        // Selenium Manager takes the same variable for whichever browser it is asked for.
        if let Some(firefox) = self.firefox().filter(|_| name == "SE_BROWSER_PATH" && named.is_none()) {
            let either = folder.join("browser");
            shim::write_either(&either, &place, &firefox).ok()?;
            return Some(either);
        }
        Some(place)
    }

    pub(crate) fn port(&self) -> u16 {
        self.flags.port
    }

    pub(crate) fn spki(&self) -> &str {
        &self.flags.spki
    }

    pub(crate) fn proxy_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Our certificate alone.
    pub(crate) fn authority(&self) -> PathBuf {
        self.path().join("ca.pem")
    }

    /// Ours, the system's and the user's.
    pub(crate) fn bundle(&self) -> PathBuf {
        self.path().join("bundle.pem")
    }

    /// The same for Java.
    pub(crate) fn trust_store(&self) -> PathBuf {
        self.path().join("trust.p12")
    }

    pub(crate) fn preload(&self) -> PathBuf {
        self.path().join("preload.cjs")
    }

    pub(crate) fn reporter(&self) -> PathBuf {
        self.path().join("playwright.cjs")
    }

    /// Where tests are told.
    pub(crate) fn tests(&self) -> PathBuf {
        self.path().join("tests.jsonl")
    }

    pub(crate) fn python(&self) -> PathBuf {
        self.path().join("python")
    }

    /// The shims.
    pub(crate) fn programs(&self) -> PathBuf {
        self.path().join("bin")
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let flags = Flags { port: 4711, spki: "KEY=".to_owned(), profile: folder.path().join("profile") };
        Self { place: folder, flags, browser: None }
    }
}

/// Names that any Chromium answers to: a suite that asks for Chrome by name would else find none behind the proxy.
fn is_usual(name: &str) -> bool {
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"].contains(&name)
}
