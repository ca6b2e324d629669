//! What a command finds in its environment: one table of what each ecosystem listens to, with the reason for each.
//!
//! Nothing of the user's is lost: what is a list is added to, and bundles of certificates hold the user's own as well.
//! What no variable reaches is told in `docs/`: a request that names its own agent or proxy, Go's requests to this machine
//! (its `net/http` never sends them by a proxy), Playwright's own Firefox, and programs that look into the NSS database of
//! the user's home: that is not ours to write to.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::folder::Folder;

/// Chromium, where it takes its proxy from the environment, leaves this machine out unless told not to; to all others it
/// is a name that no site has, so that nothing is left out.
const NOTHING_LEFT_OUT: &str = "<-loopback>";

/// What a variable is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// The proxy, as a URL.
    Proxy,
    /// Nothing goes past the proxy.
    NothingLeftOut,
    /// The system's roots, the user's and ours: in the place of a bundle.
    Bundle,
    /// These words.
    Words(&'static str),
    /// The same, in a run that contacts this machine alone.
    IfLoopbackOnly(&'static str),
    /// Our preload, after what is there.
    NodeOptions,
    /// No sites left out, after what is there.
    ElectronOptions,
    /// Proxy and trust store, after what is there.
    JavaOptions,
    /// Our plugin, after what is there.
    PytestOptions,
    /// Our folder, before what is there.
    PythonPath,
    /// Our folder of browsers, before what is there.
    Path,
    /// A browser behind the proxy: that which the user named in it, else the one that is found.
    Browser,
    /// The same, but only where the user named one or the tool has none of its own.
    BrowserIfNamed,
    /// The reporter that tells the tests, unless the user named one.
    Reporter,
    /// The file of the tests.
    Tests,
    /// The proxy's port.
    Port,
    /// Our authority's key, as Chromium takes it.
    Spki,
}

/// Which variables, and who listens to them.
struct Row {
    names: &'static [&'static str],
    value: Value,
    /// Who reads it, and what it is for.
    why: &'static str,
}

/// A variable set for the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) value: OsString,
}

/// The table.
const ROWS: &[Row] = &[
    Row {
        names: &["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        value: Value::Proxy,
        why: "curl, wget, Python, Ruby, Go, Rust, .NET, PHP; curl reads http_proxy in small letters only",
    },
    Row {
        names: &["NO_PROXY", "no_proxy"],
        value: Value::NothingLeftOut,
        why: "the same: sites on this machine are seen too; what the user left out is seen as well",
    },
    Row {
        names: &["NODE_USE_ENV_PROXY"],
        value: Value::Words("1"),
        why: "Node 22.21, 24 and later: fetch, http, https",
    },
    Row {
        names: &["NODE_OPTIONS"],
        value: Value::NodeOptions,
        why: "Node: older ones get the proxy by it; browsers that Playwright, Puppeteer or WebdriverIO start, too",
    },
    Row {
        names: &["NODE_EXTRA_CA_CERTS"],
        value: Value::Bundle,
        why: "Node, Deno, Bun, Cypress: beside their own roots",
    },
    Row {
        names: &["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"],
        value: Value::Bundle,
        why: "OpenSSL, Go, Ruby, .NET, Rust, PHP; curl; Python's requests: in the place of their own roots",
    },
    Row {
        names: &[
            "GIT_SSL_CAINFO",
            "AWS_CA_BUNDLE",
            "PIP_CERT",
            "CARGO_HTTP_CAINFO",
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
        ],
        value: Value::Bundle,
        why: "git, the AWS tools, pip, cargo, gRPC: what a suite fetches goes through the proxy as well",
    },
    Row { names: &["DENO_CERT"], value: Value::Bundle, why: "Deno: beside its own roots" },
    Row {
        names: &["JAVA_TOOL_OPTIONS"],
        value: Value::JavaOptions,
        why: "every JVM, which says on standard error that it picked it up",
    },
    Row { names: &["PATH"], value: Value::Path, why: "whoever starts a Chromium by its name" },
    Row { names: &["CHROME_BIN", "CHROME_PATH"], value: Value::Browser, why: "Karma; Lighthouse and chrome-launcher" },
    Row { names: &["SE_BROWSER_PATH"], value: Value::Browser, why: "Selenium Manager, of every Selenium since 4.11" },
    Row {
        names: &["SE_AVOID_STATS"],
        value: Value::Words("true"),
        why: "Selenium Manager: it tells its makers of each run",
    },
    Row {
        names: &["SE_OFFLINE"],
        value: Value::IfLoopbackOnly("true"),
        why: "the same, where the run contacts this machine alone: there is nothing to be fetched",
    },
    Row {
        names: &["PUPPETEER_EXECUTABLE_PATH", "PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH", "CHROMIUM_PATH"],
        value: Value::BrowserIfNamed,
        why: "Puppeteer, and what suites read by habit; a browser that Node starts gets the proxy anyway",
    },
    Row {
        names: &["ELECTRON_EXTRA_LAUNCH_ARGS"],
        value: Value::ElectronOptions,
        why: "Cypress's own browser: the rest of it obeys HTTPS_PROXY",
    },
    Row {
        names: &["PW_TEST_REPORTER"],
        value: Value::Reporter,
        why: "Playwright: another reporter beside those configured",
    },
    Row { names: &["PYTEST_ADDOPTS"], value: Value::PytestOptions, why: "pytest: the plugin that tells the tests" },
    Row { names: &["PYTHONPATH"], value: Value::PythonPath, why: "Python: where that plugin is" },
    Row { names: &["CPRVAGT_TESTS_FILE"], value: Value::Tests, why: "whatever else tells which test runs" },
    Row { names: &["CPRVAGT_PROXY_PORT"], value: Value::Port, why: "our preload" },
    Row { names: &["CPRVAGT_PROXY_SPKI"], value: Value::Spki, why: "our preload" },
];

/// Variables of bundles, which ours stands in the place of: those of the user are read into it.
pub(crate) fn bundles() -> impl Iterator<Item = &'static str> {
    ROWS.iter().filter(|row| row.value == Value::Bundle).flat_map(|row| row.names).copied()
}

