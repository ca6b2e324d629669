//! A suite as its vendor starts it, and what came of it behind `cprvagt run`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::kit::Ran;
use crate::kit::served::Served;

/// A command with what it finds in its environment.
pub(crate) struct Suite {
    command: Vec<String>,
    environment: Vec<(&'static str, String)>,
}

/// A number that somebody got.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leak<'a> {
    /// The page it was sent from; without a browser, the request it was sent by.
    pub(crate) page: &'a str,
    /// The channel's id.
    pub(crate) channel: &'a str,
    /// As findings name it.
    pub(crate) parameter: &'a str,
    /// The recipient's domain.
    pub(crate) recipient: &'a str,
}

impl Suite {
    fn new(command: &[&str]) -> Self {
        let command = command.iter().map(|word| (*word).to_owned()).collect();
        // What Python compiles is not left in the repository.
        Self { command, environment: vec![("PYTHONDONTWRITEBYTECODE", "1".to_owned())] }
    }

    /// One project of the Playwright suite.
    pub(crate) fn playwright(config: &str, project: &str) -> Self {
        let (cli, config) = (file("node_modules/@playwright/test/cli.js"), file(config));
        Self::new(&["node", &cli, "test", "--config", &config, "--project", project])
    }

    /// Tests of Node's own runner.
    pub(crate) fn node(name: &str) -> Self {
        Self::new(&["node", "--test", &file(name)])
    }

    /// A program for Node.
    pub(crate) fn program(name: &str) -> Self {
        Self::new(&["node", &file(name)])
    }

    /// Tests of pytest's.
    pub(crate) fn pytest(name: &str) -> Self {
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients-venv/bin/python");
        Self::new(&[&python.display().to_string(), "-m", "pytest", "-p", "no:cacheprovider", &file(name)])
    }

    /// A shell script, with arguments.
    pub(crate) fn script(name: &str, arguments: &[&str]) -> Self {
        Self::new(&[&["sh", &file(name)], arguments].concat())
    }

    /// A program in Java, run from its source.
    pub(crate) fn java(name: &str) -> Self {
        Self::new(&["java", &file(name)])
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Runs it behind the proxy; `flags` are those of `run`.
    pub(crate) fn under_run(&self, served: &Served, flags: &[&str]) -> Ran {
        let command: Vec<&str> = self.command.iter().map(String::as_str).collect();
        let run = [&["run", "--no-store", "--lang", "en"], flags].concat();
        let arguments = [served.arguments(&run), vec!["--"], command].concat();
        let mut run = served.bench.command(&arguments);
        run.env("SUITE_OUT", served.bench.path("suite-out")).envs(self.environment.iter().cloned());
        // What this machine's own settings say is not what is tested.
        for name in ["no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "CHROMIUM", "CHROME_BIN", "CI"] {
            run.env_remove(name);
        }
        Ran::from(run.output().expect("the program starts"))
    }
}

/// A file of this folder.
fn file(name: &str) -> String {
    folder().join(name).display().to_string()
}

/// Where the suites are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suites")
}

/// Asserts that each leak is among the findings of `scan`, seen while one of the tests called `test` ran.
#[track_caller]
pub(crate) fn assert_found(scan: &Value, leaks: &[Leak<'_>], test: Option<&str>) {
    let findings: Vec<&Value> = scan["findings"].as_array().into_iter().flatten().collect();
    let told: Vec<String> = findings.iter().map(|finding| told(finding)).collect();
    for leak in leaks {
        let wanted = format!("{} {} {} -> {}", leak.page, leak.channel, leak.parameter, leak.recipient);
        let place = told.iter().position(|told| *told == wanted);
        let found = place.and_then(|place| findings.get(place));
        assert!(found.is_some(), "{wanted} is not among\n{}", told.join("\n"));
        let Some((finding, test)) = found.zip(test) else { continue };
        let names = finding["tests"].as_array().map(Vec::as_slice).unwrap_or_default();
        let named = names.iter().filter_map(Value::as_str).any(|name| name.contains(test));
        assert!(named, "{wanted} was seen in {names:?}, not in {test}");
    }
}

/// A finding in a line.
pub(crate) fn told(finding: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let page = if finding["page"] == "" { &finding["request"] } else { &finding["page"] };
    let (page, channel) = (text(page), text(&finding["channel"]));
    format!("{page} {channel} {} -> {}", text(&finding["parameter"]), text(&finding["recipient"]["domain"]))
}
