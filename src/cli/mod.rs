//! The command line as typed: types and help text only. What it comes to is worked out elsewhere.

mod baseline;
mod build;
mod console;
mod crawling;
mod format;
mod installing;
mod keeping;
mod network;
mod redacting;
mod registry;
mod resuming;
mod running;
mod scanning;
mod sending;
mod sessions;
mod writing;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use model::{DigestDepth, Host, Severity, Target};

use crate::entrances::{self, Reverse, Tester};
use crate::exit::Threshold;

pub(crate) use baseline::{AddArgs, BaselineAction, BaselineArgs, BaselineFileArgs, ListArgs, PruneArgs};
pub(crate) use build::{Build, BuildArgs};
pub(crate) use console::ConsoleArgs;
pub(crate) use crawling::{CrawlArgs, Engine};
pub(crate) use format::{Chosen, Print, printed, prints_scan, written};
pub(crate) use installing::{CompletionsArgs, ManArgs};
pub(crate) use keeping::{ReportAction, ReportArgs, StoreArgs};
pub(crate) use network::{ClientCertFile, NetworkArgs};
pub(crate) use redacting::RedactArgs;
pub(crate) use registry::{CheckArgs, CheckFormat, InitArgs, RegistryAction, RegistryArgs};
pub(crate) use resuming::ResumeArgs;
pub(crate) use running::RunArgs;
pub(crate) use scanning::{Explained, ScanArgs};
pub(crate) use sending::{SendingArgs, ThirdParty};
pub(crate) use sessions::SessionArgs;
pub(crate) use writing::WritingArgs;

/// Where `cprvagt proxy` listens unless told otherwise: browsers and test suites are set to it once. No service that
/// developers run is usually there.
const DEFAULT_LISTEN: &str = "127.0.0.1:8019";