/// The variables for a command, given those that are there, in the order of the table.
pub(crate) fn set(folder: &Folder, is_loopback_only: bool, there: impl Fn(&str) -> Option<OsString>) -> Vec<Set> {
    let mut all = Vec::new();
    for row in ROWS {
        for name in row.names {
            let known = there(name).filter(|value| !value.is_empty());
            if let Some(value) = value(row.value, known, name, folder, is_loopback_only) {
                all.push(Set { name, value });
            }
        }
    }
    all
}

/// Who listens to what, for help and docs.
pub(crate) fn told() -> impl Iterator<Item = (String, &'static str)> {
    ROWS.iter().map(|row| (row.names.join(", "), row.why))
}

fn value(
    value: Value,
    there: Option<OsString>,
    name: &str,
    folder: &Folder,
    is_loopback_only: bool,
) -> Option<OsString> {
    Some(match value {
        Value::Proxy => folder.proxy_url().into(),
        Value::NothingLeftOut => NOTHING_LEFT_OUT.into(),
        Value::Bundle => folder.bundle().into(),
        Value::Words(words) => words.into(),
        Value::IfLoopbackOnly(words) => is_loopback_only.then(|| words.into())?,
        Value::NodeOptions => after(there, " ", &format!("--require {}", quoted(&folder.preload()))),
        Value::ElectronOptions => after(there, " ", "--proxy-bypass-list=<-loopback>"),
        Value::JavaOptions => after(there, " ", &java_options(folder)),
        Value::PytestOptions => after(there, " ", "-p cprvagt_titles"),
        Value::PythonPath => before(&folder.python(), there),
        Value::Path => before(&folder.programs(), there),
        Value::Browser => folder.browser(name, there.as_deref())?.into(),
        Value::BrowserIfNamed => folder.browser(name, Some(&there?))?.into(),
        Value::Reporter => there.unwrap_or_else(|| folder.reporter().into()),
        Value::Tests => folder.tests().into(),
        Value::Port => folder.port().to_string().into(),
        Value::Spki => folder.spki().into(),
    })
}

/// Both proxies and the store. Java leaves this machine out unless told that it leaves out nothing.
fn java_options(folder: &Folder) -> String {
    let port = folder.port();
    let store = folder.trust_store();
    let store = store.to_string_lossy();
    let store = if store.contains(' ') { format!("'{store}'") } else { store.into_owned() };
    format!(
        "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort={port} -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort={port} \
         -Dhttp.nonProxyHosts= -Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStoreType=PKCS12 \
         -Djavax.net.ssl.trustStorePassword={}",
        proxy::TRUST_STORE_PASSWORD
    )
}

fn after(there: Option<OsString>, between: &str, more: &str) -> OsString {
    let Some(mut there) = there else { return more.into() };
    there.push(between);
    there.push(more);
    there
}

fn before(folder: &Path, there: Option<OsString>) -> OsString {
    let Some(there) = there else { return folder.into() };
    // A folder with a colon in its name cannot stand in such a list; ours has none (`Folder::new`).
    std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&there))).unwrap_or(there)
}

/// As `NODE_OPTIONS` is split: quotes hold a path with blanks together.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What a folder of the user's `PATH` is, without ours.
pub(crate) fn user_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_else(|| OsStr::new("/usr/bin:/bin").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_of(name: &str, there: Option<&str>) -> Option<String> {
        let folder = Folder::for_tests();
        let set = set(&folder, false, |asked| there.filter(|_| asked == name).map(OsString::from));
        let found = set.into_iter().find(|set| set.name == name)?;
        Some(found.value.to_string_lossy().replace(&folder.path().display().to_string(), "DIR"))
    }

    #[test]
    fn every_variable_is_set_once_and_has_a_reason() {
        let mut names: Vec<&str> = ROWS.iter().flat_map(|row| row.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(ROWS.iter().all(|row| !row.why.is_empty()));
    }

    #[test]
    fn what_the_user_had_is_added_to() {
        let node = value_of("NODE_OPTIONS", Some("--max-old-space-size=99")).unwrap();
        assert_eq!(node, "--max-old-space-size=99 --require \"DIR/preload.cjs\"");
        assert_eq!(value_of("PYTEST_ADDOPTS", Some("-q")).as_deref(), Some("-q -p cprvagt_titles"));
        assert_eq!(value_of("PYTHONPATH", Some("/a:/b")).as_deref(), Some("DIR/python:/a:/b"));
        assert_eq!(value_of("PW_TEST_REPORTER", Some("own")).as_deref(), Some("own"));
        assert!(
            value_of("JAVA_TOOL_OPTIONS", Some("-Xmx1g")).unwrap().starts_with("-Xmx1g -Dhttp.proxyHost=127.0.0.1 ")
        );
    }

    #[test]
    fn an_empty_variable_is_as_none() {
        assert_eq!(value_of("PYTHONPATH", Some("")).as_deref(), Some("DIR/python"));
    }

    #[test]
    fn nothing_is_left_out_of_the_proxy() {
        assert_eq!(value_of("NO_PROXY", Some("localhost,127.0.0.1")).as_deref(), Some(NOTHING_LEFT_OUT));
    }

    #[test]
    fn a_browser_that_nobody_named_is_not_put_in_the_place_of_a_tools_own() {
        assert_eq!(value_of("PUPPETEER_EXECUTABLE_PATH", None), None);
    }
}
