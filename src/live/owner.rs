//! Whose site a session is about: a registry's systems, the sites named, or the first that is visited.

use std::path::Path;

use detect::{Parties, Redactor, Setup};
use model::{Exchange, Host, Redact as _, Redacted, Registry, Site, System, SystemId, Target};

use crate::fault::Fault;
use crate::guard::ThirdPartyCpr;
use crate::progress::Reporter;
use crate::record::{Recorder, Subject};
use crate::{registry_file, scan};

/// Who is the first party.
#[derive(Clone)]
pub(crate) enum Owner {
    /// The authority of a registry; of one system alone where one was named.
    Declared { registry: Box<Registry>, system: Option<Box<System>> },
    /// These sites.
    Sites(Vec<Site>),
    /// Whoever is visited first.
    FirstVisited,
}

/// How a first party is named on the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) sut: &'a [Host],
    pub(crate) system: Option<&'a str>,
    pub(crate) registry: Option<&'a Path>,
}

impl Owner {
    /// As typed.
    pub(crate) fn of(named: Named<'_>, reporter: &Reporter) -> anyhow::Result<Self> {
        if !named.sut.is_empty() {
            let mut sites: Vec<Site> = named.sut.iter().map(Host::site).collect();
            sites.sort();
            sites.dedup();
            return Ok(Self::Sites(sites));
        }
        let file = registry_file::find(named.registry)?;
        let Some(file) = file else {
            if named.system.is_some() {
                let help = "name the registry that declares it with --registry FILE";
                return Err(Fault::new("--system needs a registry, and there is none", help).into());
            }
            return Ok(Self::FirstVisited);
        };
        reporter.step(&format!("registry: {}", file.path.display()));
        let system = match named.system {
            Some(id) => {
                let found = file.registry.system(id).cloned();
                Some(Box::new(found.ok_or_else(|| scan::unknown_system(id, &file.registry, &file.path))?))
            }
            None => None,
        };
        Ok(Self::Declared { registry: Box::new(file.registry), system })
    }

    /// The same, or `sites` where nobody named any: those that a session was about which is taken up again.
    pub(crate) fn taken_up(self, sites: &[Redacted]) -> Self {
        match self {
            Self::Declared { .. } | Self::Sites(_) => self,
            Self::FirstVisited => {
                let hosts: Option<Vec<Host>> = sites.iter().map(|site| Host::parse(site.as_str())).collect();
                let sites: Vec<Site> = hosts.unwrap_or_default().iter().map(Host::site).collect();
                if sites.is_empty() { self } else { Self::Sites(sites) }
            }
        }
    }

    /// Who is who; nobody is known before the first visit.
    pub(crate) fn parties(&self) -> Parties {
        match self {
            Self::Declared { registry, .. } => Parties::declared((**registry).clone()),
            Self::Sites(sites) => Parties::first_party(sites.clone()),
            Self::FirstVisited => Parties::first_party(Vec::new()),
        }
    }

    /// The registry, if there is one.
    pub(crate) fn registry(&self) -> Option<&Registry> {
        match self {
            Self::Declared { registry, .. } => Some(registry),
            Self::Sites(_) | Self::FirstVisited => None,
        }
    }

    /// What stops requests to third parties, if it is known from the start who they are.
    pub(crate) fn guard(&self, detector: Setup) -> anyhow::Result<ThirdPartyCpr> {
        if !self.is_known() {
            let help = "name the site under test with --sut HOST, or a registry with --registry FILE";
            return Err(Fault::new("--block needs to know from the start who is a third party", help).into());
        }
        Ok(ThirdPartyCpr::new(detector, self.system().cloned(), Vec::new()))
    }

    /// The one system that everything belongs to.
    pub(crate) fn system(&self) -> Option<&SystemId> {
        match self {
            Self::Declared { system, .. } => system.as_ref().map(|system| &system.id),
            Self::Sites(_) | Self::FirstVisited => None,
        }
    }

    /// Whether `host` is the first party's.
    pub(crate) fn is_at(&self, host: &Host) -> bool {
        match self {
            Self::Declared { registry, system: None } => registry.systems.iter().any(|system| system.is_at(host)),
            Self::Declared { system: Some(system), .. } => system.is_at(host),
            Self::Sites(sites) => sites.iter().any(|site| host.is_of(site)),
            Self::FirstVisited => false,
        }
    }

