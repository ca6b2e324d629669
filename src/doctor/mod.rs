//! `cprvagt doctor`: is everything there? Tries what an audit needs, and says what to do where it fails.

mod check;
mod surroundings;

use check::Check;
use crawler::BrowserSettings;

use crate::cli::{DoctorArgs, Engine, NetworkArgs};
use crate::exit::ExitStatus;
use crate::instrument::{Instrument, Looking};
use crate::own_words::without_numbers;
use crate::progress::Reporter;
use crate::self_test::{self, Stage};
use crate::{ca, interrupt, network, persons, registry_file, setup};
use surroundings::Surroundings;

/// Chromium majors that the crawler was tried with. Others work as a rule: this is a note, not a fault.
const TRIED_MAJORS: [u32; 1] = [156];

pub(crate) async fn run(args: &DoctorArgs) -> anyhow::Result<ExitStatus> {
    let mut checks = Surroundings::here().checks();
    checks.extend([registry(args), authority()]);
    let browser = browser(args);
    let usable = !browser.is_bad();
    checks.push(browser);
    if usable {
        checks.push(instrument(args).await);
    }
    let reporter = Reporter::new();
    let tell = |line: String| reporter.step(&without_numbers(&line));
    for check in &checks {
        tell(check.line());
    }
    let faults = checks.iter().filter(|check| check.is_bad()).count();
    if faults == 0 {
        reporter.step("all there: `cprvagt demo` shows what it does");
        Ok(ExitStatus::Clean)
    } else {
        reporter.step(&format!("{faults} to mend"));
        Ok(ExitStatus::Usage)
    }
}

fn registry(args: &DoctorArgs) -> Check {
    match registry_file::find(args.registry.as_deref()) {
        Ok(None) => {
            Check::Note(format!("no {} here or above: URLs can be audited, systems cannot", registry_file::FILE_NAME))
        }
        Ok(Some(file)) => {
            let (path, registry) = (file.path.display(), &file.registry);
            match persons::declared(&[], Some(registry)) {
                Ok(persons) => Check::Good(format!(
                    "{path}: {} systems, {} vendors, {} recipients, {} test persons",
                    registry.systems.len(),
                    registry.vendors.len(),
                    registry.recipients.len(),
                    persons.len()
                )),
                Err(fault) => Check::Bad { what: fault.to_string(), help: fault.help().to_owned() },
            }
        }
        Err(error) => Check::bad(&error),
    }
}

/// For browsers and programs that people start themselves; an audit makes its own.
fn authority() -> Check {
    let clock = setup::clock(None);
    match ca::kept(&clock) {
        Ok(None) => {
            Check::Note("no certificate authority kept yet: `cprvagt ca` makes one; an audit needs none".to_owned())
        }
        Ok(Some(ca)) => {
            let what = format!("{}, until {}", ca.name(), ca::day(ca.expires()));
            if ca.expires_soon(clock.now()) { Check::Note(what + ": that is soon") } else { Check::Good(what) }
        }
        Err(error) => Check::bad(&error),
    }
}

fn browser(args: &DoctorArgs) -> Check {
    let Some(path) = args.browser.executable.clone().or_else(crawler::find_browser) else {
        let help = "install one (Debian: apt-get install chromium), or name it with --browser-path; an audit with \
                    --engine static needs none, and does not see what scripts send";
        return Check::Bad { what: "no Chromium or Chrome found".to_owned(), help: help.to_owned() };
    };
    match crawler::browser_version(&path) {
        Ok(version) => {
            let major = version.split(|c: char| !c.is_ascii_digit()).find_map(|part| part.parse::<u32>().ok());
            if major.is_some_and(|major| TRIED_MAJORS.contains(&major)) {
                Check::Good(format!("{version} ({})", path.display()))
            } else {
                Check::Note(format!("{version} ({}): not a version we tried, the self-test tells", path.display()))
            }
        }
        Err(error) => {
            let what = format!("{} does not start: {error}", path.display());
            Check::Bad { what, help: "reinstall it, or name another with --browser-path".to_owned() }
        }
    }
}

/// Proxy, browser and detector together, on the self-test's own site.
async fn instrument(args: &DoctorArgs) -> Check {
    match try_instrument(args).await {
        Ok((found, all)) if found == all => {
            Check::Good(format!("proxy, browser and detector: {found} of {all} ways seen"))
        }
        Ok((found, all)) => Check::Bad {
            what: format!("the self-test saw {found} of {all} ways a number can leave"),
            help: "an audit on this machine would be void; try another browser version".to_owned(),
        },
        Err(error) => Check::bad(&error),
    }
}

async fn try_instrument(args: &DoctorArgs) -> anyhow::Result<(usize, usize)> {
    let clock = setup::clock(None);
    let reporter = Reporter::new();
    let stage = Stage::start().await?;
    let arguments = NetworkArgs { loopback_only: true, ..NetworkArgs::default() };
    let settings = network::settings(&arguments, Some(&stage), &clock)?;
    let browser = BrowserSettings { executable: args.browser.executable.clone(), ..BrowserSettings::default() };
    let mut instrument = Instrument::start(settings, 0, Looking::Browser(browser)).await?;
    let outcome = self_test::run(&mut instrument, &clock, Engine::Browser, &interrupt::watch(), &reporter).await?;
    instrument.end().await;
    Ok((outcome.probes.iter().filter(|probe| probe.found).count(), outcome.probes.len()))
}
