//! `cprvagt ca`: the certificate authority that browsers, phones and programs trust the proxy by. Shows, exports, replaces
//! and removes it; other commands open it here.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::Clock;
use proxy::{Ca, CaError, CaStore, GUIDES, Lang, OWN_HOST, Step, Subject, TRUST_STORE_PASSWORD};

use crate::cli::{AuthorityArgs, CaAction, CaArgs, CertificateFormat, ExportArgs};
use crate::data_folder;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::output;
use crate::progress::Reporter;
use crate::setup;

/// What an exported certificate is called in what we tell people to type.
const EXPORTED: (&str, &str) = ("cprvagt-ca.pem", "cprvagt-ca.p12");

/// Does what was asked for; without a word, shows it.
pub(crate) fn run(args: &CaArgs) -> anyhow::Result<ExitStatus> {
    let clock = setup::clock(None);
    let reporter = Reporter::new();
    match &args.action {
        None => show(&args.authority, &clock, &reporter)?,
        Some(CaAction::Show(authority)) => show(authority, &clock, &reporter)?,
        Some(CaAction::Export(export)) => self::export(export, &clock, &reporter)?,
        Some(CaAction::New { force }) => replace(*force, &clock, &reporter)?,
        Some(CaAction::Remove) => remove(&reporter)?,
    }
    Ok(ExitStatus::Clean)
}

/// The authority that is to sign: the one in a file, if that was asked for, else the installation's own, which is made
/// when there is none yet. Says when it is new, and when it ends soon.
pub(crate) fn open(args: &AuthorityArgs, clock: &Clock, reporter: &Reporter) -> anyhow::Result<Ca> {
    let ca = match &args.file {
        Some(path) => proxy::read_ca(path, clock.now()).map_err(|error| unusable(error, path, false))?,
        None => own(clock, reporter)?,
    };
    if ca.expires_soon(clock.now()) {
        let what = match &args.file {
            Some(_) => "get a new one from whoever made it",
            None => "`cprvagt ca new --force` makes another, to be trusted anew",
        };
        reporter.step(&format!("note: {} ends on {}: {what}", ca.name(), day(ca.expires())));
    }
    Ok(ca)
}

/// The installation's own, if there is one; none is made.
pub(crate) fn kept(clock: &Clock) -> anyhow::Result<Option<Ca>> {
    let store = store()?;
    let path = store.secret_file();
    store.exists().then(|| proxy::read_ca(&path, clock.now()).map_err(|error| unusable(error, &path, true))).transpose()
}

fn own(clock: &Clock, reporter: &Reporter) -> anyhow::Result<Ca> {
    let store = store()?;
    let kept = store.obtain(clock, &host());
    let (ca, is_new) = kept.map_err(|error| unusable(error, &store.secret_file(), true))?;
    if is_new {
        reporter.step(&format!("made a certificate authority for this installation: {}", ca.name()));
    }
    Ok(ca)
}

fn show(args: &AuthorityArgs, clock: &Clock, reporter: &Reporter) -> anyhow::Result<()> {
    let ca = open(args, clock, reporter)?;
    let store = store()?;
    let secret = args.file.clone().unwrap_or_else(|| store.secret_file());
    let certificate = match &args.file {
        None => store.certificate_file().display().to_string(),
        Some(_) => EXPORTED.0.to_owned(),
    };
    let days = ca.expires().duration_since(clock.now()).as_hours() / 24;
    let mut text = format!("{}\n", ca.name());
    let mut line = |name: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<12}{value}");
    };
    match &args.file {
        None => line("certificate", &format!("{certificate}  (to hand out)")),
        Some(path) => line("certificate", &format!("cprvagt ca export --ca {} --out {certificate}", path.display())),
    }
    line("key", &format!("{}  (nobody else's)", secret.display()));
    line("valid", &format!("{} to {}, {days} days left", day(ca.starts()), day(ca.expires())));
    line("SHA-256", &ca.fingerprint());
    line("Chromium", &format!("--ignore-certificate-errors-spki-list={}", ca.spki_sha256()));
    line("", "(instead of trusting it, for one start; needs a --user-data-dir of its own)");
    text.push_str("\nTrust it\n");
    let subject = Subject { pem: &certificate, der: &certificate, p12: EXPORTED.1, name: ca.name() };
    for guide in GUIDES {
        let _ = writeln!(text, "  {}", guide.system);
        steps(&mut text, guide.trust, &subject);
        text.push_str("    afterwards:\n");
        steps(&mut text, guide.undo, &subject);
    }
    let _ = writeln!(
        text,
        "\n{} for Java is written by: cprvagt ca export --format p12 --out {}  (password: {TRUST_STORE_PASSWORD})\n\
         Phones get the certificate from http://{OWN_HOST}/ through the running proxy.",
        EXPORTED.1, EXPORTED.1
    );
    output::print(text.as_bytes())
}