    /// Whether any site is known to be the first party's.
    pub(crate) fn is_known(&self) -> bool {
        match self {
            Self::Declared { .. } => true,
            Self::Sites(sites) => !sites.is_empty(),
            Self::FirstVisited => false,
        }
    }

    /// For the person who began the session.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Declared { registry, system: None } => {
                let systems: Vec<&str> = registry.systems.iter().map(|system| system.id.0.as_str()).collect();
                format!("systems under test: {}", systems.join(", "))
            }
            Self::Declared { system: Some(system), .. } => format!("system under test: {}", system.id),
            Self::Sites(sites) => format!("site under test: {}", names(sites)),
            Self::FirstVisited => "site under test: the first that is visited (name another with --sut)".to_owned(),
        }
    }

    /// What was asked for, for the record.
    pub(crate) fn targets(&self, redactor: &Redactor) -> Vec<Redacted> {
        self.names().iter().map(|text| Redacted::new(text, redactor)).collect()
    }

    /// What was asked for.
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::Declared { registry, system: None } => {
                registry.systems.iter().map(|system| system.id.to_string()).collect()
            }
            Self::Declared { system: Some(system), .. } => vec![system.id.to_string()],
            Self::Sites(sites) => sites.iter().map(Site::to_string).collect(),
            Self::FirstVisited => Vec::new(),
        }
    }

    /// What the report has a chapter on; what belongs to no declared system is called by the `command`.
    pub(crate) fn subjects(&self, command: &'static str, recorder: &Recorder) -> Vec<Subject<'_>> {
        match self {
            Self::Declared { system: Some(system), .. } => vec![Subject::System(system)],
            Self::Declared { registry, system: None } => scan::subjects(Some(registry), recorder, command.to_owned()),
            Self::Sites(sites) => scan::subjects(None, recorder, recorder.redactor().redact(&names(sites))),
            Self::FirstVisited => scan::subjects(None, recorder, command.to_owned()),
        }
    }
}

fn names(sites: &[Site]) -> String {
    sites.iter().map(Site::as_str).collect::<Vec<_>>().join(", ")
}

/// The site that somebody went to, as `exchange` tells: it is a visit, or what a page sent that names itself.
pub(crate) fn visited(exchange: &Exchange) -> Option<Site> {
    if is_navigation(exchange) {
        return Some(exchange.request.target.host.site());
    }
    let page = Target::parse(&exchange.request.headers.text("referer")?).ok()?;
    Some(page.host.site())
}

/// Whether somebody went there, as told from what pages and browsers ask for by themselves.
///
/// Browsers say so in `Sec-Fetch-Dest`, but not in clear text; there, they want HTML. What is no browser (curl, a test
/// suite) asks for what it is told to.
fn is_navigation(exchange: &Exchange) -> bool {
    let headers = &exchange.request.headers;
    if let Some(destination) = headers.get("sec-fetch-dest") {
        return destination == b"document";
    }
    let wants_page = headers.text("accept").is_some_and(|accept| accept.contains("text/html"));
    let is_browser = headers.text("user-agent").is_some_and(|agent| agent.starts_with("Mozilla/"));
    wants_page || !is_browser
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use model::{Body, Headers, RequestRecord};

    #[track_caller]
    fn case(headers: &[(&str, &str)], expected: bool) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let exchange = Exchange::begun(
            0,
            Timestamp::UNIX_EPOCH,
            RequestRecord {
                method: "GET".to_owned(),
                target: Target::parse("https://www.borger.test/").unwrap(),
                version: "HTTP/1.1".to_owned(),
                headers: Headers(headers),
                body: Body::default(),
            },
        );
        assert_eq!(is_navigation(&exchange), expected);
    }

    #[test]
    fn a_page_that_somebody_opens_is_told_from_what_a_browser_asks_by_itself() {
        let browser = ("user-agent", "Mozilla/5.0");
        case(&[browser, ("sec-fetch-dest", "document")], true);
        case(&[browser, ("sec-fetch-dest", "empty")], false);
        case(&[browser, ("accept", "*/*")], false);
        case(&[browser, ("accept", "text/html,*/*")], true);
        case(&[("user-agent", "curl/8"), ("accept", "*/*")], true);
        case(&[], true);
    }
}
