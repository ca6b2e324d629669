//! From raw tables to the checked [`Registry`]: what they refer to, and what they may not hold. Every fault is gathered, so
//! that one look at the file mends them all.

use std::collections::BTreeSet;

use jiff::civil::Date;
use toml::Spanned;

use super::raw::{
    RawAnswer, RawJourney, RawPerson, RawRecipient, RawRegistry, RawSystem, RawValue, RawVendor, RoledJourney,
};
use super::{
    Answer, AnswerValue, DeclaredPerson, DeclaredRecipient, Environment, JourneyRef, NumberSource, Registry, Submit,
    System, SystemId, ValueKind, Vendor, VendorId, names_request,
};
use crate::file_error::{RawDate, nearest, place_of};
use crate::{CprNumber, FileError, Host, Target};

/// How a date is written.
const DATE: &str = "write it as \"2026-12-31\"";

/// A text, what was declared in it so far, and what is wrong with it.
struct Checker<'a> {
    text: &'a str,
    names: Names,
    /// What may be there once: ids of each kind, domains, addresses.
    declared: BTreeSet<(&'static str, String)>,
    /// Each with its offset.
    faults: Vec<(usize, FileError)>,
}

/// What other tables may refer to, whether or not it is sound itself: a fault is told once.
struct Names {
    vendors: Vec<String>,
    systems: Vec<String>,
    recipients: Vec<String>,
}

pub(super) fn examine(text: &str) -> (Registry, Vec<FileError>) {
    let raw: RawRegistry = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => return (Registry::default(), vec![FileError::from_toml(text, &error)]),
    };
    let names = Names {
        vendors: raw.vendor.iter().map(|vendor| vendor.get_ref().id.clone()).collect(),
        systems: raw.system.iter().map(|system| system.get_ref().id.clone()).collect(),
        recipients: raw.recipient.iter().map(|recipient| recipient.get_ref().legal_name.clone()).collect(),
    };
    let mut checker = Checker { text, names, declared: BTreeSet::new(), faults: Vec::new() };
    let registry = Registry {
        controller: raw.controller,
        vendors: raw.vendor.into_iter().filter_map(|vendor| checker.vendor(vendor)).collect(),
        systems: raw.system.into_iter().filter_map(|system| checker.system(system)).collect(),
        recipients: raw.recipient.into_iter().filter_map(|recipient| checker.recipient(recipient)).collect(),
        test_persons: raw.test_person.into_iter().filter_map(|person| checker.person(person)).collect(),
        answers: raw.answer.into_iter().filter_map(|answer| checker.answer(answer)).collect(),
        retention: raw.retention,
    };
    checker.faults.sort_by_key(|(at, _)| *at);
    (registry, checker.faults.into_iter().map(|(_, fault)| fault).collect())
}