fn steps(text: &mut String, steps: &[Step], subject: &Subject<'_>) {
    for step in steps {
        let indent = match step {
            Step::Say { .. } => "    ",
            Step::Run(_) => "      ",
        };
        let _ = writeln!(text, "{indent}{}", step.text(Lang::En, subject));
    }
}

fn export(args: &ExportArgs, clock: &Clock, reporter: &Reporter) -> anyhow::Result<()> {
    let is_text = args.format == CertificateFormat::Pem;
    if !is_text && args.out.is_none() && std::io::stdout().is_terminal() {
        return Err(Fault::new("that format is not text for a terminal", "write it to a file: --out FILE").into());
    }
    let ca = open(&args.authority, clock, reporter)?;
    let bytes = match args.format {
        CertificateFormat::Pem => ca.pem().as_bytes().to_vec(),
        CertificateFormat::Der => ca.certificate().to_vec(),
        CertificateFormat::P12 => ca.trust_store(),
    };
    let Some(path) = &args.out else { return output::print(&bytes) };
    output::write_whole(path, &bytes).map_err(|error| output::unwritable(path, error))?;
    reporter.step(&format!("written: {} (the certificate of {}, without its key)", path.display(), ca.name()));
    if args.format == CertificateFormat::P12 {
        reporter.step(&format!("its password is `{TRUST_STORE_PASSWORD}`, which keeps nothing secret: Java wants one"));
    }
    Ok(())
}

fn replace(force: bool, clock: &Clock, reporter: &Reporter) -> anyhow::Result<()> {
    let store = store()?;
    if store.exists() && !force {
        let message =
            "there is a certificate authority already, and whatever trusts it would have to trust the new one";
        return Err(Fault::new(message, "if that is meant: cprvagt ca new --force").into());
    }
    let ca = store.replace(clock, &host()).map_err(|error| unusable(error, &store.secret_file(), true))?;
    reporter.step(&format!("made {}; what trusted the one before must trust this one: cprvagt ca", ca.name()));
    Ok(())
}

fn remove(reporter: &Reporter) -> anyhow::Result<()> {
    let store = store()?;
    let removed = store.remove().map_err(|error| unusable(error, &store.secret_file(), true))?;
    reporter.step(if removed {
        "removed; where it was trusted, remove that too: the next `cprvagt ca` shows how, for a new one"
    } else {
        "there was none"
    });
    Ok(())
}

/// Where the installation's own is kept.
fn store() -> anyhow::Result<CaStore> {
    Ok(CaStore::new(data_folder::ours()?))
}

/// What this machine is called, so that people see in a list of authorities whose this is.
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The day of `time`.
pub(crate) fn day(time: Timestamp) -> jiff::civil::Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Why the authority in `path` is of no use, and what to do; `is_own` when it is the installation's.
fn unusable(error: CaError, path: &Path, is_own: bool) -> anyhow::Error {
    let renew = "make another with `cprvagt ca new --force`, and trust that one instead";
    let help = match &error {
        CaError::ReadableByOthers { path, .. } => format!("chmod 600 {}", path.display()),
        CaError::WritableByOthers { path, .. } => format!("chmod 700 {}", path.display()),
        CaError::File { .. } if is_own => "see who may write there, or name another folder by XDG_DATA_HOME".to_owned(),
        CaError::File { .. } => "see that the file is there and yours to read".to_owned(),
        CaError::Clock(_) => "set the clock of this machine".to_owned(),
        CaError::NotYetValid(_) => "see whether the clock of this machine is right".to_owned(),
        _ if is_own => renew.to_owned(),
        CaError::NoCertificate | CaError::NoKey => {
            "put certificate and key in one file: cat ca.pem ca-key.pem > both.pem; chmod 600 both.pem".to_owned()
        }
        CaError::KeyEncrypted => {
            "write it without a password: openssl pkey -in FILE, into a file of mode 600".to_owned()
        }
        CaError::NotPem(_)
        | CaError::ChainTooLong
        | CaError::CertificateUnreadable
        | CaError::KeyUnusable
        | CaError::KeyDoesNotFit
        | CaError::NotAnAuthority
        | CaError::Expired(_)
        | CaError::TooLong(_)
        | CaError::Make(_) => {
            "give the certificate of an authority and its key (PEM), or leave --ca out for one of our own".to_owned()
        }
    };
    let message = format!("cannot use the certificate authority in {}", path.display());
    anyhow::Error::new(error).context(Fault::new(message, help))
}
