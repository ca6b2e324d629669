//! Where the program runs: which CI service, behind which proxy, with whose certificates, in what kind of container.
//!
//! Most of a pipeline's surprises come from here. Nothing of it is a fault by itself but a folder that cannot be
//! written to; all else is told with what it means.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfs};

use super::check::Check;
use crate::data_folder;

/// What says which service a job runs in, and what is ready-made for it.
const SERVICES: [(&str, &str, &str); 4] = [
    ("GITHUB_ACTIONS", "GitHub Actions", "ci/github"),
    ("GITLAB_CI", "GitLab", "ci/gitlab"),
    ("TF_BUILD", "Azure DevOps", "ci/azure"),
    ("JENKINS_URL", "Jenkins", "ci/jenkins"),
];

/// What names a proxy. In small letters they go first, as curl has it.
const PROXIES: [&str; 6] = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/// What names hosts that are reached without it.
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// What names certificates that programs trust.
const CERTIFICATES: [&str; 7] = [
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
];

/// Variables by which programs turn certificates off, with the value that does.
const TURNED_OFF: [(&str, &str); 3] =
    [("NODE_TLS_REJECT_UNAUTHORIZED", "0"), ("GIT_SSL_NO_VERIFY", "1"), ("PYTHONHTTPSVERIFY", "0")];

/// What container engines leave in a container.
const CONTAINER_MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Where browsers keep what their processes share.
const SHARED_MEMORY: &str = "/dev/shm";

/// Docker gives 64 MiB; a browser's tab on a large page takes more, and dies.
const LEAST_SHARED_MEMORY: u64 = 256 * 1024 * 1024;

/// How the value of a variable is asked for.
type Variables = Box<dyn Fn(&str) -> Option<OsString>>;

/// What is known of the machine and of the job on it.
pub(super) struct Surroundings {
    variables: Variables,
    is_root: bool,
    in_container: bool,
    shared_memory: Option<u64>,
    /// Where data is kept, and whether it can be.
    data: Option<(PathBuf, bool)>,
    /// Where temporary files go, and whether they can.
    temporary: (PathBuf, bool),
}

impl Surroundings {
    /// Those of this process.
    pub(super) fn here() -> Self {
        let data = data_folder::ours().ok().map(|folder| {
            let can = can_be_written(&folder);
            (folder, can)
        });
        let temporary = std::env::temp_dir();
        let can = can_be_written(&temporary);
        Self {
            variables: Box::new(|name| std::env::var_os(name)),
            is_root: rustix::process::geteuid().is_root(),
            in_container: CONTAINER_MARKS.iter().any(|mark| Path::new(mark).exists()),
            shared_memory: rustix::fs::statvfs(SHARED_MEMORY).ok().map(|all| bytes(&all)),
            data,
            temporary: (temporary, can),
        }
    }