/// Finds Danish personal numbers (CPR numbers) that leave a self-service site in URLs, Referer headers and
/// third-party requests, and writes a report per vendor.
#[derive(Debug, Parser)]
#[command(
    name = "cprvagt",
    version,
    after_help = "Exit codes: 0 clean, 1 findings, 2 wrong use, 3 not everything was seen, 4 internal error.\n\
                  New here? Run `cprvagt demo`."
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Visit systems or a URL in a real browser and report what leaks
    Audit(Box<AuditArgs>),
    /// Run a command, such as a test suite, behind the proxy, and fail when something leaks
    Run(Box<RunArgs>),
    /// Be a proxy for a browser, a phone or a test suite, and tell what leaks as it happens
    Proxy(Box<ProxyArgs>),
    /// Read recorded traffic (HAR files) and report what leaked
    Scan(ScanArgs),
    /// Write logs anew with every number masked, so that they can be handed on
    Redact(RedactArgs),
    /// Render a scan again, compare it with an earlier one, or show what is in the store
    Report(ReportArgs),
    /// Replay the TastSelv case on this machine, end to end, nothing leaving it
    Demo(DemoArgs),
    /// Check that everything is there, and say what to do if not
    Doctor(DoctorArgs),
    /// Check that the files of a report are as they were written
    Verify(VerifyArgs),
    /// Begin or check the registry: what is audited, and who may receive what
    Registry(RegistryArgs),
    /// Accept findings for a while, with who, why and until when; list and prune what was accepted
    Baseline(BaselineArgs),
    /// Show, export or replace the certificate authority by which browsers and programs trust the proxy
    Ca(CaArgs),
    /// Print what a shell needs to complete the command line
    #[command(hide = true)]
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands
    #[command(hide = true)]
    Man(ManArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Ids of systems in the registry, or a URL; all systems when none is given
    #[arg(value_name = "SYSTEM or URL")]
    pub(crate) targets: Vec<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) build: BuildArgs,
    #[command(flatten)]
    pub(crate) browser: BrowserArgs,
    #[command(flatten)]
    pub(crate) crawl: CrawlArgs,
    #[command(flatten)]
    pub(crate) resuming: ResumeArgs,
    #[command(flatten)]
    pub(crate) sending: SendingArgs,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The folder of the report
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The public key of minisign's that it must be signed with
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProxyArgs {
    /// The site under test, when there is no registry; by default the first that is visited. Repeatable
    #[arg(long, value_name = "HOST", value_parser = host, conflicts_with_all = ["registry", "system"])]
    pub(crate) sut: Vec<Host>,
    /// The system of the registry that all of this session belongs to; by default each page tells by its host
    #[arg(long, value_name = "ID")]
    pub(crate) system: Option<String>,
    /// Open a Chromium with a profile of its own behind the proxy: nothing to set up or to trust. The session ends when
    /// it is closed
    #[arg(long = "browser", value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "window", help_heading = "Browser")]
    pub(crate) browser_shown: Option<Shown>,
    /// What the browser shows first; a blank page by default
    #[arg(long, value_name = "URL", value_parser = page, requires = "browser_shown", help_heading = "Browser")]
    pub(crate) url: Option<Target>,
    #[command(flatten)]
    pub(crate) browser: BrowserArgs,
    #[command(flatten)]
    pub(crate) console: ConsoleArgs,
    #[command(flatten)]
    pub(crate) entrances: EntranceArgs,
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Listening")]
pub(crate) struct EntranceArgs {
    /// Where to listen, for HTTP and SOCKS5; on other addresses than this machine's own (0.0.0.0:8019) only with users
    #[arg(long, value_name = "[ADDRESS:]PORT", default_value = DEFAULT_LISTEN, value_parser = entrances::address, conflicts_with = "proxy_port")]
    pub(crate) listen: SocketAddr,
    /// Also stand in for this site, at a port that clients open as if it were the site; what its pages send to other
    /// sites does not pass there. Any free port of this machine unless one is named. Repeatable
    #[arg(long, value_name = "[[ADDRESS:]PORT=]URL", hide_short_help = true)]
    pub(crate) reverse: Vec<Reverse>,
    /// A port of its own for one of several testers, any free one of this machine unless it is named: requests, findings
    /// and steps then carry the name. Repeatable
    #[arg(long = "tester", value_name = "NAME[=[ADDRESS:]PORT]", hide_short_help = true)]
    pub(crate) testers: Vec<Tester>,
    // As an attribute: the name of the variable stands in the help as it is typed.
    #[arg(
        long,
        value_name = "FILE",
        help = "Who may use the proxy: a file (mode 0600) with a line user:password for each. Instead of the file, the \
                environment variable CPRVAGT_PROXY_AUTH may hold it; a command line would show it to others on this \
                machine",
        hide_short_help = true
    )]
    pub(crate) proxy_auth_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to write the reports
    #[arg(long, value_name = "DIR", default_value = "cprvagt-out/demo")]
    pub(crate) out: PathBuf,
    /// Language on the terminal; the reports are written in both
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub(crate) lang: Lang,
    /// Switch the leak off in the demo's sites: the same audit then finds nothing
    #[arg(long)]
    pub(crate) mended: bool,
    /// Only serve the demo's sites, until Ctrl-C, and say how to audit or browse them
    #[arg(long)]
    pub(crate) serve: bool,
    #[command(flatten)]
    pub(crate) browser: BrowserArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The registry to check; default: cprvagt.toml, here or in a folder above
    #[arg(long, value_name = "FILE")]
    pub(crate) registry: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) browser: BrowserArgs,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct CaArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub(crate) action: Option<CaAction>,
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CaAction {
    /// Say where it is, and how each system comes to trust it; made when there is none. The default
    Show(AuthorityArgs),
    /// Write its certificate, never its key
    Export(ExportArgs),
    /// Make another one in its place
    New {
        /// Even though there is one, which systems trust
        #[arg(long)]
        force: bool,
    },
    /// Remove it from this machine
    Remove,
}

#[derive(Debug, Default, Args)]
pub(crate) struct AuthorityArgs {
    /// Sign with this authority instead of the installation's own: certificate and key in one PEM file (mode 0600)
    #[arg(long = "ca", value_name = "FILE", help_heading = "Network")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// pem for most programs, der for Windows and phones, p12 as a trust store for Java
    #[arg(long, value_name = "FORMAT", default_value = "pem")]
    pub(crate) format: CertificateFormat,
    /// Where to write it; printed by default
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
}

/// `--format` of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CertificateFormat {
    /// Text.
    Pem,
    /// Bytes.
    Der,
    /// A trust store.
    P12,
}

