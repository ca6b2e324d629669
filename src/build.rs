//! Which browser an audit uses: the full one, or its light build.

use crawler::{BrowserError, BrowserSettings, browser_version, find_browser, find_light_browser};
use model::Redacted;

use crate::cli::{AuditArgs, Build, Engine, Shown};
use crate::fault::Fault;
use crate::instrument::browser_fault;
use crate::own_words::without_numbers;

/// The browser of a run.
pub(crate) struct Chosen {
    pub(crate) settings: BrowserSettings,
    /// What it is, for the report.
    pub(crate) condition: Redacted,
}

/// The browser that was asked for; `None` where the static engine looks. A light build with something that takes a full
/// one is refused.
pub(crate) fn choose(args: &AuditArgs) -> anyhow::Result<Option<Chosen>> {
    let is_light = args.build.build == Build::Light;
    match args.crawl.engine {
        Engine::Static if is_light => {
            let help = "leave out --browser light, or --engine static";
            return Err(Fault::new("the static engine uses no browser, light or full", help).into());
        }
        Engine::Static => return Ok(None),
        Engine::Browser => {}
    }
    if is_light && args.session.attended == Some(Shown::Window) {
        let help = "leave out --browser light: the full browser has windows";
        return Err(Fault::new("the light build has no window to log in by hand in (--attended)", help).into());
    }
    let find = || match args.build.build {
        Build::Full => find_browser().ok_or(BrowserError::NotFound),
        Build::Light => find_light_browser().ok_or(BrowserError::NoLightBrowser),
    };
    let program = args.browser.executable.clone().map_or_else(find, Ok).map_err(browser_fault)?;
    let version = without_numbers(&browser_version(&program).map_err(browser_fault)?);
    let condition = if is_light {
        format!(
            "the light build visited ({version}): scripts that look for a citizen's browser may keep silent before it"
        )
    } else {
        format!("the browser that visited: {version}")
    };
    let settings = BrowserSettings {
        executable: Some(program),
        is_shown: args.session.attended == Some(Shown::Window),
        ..BrowserSettings::default()
    };
    Ok(Some(Chosen { settings, condition: Redacted::own_words(condition) }))
}