    /// What is worth telling of them, in a fixed order.
    pub(super) fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        checks.extend(self.service());
        checks.extend(self.proxies());
        checks.extend(self.certificates());
        checks.extend(self.container());
        checks.extend(self.folders());
        checks
    }

    fn service(&self) -> Option<Check> {
        let found = SERVICES.iter().find(|(variable, ..)| self.is_set(variable));
        if let Some((variable, name, folder)) = found {
            return Some(Check::Note(format!("{name} ({variable}): {folder} is ready-made for it, see docs/ci.md")));
        }
        self.is_set("CI").then(|| Check::Note("a CI service (CI): see docs/ci.md".to_owned()))
    }

    fn proxies(&self) -> Vec<Check> {
        let mut checks: Vec<Check> = PROXIES
            .iter()
            .filter_map(|name| self.text(name).map(|value| (name, value)))
            .map(|(name, value)| {
                Check::Note(format!(
                    "{name} is {}: an audit goes there only with --upstream-proxy env",
                    without_password(&value)
                ))
            })
            .collect();
        if !checks.is_empty()
            && let Some(hosts) = EXCEPTIONS.iter().find_map(|name| self.text(name))
        {
            checks.push(Check::Note(format!("NO_PROXY is {hosts}: reached directly with --upstream-proxy env")));
        }
        checks
    }

    fn certificates(&self) -> Vec<Check> {
        let named = CERTIFICATES.iter().filter_map(|name| {
            let path = PathBuf::from(self.text(name)?);
            let shown = path.display();
            Some(if path.exists() {
                Check::Note(format!(
                    "{name} is {shown}: programs trust what is in it; a site's own: --upstream-ca {shown}"
                ))
            } else {
                Check::Note(format!(
                    "{name} is {shown}, which is not there: programs that obey it trust nobody; unset it"
                ))
            })
        });
        let off =
            TURNED_OFF.iter().filter(|(name, value)| self.text(name).as_deref() == Some(*value)).map(|(name, _)| {
                Check::Note(format!("{name} turns the check of certificates off: take it out of the pipeline"))
            });
        named.chain(off).collect()
    }

    fn container(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        if self.is_root {
            let place = if self.in_container { "root in a container" } else { "root" };
            checks.push(Check::Note(format!(
                "you are {place}: the browser runs without its sandbox; run as a user where pages are not your own"
            )));
        }
        if let Some(bytes) = self.shared_memory.filter(|bytes| *bytes < LEAST_SHARED_MEMORY) {
            checks.push(Check::Note(format!(
                "{SHARED_MEMORY} is {} MiB: large pages may crash the browser; docker run --shm-size=1g",
                bytes / 1024 / 1024
            )));
        }
        checks
    }

    fn folders(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        match &self.data {
            Some((_, true)) => {}
            Some((folder, false)) => checks.push(Check::Note(format!(
                "{} cannot be written to: no store and no authority are kept; --no-store says so, or set XDG_DATA_HOME",
                folder.display()
            ))),
            None => checks.push(Check::Note("HOME is not set: no store and no authority are kept".to_owned())),
        }
        let (folder, can) = &self.temporary;
        if !can {
            checks.push(Check::Bad {
                what: format!("{} cannot be written to", folder.display()),
                help: "set TMPDIR to a folder that can; docker run --read-only --tmpfs /tmp".to_owned(),
            });
        }
        checks
    }

    /// Set to something.
    fn is_set(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    fn text(&self, name: &str) -> Option<String> {
        let value = (self.variables)(name)?;
        Some(value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
    }
}

/// A folder that is there and can be written to, or can be made.
fn can_be_written(folder: &Path) -> bool {
    folder
        .ancestors()
        .find(|folder| folder.exists())
        .is_some_and(|folder| folder.is_dir() && rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok())
}

fn bytes(all: &StatVfs) -> u64 {
    all.f_blocks.saturating_mul(all.f_frsize)
}

/// The address without user and password: a log of a pipeline is read by many.
fn without_password(value: &str) -> String {
    let (scheme, rest) = value.split_once("://").map_or(("", value), |(scheme, rest)| (scheme, rest));
    let Some((_, host)) = rest.rsplit_once('@') else { return value.to_owned() };
    let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
    format!("{scheme}…@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(variables: &'static [(&str, &str)]) -> Surroundings {
        Surroundings {
            variables: Box::new(|name| {
                variables.iter().find(|(own, _)| *own == name).map(|(_, value)| OsString::from(value))
            }),
            is_root: false,
            in_container: false,
            shared_memory: None,
            data: Some((PathBuf::from("/home/u/.local/share/cprvagt"), true)),
            temporary: (PathBuf::from("/tmp"), true),
        }
    }

    #[track_caller]
    fn case(surroundings: &Surroundings, expected: &[&str]) {
        let lines: Vec<String> = surroundings.checks().iter().map(Check::line).collect();
        assert_eq!(lines.len(), expected.len(), "{lines:?}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.contains(expected), "`{expected}` is not in `{line}`");
        }
    }

    #[test]
    fn an_ordinary_machine_is_not_worth_a_line() {
        case(&surroundings(&[]), &[]);
        case(&surroundings(&[("HTTPS_PROXY", ""), ("CI", "")]), &[]);
    }

    #[test]
    fn a_pipeline_is_told_what_is_ready_made_for_it() {
        case(&surroundings(&[("CI", "true"), ("GITHUB_ACTIONS", "true")]), &["ci/github"]);
        case(&surroundings(&[("GITLAB_CI", "true")]), &["ci/gitlab"]);
        case(&surroundings(&[("TF_BUILD", "True")]), &["ci/azure"]);
        case(&surroundings(&[("JENKINS_URL", "https://ci.example.dk/")]), &["ci/jenkins"]);
        case(&surroundings(&[("CI", "1")]), &["docs/ci.md"]);
    }

    #[test]
    fn a_proxy_is_told_without_its_password() {
        let variables = &[("https_proxy", "http://ann:s3kret@p.test:3128"), ("no_proxy", "a.test")];
        case(&surroundings(variables), &["http://…@p.test:3128: an audit", "NO_PROXY is a.test"]);
        assert_eq!(without_password("ann:s3:k@ret@p.test"), "…@p.test");
        assert_eq!(without_password("http://p.test:3128"), "http://p.test:3128");
    }

    #[test]
    fn certificates_are_told_and_whether_they_are_there() {
        case(&surroundings(&[("SSL_CERT_FILE", "/not/there.pem")]), &["/not/there.pem, which is not there"]);
        case(&surroundings(&[("NODE_EXTRA_CA_CERTS", "/")]), &["--upstream-ca /"]);
        case(&surroundings(&[("NODE_TLS_REJECT_UNAUTHORIZED", "0")]), &["take it out"]);
        case(&surroundings(&[("NODE_TLS_REJECT_UNAUTHORIZED", "1")]), &[]);
    }

    #[test]
    fn a_small_container_is_told_what_will_break() {
        let mut container = surroundings(&[]);
        (container.is_root, container.in_container, container.shared_memory) = (true, true, Some(64 << 20));
        container.data = Some((PathBuf::from("/root/.local/share/cprvagt"), false));
        container.temporary.1 = false;
        case(&container, &["root in a container", "64 MiB", "--no-store", "BAD   /tmp"]);
        container.data = None;
        case(&container, &["root", "64 MiB", "HOME is not set", "TMPDIR"]);
    }

    #[test]
    fn a_folder_that_can_be_made_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        assert!(can_be_written(&folder.path().join("a/b")));
        std::fs::write(folder.path().join("file"), "").unwrap();
        assert!(!can_be_written(&folder.path().join("file/a")));
    }
}