impl Checker<'_> {
    fn vendor(&mut self, raw: Spanned<RawVendor>) -> Option<Vendor> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        let is_new = self.declare("vendor", &raw.id, at);
        let (dpa_date, dpa_expires) = self.agreement(raw.dpa_date, raw.dpa_expires)?;
        let next_supervision = self.date(raw.next_supervision)?;
        is_new.then(|| Vendor {
            id: VendorId(raw.id),
            name: raw.name,
            cvr: raw.cvr,
            contact: raw.contact,
            dpa_ref: raw.dpa_ref,
            dpa_date,
            dpa_expires,
            next_supervision,
            line: self.line(at),
        })
    }

    fn system(&mut self, raw: Spanned<RawSystem>) -> Option<System> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        let is_new = self.declare("system", &raw.id, at);
        let vendor = self.known("vendor", raw.vendor);
        let urls_at = raw.base_urls.span().start;
        let urls = raw.base_urls.into_inner();
        if urls.is_empty() {
            self.fault::<()>(urls_at, format!("system `{}` has no base_urls", raw.id), "give at least one URL");
        }
        let base_urls = all(urls, |url| self.base_url(&url))?;
        let must_visit = all(raw.must_visit, |page| self.own_page(&page, &base_urls));
        let submit = self.submit(raw.submit, raw.environment);
        let allow_write = all(raw.allow_write, |wanted| self.written(&wanted));
        let journeys = all(raw.journeys, |journey| self.journey(journey));
        if !is_new || base_urls.is_empty() {
            return None;
        }
        Some(System {
            name: raw.name.unwrap_or_else(|| raw.id.clone()),
            id: SystemId(raw.id),
            vendor: VendorId(vendor?),
            base_urls,
            environment: raw.environment,
            submit: submit?,
            allow_write: allow_write?,
            owner: raw.owner,
            journeys: journeys?,
            must_visit: must_visit?,
            context: raw.context,
            line: self.line(at),
            file: None,
        })
    }

    /// What may be sent: as written, else all of it where nobody real is behind it.
    fn submit(&mut self, written: Option<Spanned<Submit>>, environment: Environment) -> Option<Submit> {
        let is_test = environment == Environment::Test;
        let Some(written) = written else {
            return Some(if is_test { Submit::TestSystem } else { Submit::Never });
        };
        let at = written.span().start;
        match written.into_inner() {
            Submit::TestSystem if !is_test => {
                let help = "say environment = \"test\" as well if its citizens are made up; else \"get\" or \"never\"";
                self.fault(at, "submit = \"test-system\" in a system that is no test system", help)
            }
            submit => Some(submit),
        }
    }

    /// `METHOD /path`.
    fn written(&mut self, wanted: &Spanned<String>) -> Option<String> {
        let text = wanted.get_ref();
        if names_request(text) {
            return Some(text.clone());
        }
        let message = format!("`{text}` names no request");
        self.fault(wanted.span().start, message, "write the method and the path, as in \"POST /login/*\"")
    }

    fn journey(&mut self, raw: Spanned<RawJourney>) -> Option<JourneyRef> {
        let at = raw.span().start;
        let line = self.line(at);
        let (file, role) = match raw.into_inner() {
            RawJourney::File(file) => (file, None),
            RawJourney::InRole(RoledJourney { file, role }) => (file, role),
        };
        if file.trim().is_empty() {
            return self.fault(at, "a journey without a file", "name the file that the browser exported");
        }
        Some(JourneyRef { file, role, line })
    }

    fn recipient(&mut self, raw: Spanned<RawRecipient>) -> Option<DeclaredRecipient> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        let domains_at = raw.domains.span().start;
        let domains = all(raw.domains.into_inner(), |domain| self.domain(&domain));
        if domains.as_ref().is_some_and(Vec::is_empty) {
            let message = format!("recipient `{}` has no domains", raw.legal_name);
            self.fault(domains_at, message, "give at least one domain, as in \"example.com\"")
        } else {
            Some(())
        }?;
        let agreement = self.agreement(raw.dpa_date, raw.dpa_expires);
        let approved_for = self.systems(raw.approved_for);
        let (dpa_date, dpa_expires) = agreement?;
        Some(DeclaredRecipient {
            legal_name: raw.legal_name,
            domains: domains?,
            role: raw.role,
            of: raw.of,
            purpose: raw.purpose,
            contact: raw.contact,
            dpa_ref: raw.dpa_ref,
            dpa_date,
            dpa_expires,
            approved_for: approved_for?,
            transfer: raw.transfer,
            retention_days: raw.retention_days,
            line: self.line(at),
        })
    }

    fn person(&mut self, raw: Spanned<RawPerson>) -> Option<DeclaredPerson> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        let is_new = self.declare("test_person", &raw.id, at);
        let (number, line) = match (raw.cpr, raw.secret_ref) {
            (Some(cpr), None) => (self.number(&cpr, &raw.id).map(NumberSource::Number), self.line(cpr.span().start)),
            (None, Some(reference)) => {
                (self.environment_name(&reference).map(NumberSource::Environment), self.line(reference.span().start))
            }
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("test_person `{}` needs `cpr` or `secret_ref`, and one of them only", raw.id);
                self.fault(at, message, "cpr = \"010145-5001\" or secret_ref = \"env:NAME\"")?
            }
        };
        let scope = self.systems(raw.scope)?;
        is_new.then_some(DeclaredPerson { id: raw.id, number: number?, scope, line })
    }

    fn answer(&mut self, raw: Spanned<RawAnswer>) -> Option<Answer> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        let recipient = raw.recipient.map(|name| self.known("recipient", name));
        let system = raw.system.map(|id| self.known("system", id).map(SystemId));
        let given = self.date(raw.given);
        let value = raw.value.map(|value| {
            let kind = raw.question.takes();
            self.value(value, kind, raw.question.as_str())
        });
        if value.is_none() && raw.text.is_none() && raw.reference.is_none() {
            let message = format!("the answer to `{}` says nothing", raw.question.as_str());
            self.fault::<()>(at, message, "write it as text, value or reference")?;
        }
        Some(Answer {
            question: raw.question,
            recipient: swap(recipient)?,
            system: swap(system)?,
            given_by: raw.given_by,
            given: given?,
            text: raw.text,
            value: swap(value)?,
            reference: raw.reference,
            line: self.line(at),
        })
    }

    fn value(&mut self, raw: Spanned<RawValue>, kind: ValueKind, question: &str) -> Option<AnswerValue> {
        let at = raw.span().start;
        match (raw.into_inner(), kind) {
            (RawValue::YesNo(yes), ValueKind::YesNo) => Some(AnswerValue::YesNo(yes)),
            (RawValue::Count(count), ValueKind::Count) => Some(AnswerValue::Count(count)),
            (RawValue::Date(date), ValueKind::Day) => self.day(at, &date).map(AnswerValue::Day),
            (RawValue::YesNo(_) | RawValue::Count(_) | RawValue::Date(_), ValueKind::Words) => {
                self.fault(at, format!("an answer to `{question}` has no value"), "write it as text or reference")
            }
            (
                RawValue::YesNo(_) | RawValue::Count(_) | RawValue::Date(_),
                ValueKind::YesNo | ValueKind::Count | ValueKind::Day,
            ) => {
                let help = format!("write {}", kind.example());
                self.fault(at, format!("the value of an answer to `{question}` is of another kind"), help)
            }
        }
    }

    /// Whether `id` is one, and not there before; else that is told.
    fn declare(&mut self, kind: &'static str, id: &str, at: usize) -> bool {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if id.is_empty() || !id.chars().all(is_plain) {
            let help = "ids are file names too: a-z, 0-9, - and _";
            self.fault::<()>(at, format!("the {kind} id `{id}` has other characters than an id may"), help);
            return false;
        }
        let is_new = self.declared.insert((kind, id.to_owned()));
        if !is_new {
            self.fault::<()>(at, format!("the {kind} `{id}` is declared twice"), "give each its own id");
        }
        is_new
    }

    fn systems(&mut self, ids: Vec<Spanned<String>>) -> Option<Vec<SystemId>> {
        all(ids, |id| self.known("system", id).map(SystemId))
    }

    fn known(&mut self, kind: &'static str, id: Spanned<String>) -> Option<String> {
        let at = id.span().start;
        let id = id.into_inner();
        let ids = match kind {
            "vendor" => &self.names.vendors,
            "system" => &self.names.systems,
            _ => &self.names.recipients,
        };
        if ids.contains(&id) {
            return Some(id);
        }
        let help = match nearest(&id, ids.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if ids.is_empty() => format!("declare it: there is no [[{kind}]] in the file"),
            None => format!("declared: {}", ids.join(", ")),
        };
        self.fault(at, format!("there is no {kind} `{id}`"), help)
    }

    /// An address that no other system begins at: what is seen there could be either's.
    fn base_url(&mut self, url: &Spanned<String>) -> Option<Target> {
        let at = url.span().start;
        let target = match Target::parse(url.get_ref()) {
            Ok(target) => target,
            // Not repeated: it may hold a password.
            Err(error) => {
                return self.fault(
                    at,
                    format!("a base URL is no web address: {error}"),
                    "write it as https://host/path",
                );
            }
        };
        if target.userinfo.is_some() {
            let help = "leave out what stands before the @; a journey logs in, with a secret of the environment";
            return self.fault(at, format!("a user or password stands in a URL on `{}`", target.host), help);
        }
        if !self.declared.insert(("base_url", target.to_string())) {
            let help = "keep it in one of them, or give each the URL that it begins at";
            return self.fault(at, format!("two systems begin at `{target}`"), help);
        }
        Some(target)
    }

    /// A page of the system: one elsewhere would make the audit visit somebody else.
    fn own_page(&mut self, page: &Spanned<String>, base_urls: &[Target]) -> Option<Target> {
        let help = "write it as /path, or as a URL on one of the hosts in base_urls";
        let at = page.span().start;
        let base = base_urls.iter().find_map(|base| base.join(page.get_ref()).ok());
        match base {
            Some(url) if base_urls.iter().any(|base| base.host == url.host) => Some(url),
            Some(url) => self.fault(at, format!("`{}` is not a host of this system", url.host), help),
            None => self.fault(at, format!("`{}` is no page", page.get_ref()), help),
        }
    }

    fn domain(&mut self, domain: &Spanned<String>) -> Option<Host> {
        let at = domain.span().start;
        let text = domain.get_ref();
        let Some(host) = Host::parse(text.strip_prefix("*.").unwrap_or(text)) else {
            return self.fault(at, format!("`{text}` is no domain"), "write it as in \"example.com\"");
        };
        if !self.declared.insert(("domain", host.as_str().to_owned())) {
            return self.fault(at, format!("the domain `{host}` belongs to two recipients"), "keep it in one of them");
        }
        Some(host)
    }

    /// When an agreement was made and ends; in that order.
    fn agreement(
        &mut self,
        made: Option<Spanned<RawDate>>,
        ends: Option<Spanned<RawDate>>,
    ) -> Option<(Option<Date>, Option<Date>)> {
        let at = ends.as_ref().map_or(0, |date| date.span().start);
        let (made, ends) = (self.date(made), self.date(ends));
        let (made, ends) = (made?, ends?);
        match (made, ends) {
            (Some(made), Some(ends)) if ends < made => {
                self.fault(at, format!("an agreement of {made} ends on {ends}, before it begins"), "mend one of them")
            }
            (made, ends) => Some((made, ends)),
        }
    }

    #[expect(clippy::option_option, reason = "the outer one says that a fault was told")]
    fn date(&mut self, date: Option<Spanned<RawDate>>) -> Option<Option<Date>> {
        let Some(date) = date else { return Some(None) };
        self.day(date.span().start, date.get_ref()).map(Some)
    }

    fn day(&mut self, at: usize, date: &RawDate) -> Option<Date> {
        let written = date.written();
        match written.parse() {
            Ok(date) => Some(date),
            Err(_) => self.fault(at, format!("`{written}` is no date"), DATE),
        }
    }

    /// The number itself stays out of the message: it may be a real one, pasted by mistake.
    fn number(&mut self, cpr: &Spanned<String>, person: &str) -> Option<CprNumber> {
        match CprNumber::parse(cpr.get_ref()) {
            Ok(number) => Some(number),
            Err(error) => {
                let message = format!("the cpr of test_person `{person}` is no CPR number: {error}");
                self.fault(cpr.span().start, message, "declare made-up persons only")
            }
        }
    }

    fn environment_name(&mut self, reference: &Spanned<String>) -> Option<String> {
        let name = reference.get_ref().strip_prefix("env:").filter(|name| !name.is_empty());
        let name = name.map(str::to_owned);
        if name.is_none() {
            let message = "a secret_ref names an environment variable";
            return self.fault(reference.span().start, message, "write it as \"env:NAME\"");
        }
        name
    }

    fn line(&self, at: usize) -> usize {
        place_of(self.text, at).line
    }

    /// Tells what is wrong; `None`, for want of what was to be read.
    fn fault<T>(&mut self, at: usize, message: impl Into<String>, help: impl AsRef<str>) -> Option<T> {
        self.faults.push((at, FileError::at(self.text, at, message, help.as_ref())));
        None
    }
}

/// Every one of them checked, so that all faults are told; `None` if any has one.
fn all<T, U>(raw: Vec<T>, check: impl FnMut(T) -> Option<U>) -> Option<Vec<U>> {
    let checked: Vec<Option<U>> = raw.into_iter().map(check).collect();
    checked.into_iter().collect()
}

/// What is there must be sound.
#[expect(clippy::option_option, reason = "the outer one says that a fault was told")]
fn swap<T>(checked: Option<Option<T>>) -> Option<Option<T>> {
    match checked {
        None => Some(None),
        Some(None) => None,
        Some(value) => Some(value),
    }
}
