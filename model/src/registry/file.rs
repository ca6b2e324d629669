//! The registry as written: TOML into raw tables, and from these into the checked [`Registry`].

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::error::{RegistryError, line_of, nearest};
use super::{
    Controller, DeclaredPerson, DeclaredRecipient, Environment, JourneyRef, NumberSource, Registry, Role,
    SensitiveContext, Submit, System, SystemId, Transfer, Vendor, VendorId, names_request,
};
use crate::{CprNumber, Host, Target};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRegistry {
    controller: Option<Controller>,
    #[serde(default)]
    vendor: Vec<Spanned<RawVendor>>,
    #[serde(default)]
    system: Vec<Spanned<RawSystem>>,
    #[serde(default)]
    recipient: Vec<Spanned<RawRecipient>>,
    #[serde(default)]
    test_person: Vec<Spanned<RawPerson>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVendor {
    id: String,
    name: String,
    contact: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSystem {
    id: String,
    name: Option<String>,
    vendor: Spanned<String>,
    base_urls: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    journeys: Vec<Spanned<RawJourney>>,
    submit: Option<Spanned<Submit>>,
    #[serde(default)]
    allow_write: Vec<Spanned<String>>,
    owner: Option<String>,
    #[serde(default)]
    must_visit: Vec<Spanned<String>>,
    context: Option<SensitiveContext>,
}

/// The file alone, or with the role.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a file's name, or { file = \"...\", role = \"...\" }")]
enum RawJourney {
    File(String),
    InRole(RoledJourney),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoledJourney {
    file: String,
    role: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecipient {
    legal_name: String,
    domains: Spanned<Vec<Spanned<String>>>,
    role: Role,
    of: Option<String>,
    dpa_ref: Option<String>,
    dpa_expires: Option<Spanned<String>>,
    #[serde(default)]
    approved_for: Vec<Spanned<String>>,
    transfer: Option<Transfer>,
    retention_days: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPerson {
    id: String,
    cpr: Option<Spanned<String>>,
    secret_ref: Option<Spanned<String>>,
    #[serde(default)]
    scope: Vec<Spanned<String>>,
}

/// A text and what was declared in it so far.
struct Checker<'a> {
    text: &'a str,
    ids: BTreeSet<(&'static str, String)>,
}

pub(super) fn parse(text: &str) -> Result<Registry, RegistryError> {
    let raw: RawRegistry = toml::from_str(text).map_err(|error| RegistryError::from_toml(text, &error))?;
    let mut checker = Checker { text, ids: BTreeSet::new() };
    let vendors = collect(raw.vendor, |vendor| checker.vendor(vendor))?;
    let systems = collect(raw.system, |system| checker.system(system, &vendors))?;
    let recipients = collect(raw.recipient, |recipient| checker.recipient(recipient, &systems))?;
    let test_persons = collect(raw.test_person, |person| checker.person(person, &systems))?;
    Ok(Registry { controller: raw.controller, vendors, systems, recipients, test_persons })
}

fn collect<T, U>(
    raw: Vec<Spanned<T>>,
    check: impl FnMut(Spanned<T>) -> Result<U, RegistryError>,
) -> Result<Vec<U>, RegistryError> {
    raw.into_iter().map(check).collect()
}

impl Checker<'_> {
    fn vendor(&mut self, raw: Spanned<RawVendor>) -> Result<Vendor, RegistryError> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        self.declare("vendor", &raw.id, at)?;
        Ok(Vendor { id: VendorId(raw.id), name: raw.name, contact: raw.contact })
    }

    fn system(&mut self, raw: Spanned<RawSystem>, vendors: &[Vendor]) -> Result<System, RegistryError> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        self.declare("system", &raw.id, at)?;
        let vendor_names = vendors.iter().map(|vendor| vendor.id.0.as_str());
        let vendor = VendorId(self.known("vendor", raw.vendor, vendor_names)?);
        let urls = raw.base_urls;
        let urls_at = urls.span().start;
        let base_urls: Vec<Target> =
            urls.into_inner().into_iter().map(|url| self.url(&url)).collect::<Result<_, _>>()?;
        if base_urls.is_empty() {
            return Err(self.error(urls_at, format!("system `{}` has no base_urls", raw.id), "give at least one URL"));
        }
        let must_visit = raw.must_visit.iter().map(|page| self.own_page(page, &base_urls)).collect::<Result<_, _>>()?;
        let submit = self.submit(raw.submit, raw.environment)?;
        let allow_write = raw.allow_write.iter().map(|wanted| self.written(wanted)).collect::<Result<_, _>>()?;
        let journeys = raw.journeys.into_iter().map(|journey| self.journey(journey)).collect::<Result<_, _>>()?;
        Ok(System {
            name: raw.name.unwrap_or_else(|| raw.id.clone()),
            id: SystemId(raw.id),
            vendor,
            base_urls,
            environment: raw.environment,
            submit,
            allow_write,
            owner: raw.owner,
            journeys,
            must_visit,
            context: raw.context,
            line: line_of(self.text, at),
            file: None,
        })
    }

    /// What may be sent: as written, else all of it where nobody real is behind it.
    fn submit(&self, written: Option<Spanned<Submit>>, environment: Environment) -> Result<Submit, RegistryError> {
        let is_test = environment == Environment::Test;
        let Some(written) = written else {
            return Ok(if is_test { Submit::TestSystem } else { Submit::Never });
        };
        let at = written.span().start;
        match written.into_inner() {
            Submit::TestSystem if !is_test => {
                let help = "say environment = \"test\" as well if its citizens are made up; else \"get\" or \"never\"";
                Err(self.error(at, "submit = \"test-system\" in a system that is no test system", help))
            }
            submit => Ok(submit),
        }
    }

    /// `METHOD /path`.
    fn written(&self, wanted: &Spanned<String>) -> Result<String, RegistryError> {
        let text = wanted.get_ref();
        if names_request(text) {
            return Ok(text.clone());
        }
        let message = format!("`{text}` names no request");
        Err(self.error(wanted.span().start, message, "write the method and the path, as in \"POST /login/*\""))
    }

    fn journey(&self, raw: Spanned<RawJourney>) -> Result<JourneyRef, RegistryError> {
        let at = raw.span().start;
        let (file, role) = match raw.into_inner() {
            RawJourney::File(file) => (file, None),
            RawJourney::InRole(RoledJourney { file, role }) => (file, role),
        };
        if file.trim().is_empty() {
            return Err(self.error(at, "a journey without a file", "name the file that the browser exported"));
        }
        Ok(JourneyRef { file, role })
    }

    fn recipient(
        &mut self,
        raw: Spanned<RawRecipient>,
        systems: &[System],
    ) -> Result<DeclaredRecipient, RegistryError> {
        let raw = raw.into_inner();
        let domains_at = raw.domains.span().start;
        let domains: Vec<Host> =
            raw.domains.into_inner().into_iter().map(|domain| self.domain(&domain)).collect::<Result<_, _>>()?;
        if domains.is_empty() {
            let message = format!("recipient `{}` has no domains", raw.legal_name);
            return Err(self.error(domains_at, message, "give at least one domain, as in \"example.com\""));
        }
        for domain in &domains {
            self.declare_domain(domain, domains_at)?;
        }
        Ok(DeclaredRecipient {
            legal_name: raw.legal_name,
            domains,
            role: raw.role,
            of: raw.of,
            dpa_ref: raw.dpa_ref,
            dpa_expires: raw.dpa_expires.map(|date| self.date(&date)).transpose()?,
            approved_for: self.systems(raw.approved_for, systems)?,
            transfer: raw.transfer,
            retention_days: raw.retention_days,
        })
    }

    fn person(&mut self, raw: Spanned<RawPerson>, systems: &[System]) -> Result<DeclaredPerson, RegistryError> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        self.declare("test_person", &raw.id, at)?;
        let number = match (raw.cpr, raw.secret_ref) {
            (Some(cpr), None) => NumberSource::Number(self.number(&cpr, &raw.id)?),
            (None, Some(reference)) => NumberSource::Environment(self.environment_name(&reference)?),
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("test_person `{}` needs `cpr` or `secret_ref`, and one of them only", raw.id);
                return Err(self.error(at, message, "cpr = \"010145-5001\" or secret_ref = \"env:NAME\""));
            }
        };
        Ok(DeclaredPerson { id: raw.id, number, scope: self.systems(raw.scope, systems)? })
    }

    fn declare(&mut self, kind: &'static str, id: &str, at: usize) -> Result<(), RegistryError> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if id.is_empty() || !id.chars().all(is_plain) {
            let help = "ids are file names too: a-z, 0-9, - and _";
            return Err(self.error(at, format!("the {kind} id `{id}` has other characters than an id may"), help));
        }
        if self.ids.insert((kind, id.to_owned())) {
            return Ok(());
        }
        Err(self.error(at, format!("the {kind} `{id}` is declared twice"), "give each its own id"))
    }

    fn declare_domain(&mut self, domain: &Host, at: usize) -> Result<(), RegistryError> {
        if self.ids.insert(("domain", domain.as_str().to_owned())) {
            return Ok(());
        }
        Err(self.error(at, format!("the domain `{domain}` belongs to two recipients"), "keep it in one of them"))
    }

    fn systems(&self, ids: Vec<Spanned<String>>, systems: &[System]) -> Result<Vec<SystemId>, RegistryError> {
        let names = || systems.iter().map(|system| system.id.0.as_str());
        ids.into_iter().map(|id| self.known("system", id, names()).map(SystemId)).collect()
    }

    fn known<'b>(
        &self,
        kind: &str,
        id: Spanned<String>,
        ids: impl Iterator<Item = &'b str> + Clone,
    ) -> Result<String, RegistryError> {
        let at = id.span().start;
        let id = id.into_inner();
        if ids.clone().any(|known| known == id) {
            return Ok(id);
        }
        let help = match nearest(&id, ids.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("declared: {}", ids.collect::<Vec<_>>().join(", ")),
        };
        Err(self.error(at, format!("there is no {kind} `{id}`"), help))
    }

    fn url(&self, url: &Spanned<String>) -> Result<Target, RegistryError> {
        Target::parse(url.get_ref()).map_err(|error| {
            let message = format!("`{}` is no web address: {error}", url.get_ref());
            self.error(url.span().start, message, "write it as https://host/path")
        })
    }

    /// A page of the system: one elsewhere would make the audit visit somebody else.
    fn own_page(&self, page: &Spanned<String>, base_urls: &[Target]) -> Result<Target, RegistryError> {
        let help = "write it as /path, or as a URL on one of the hosts in base_urls";
        let base = base_urls.iter().find_map(|base| base.join(page.get_ref()).ok());
        match base {
            Some(url) if base_urls.iter().any(|base| base.host == url.host) => Ok(url),
            Some(url) => {
                Err(self.error(page.span().start, format!("`{}` is not a host of this system", url.host), help))
            }
            None => Err(self.error(page.span().start, format!("`{}` is no page", page.get_ref()), help)),
        }
    }

    fn domain(&self, domain: &Spanned<String>) -> Result<Host, RegistryError> {
        let text = domain.get_ref();
        let host = Host::parse(text.strip_prefix("*.").unwrap_or(text));
        host.ok_or_else(|| {
            self.error(domain.span().start, format!("`{text}` is no domain"), "write it as in \"example.com\"")
        })
    }

    fn date(&self, date: &Spanned<String>) -> Result<Date, RegistryError> {
        let error =
            |_| self.error(date.span().start, format!("`{}` is no date", date.get_ref()), "write it as 2026-12-31");
        date.get_ref().parse().map_err(error)
    }

    /// The number itself stays out of the message: it may be a real one, pasted by mistake.
    fn number(&self, cpr: &Spanned<String>, person: &str) -> Result<CprNumber, RegistryError> {
        CprNumber::parse(cpr.get_ref()).map_err(|error| {
            let message = format!("the cpr of test_person `{person}` is no CPR number: {error}");
            self.error(cpr.span().start, message, "declare made-up persons only")
        })
    }

    fn environment_name(&self, reference: &Spanned<String>) -> Result<String, RegistryError> {
        let name = reference.get_ref().strip_prefix("env:").filter(|name| !name.is_empty());
        name.map(str::to_owned).ok_or_else(|| {
            self.error(reference.span().start, "a secret_ref names an environment variable", "write it as \"env:NAME\"")
        })
    }

    fn error(&self, at: usize, message: impl Into<String>, help: impl Into<String>) -> RegistryError {
        RegistryError::at(self.text, at, message, &help.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Standing;

    const REGISTRY: &str = r#"
[controller]
name = "Skattestyrelsen (opdigtet)"

[[vendor]]
id = "nordia"
name = "Nordia A/S"

[[system]]
id = "tastselv"
vendor = "nordia"
base_urls = ["https://www.tastselv.test/"]
environment = "test"

[[system]]
id = "borger"
vendor = "nordia"
base_urls = ["https://borger.tastselv.test/"]

[[recipient]]
legal_name = "Maaling ApS"
domains = ["maaling.test"]
role = "processor"
approved_for = ["tastselv"]
transfer = { country = "US" }

[[recipient]]
legal_name = "Digitaliseringsstyrelsen"
domains = ["login.offentlig.test"]
role = "authority"

[[test_person]]
id = "da-01"
cpr = "010145-5001"
"#;

    #[track_caller]
    fn refused(change: (&str, &str), line: usize, message: &str, help: &str) {
        let text = REGISTRY.replace(change.0, change.1);
        assert_ne!(text, REGISTRY, "the change changes nothing");
        let error = Registry::parse(&text).unwrap_err();
        assert_eq!(error.line, Some(line), "{error}");
        assert!(error.message.contains(message), "{error}");
        assert!(error.help.as_deref().unwrap_or_default().contains(help), "{:?}", error.help);
    }

    fn standing(host: &str, system: &str) -> Standing {
        let registry = Registry::parse(REGISTRY).unwrap();
        registry.standing(&Host::parse(host).unwrap(), Some(&SystemId(system.to_owned())))
    }

    #[test]
    fn standing_is_told_per_system() {
        assert_eq!(standing("static.tastselv.test", "tastselv"), Standing::Own);
        assert_eq!(standing("a.maaling.test", "tastselv"), Standing::Approved);
        assert_eq!(standing("a.maaling.test", "borger"), Standing::Unlisted);
        assert_eq!(standing("login.offentlig.test", "borger"), Standing::Public);
        assert_eq!(standing("other.test", "borger"), Standing::Unknown);
    }

    #[test]
    fn a_system_knows_its_line_and_a_recipient_its_transfer() {
        let registry = Registry::parse(REGISTRY).unwrap();
        assert_eq!(registry.system("borger").unwrap().line, 15);
        assert_eq!(registry.recipients[0].transfer_without_basis(), Some("US"));
        assert_eq!(registry.nearest_system("tastselw"), Some("tastselv"));
    }

    #[test]
    fn faults_name_the_line_and_what_was_meant() {
        refused(("environment = ", "enviroment = "), 13, "unknown field `enviroment`", "did you mean `environment`?");
        refused(("\"test\"\n", "\"tset\"\n"), 13, "unknown variant `tset`", "did you mean `test`?");
        refused(("vendor = \"nordia\"", "vendor = \"nordai\""), 11, "no vendor `nordai`", "did you mean `nordia`?");
        refused(("[\"tastselv\"]", "[\"tastslev\"]"), 24, "no system `tastslev`", "did you mean `tastselv`?");
        refused(("https://borger", "htps://borger"), 18, "no web address", "https://host/path");
        refused(("id = \"borger\"", "id = \"tastselv\""), 15, "declared twice", "its own id");
        refused(("id = \"borger\"", "id = \"../x\""), 15, "other characters", "a-z");
        refused(("cpr = \"010145-5001\"", ""), 32, "needs `cpr` or `secret_ref`", "env:NAME");
        refused(("domains = [\"maaling.test\"]", "domains = []"), 22, "no domains", "example.com");
    }

    #[test]
    fn what_may_be_sent_follows_the_environment_unless_it_is_said() {
        let submit = |line: &str| {
            let text = REGISTRY.replace("environment = \"test\"", line);
            Registry::parse(&text).unwrap().system("tastselv").unwrap().submit
        };
        assert_eq!(submit("environment = \"test\""), Submit::TestSystem);
        assert_eq!(submit("environment = \"test\"\nsubmit = \"never\""), Submit::Never);
        assert_eq!(submit(""), Submit::Never);
        assert_eq!(submit("submit = \"get\""), Submit::Get);
        assert!(Submit::Get.allows("GET") && !Submit::Get.allows("post") && !Submit::Never.allows("get"));
        let test = "environment = \"test\"";
        refused((test, "submit = \"test-system\""), 13, "no test system", "environment = \"test\"");
        refused((test, "allow_write = [\"/login\"]"), 13, "names no request", "POST /login");
    }

    #[test]
    fn a_journey_is_a_file_with_or_without_a_role() {
        let line = "environment = \"test\"\njourneys = [\"a.json\", { file = \"b.json\", role = \"borger\" }]";
        let registry = Registry::parse(&REGISTRY.replace("environment = \"test\"", line)).unwrap();
        let journeys = &registry.system("tastselv").unwrap().journeys;
        let plain: Vec<_> = journeys.iter().map(|journey| (journey.file.as_str(), journey.role.as_deref())).collect();
        assert_eq!(plain, [("a.json", None), ("b.json", Some("borger"))]);
        refused(("environment = \"test\"", "journeys = [7]"), 13, "a file's name, or", "");
        refused(("environment = \"test\"", "journeys = [\" \"]"), 13, "a journey without a file", "exported");
    }

    #[test]
    fn a_wrong_number_is_not_repeated() {
        let error = Registry::parse(&REGISTRY.replace("010145-5001", "991399-1234")).unwrap_err();
        assert!(!error.to_string().contains("991399"), "{error}");
    }
}