#[derive(Debug, Args)]
pub(crate) struct CommonArgs {
    /// What is audited and who may receive what; default: cprvagt.toml, here or in a folder above
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) registry: Option<PathBuf>,
    /// A known made-up number: always found for certain, and shown in clear. Repeatable
    // Not parsed here: the parser's error would repeat a mistyped number.
    #[arg(long = "test-person", value_name = "CPR", help_heading = "Input")]
    pub(crate) test_persons: Vec<String>,
    /// A secret file (mode 0600, 32 bytes or more) that makes persons countable across scans; `cprvagt report new-key`
    /// makes one
    #[arg(long, alias = "person-key", value_name = "FILE", help_heading = "Input", hide_short_help = true)]
    pub(crate) key_file: Option<PathBuf>,
    /// Which numbers to try on what looks like a digest: those with a check digit, all, or none
    #[arg(long, value_name = "DEPTH", default_value = "fast", help_heading = "Input", hide_short_help = true)]
    pub(crate) digests: Digests,
    /// Findings that are accepted for a while, see `cprvagt baseline`
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keeping: StoreArgs,
    /// Where to write the reports
    #[arg(long, value_name = "DIR", default_value = "cprvagt-out", help_heading = "Output")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    /// What to print (text, jsonl) and to write beside scan.json and HTML (sarif, junit, all ..)
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = format::parser(true), help_heading = "Output",
        hide_possible_values = true, long_help = format::long_help("text, or jsonl: an object per sighting"))]
    pub(crate) format: Vec<Chosen>,
    /// Language on the terminal and of what --format writes; HTML is written in both
    #[arg(long, value_name = "LANG", default_value = "en", help_heading = "Output")]
    pub(crate) lang: Lang,
    /// From which severity on a finding makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "medium", help_heading = "Output")]
    pub(crate) fail_on: FailOn,
    /// Take this as the time of the run, so that the same input gives the same bytes
    #[arg(long, value_name = "TIMESTAMP", hide = true)]
    pub(crate) now: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Browser")]
pub(crate) struct BrowserArgs {
    /// Chromium or Chrome; found by itself when it is installed in a usual place
    #[arg(long = "browser-path", value_name = "FILE")]
    pub(crate) executable: Option<PathBuf>,
}

/// `--browser`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shown {
    /// A window on this desktop
    Window,
    /// Nothing to be seen, for tests
    Headless,
}

/// `--block`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Block {
    /// A CPR number on its way to somebody else than the site under test.
    ThirdPartyCpr,
}

/// `--lang`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Danish.
    Da,
    /// English.
    En,
}

/// `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Never,
}

/// Which numbers are tried on digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Digests {
    /// The 21 million that pass the modulus-11 check: about a second
    Fast,
    /// All 236 million plausible ones: some ten seconds
    Full,
    /// None
    Off,
}

impl From<Digests> for DigestDepth {
    fn from(digests: Digests) -> Self {
        match digests {
            Digests::Fast => Self::Fast,
            Digests::Full => Self::Full,
            Digests::Off => Self::Off,
        }
    }
}

impl From<FailOn> for Threshold {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Critical => Self::At(Severity::Critical),
            FailOn::High => Self::At(Severity::High),
            FailOn::Medium => Self::At(Severity::Medium),
            FailOn::Low => Self::At(Severity::Low),
            FailOn::Never => Self::Never,
        }
    }
}

impl From<Lang> for reports::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Da => Self::Da,
            Lang::En => Self::En,
        }
    }
}

fn page(text: &str) -> Result<Target, String> {
    Target::parse(text).map_err(|_| "write it as https://www.example.dk/".to_owned())
}

fn host(text: &str) -> Result<Host, String> {
    Host::parse(text).ok_or_else(|| "write it as www.example.dk, without https:// and path".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_explanation_is_no_json() {
        for format in ["jsonl", "text"] {
            let typed = ["cprvagt", "scan", "a.har", "--explain", "--format", format];
            assert!(Cli::try_parse_from(typed).is_err(), "{format}");
        }
        assert!(Cli::try_parse_from(["cprvagt", "scan", "a.har", "--explain"]).is_ok());
    }

    #[test]
    fn every_command_of_the_readme_is_one() {
        let commands: Vec<Vec<&str>> = include_str!("../../README.md")
            .lines()
            .filter_map(|line| line.strip_prefix("    cprvagt "))
            .map(|line| line.split(['#', '|']).next().unwrap_or_default())
            .map(|line| std::iter::once("cprvagt").chain(line.split_whitespace()).collect())
            .collect();
        assert!(commands.len() >= 6, "{commands:?}");
        for command in commands {
            if let Err(error) = Cli::try_parse_from(&command) {
                panic!("{command:?}: {error}");
            }
        }
    }

    #[test]
    fn the_short_help_of_each_command_fits_a_screen() {
        for command in Cli::command().get_subcommands_mut() {
            let help = command.render_help().to_string();
            assert!(help.lines().count() <= 60, "{} is {} lines", command.get_name(), help.lines().count());
        }
    }
}
