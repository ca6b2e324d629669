//! The built-in list of who operates which host: facts that came with the program and that nobody has checked for the
//! case (`data/README.md`). What is not in the list is not known; nothing is guessed.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use model::{Category, Host};

/// What this project wrote itself goes before what it took over.
const DOMAINS: [&str; 2] = [include_str!("../data/entities-extra.tsv"), include_str!("../data/entities.tsv")];

const COUNTRIES: &str = include_str!("../data/countries.tsv");

/// Begins an entry that covers a domain and all below it.
const BELOW: &str = "*.";

/// A row of this certainty is as good as none.
const TOO_UNSURE: &str = "low";

/// Who operates a host, as the built-in list says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Company {
    /// What it is commonly called, `Google`.
    pub(crate) name: &'static str,
    /// What of the company's this host is, `Google Analytics`.
    pub(crate) product: &'static str,
    /// What that is for.
    pub(crate) category: Category,
    /// Where the company has its headquarters, ISO 3166-1 alpha-2.
    pub(crate) country: Option<&'static str>,
    /// The legal entity, `Google LLC`.
    pub(crate) legal_entity: Option<&'static str>,
}

/// The list, parsed.
#[derive(Default)]
struct List {
    /// Entries of one host only.
    hosts: BTreeMap<&'static str, Company>,
    /// Entries that cover what is below them.
    domains: BTreeMap<&'static str, Company>,
}

/// Where an entity is, and what it is called in law.
struct Seat {
    country: &'static str,
    legal_entity: Option<&'static str>,
}

/// Who operates `host`. The longest entry wins.
pub(crate) fn company(host: &Host) -> Option<Company> {
    let name = host.as_str();
    let list = list();
    if let Some(company) = list.hosts.get(name) {
        return Some(*company);
    }
    if host.ip().is_some() {
        return None;
    }
    let mut domains = std::iter::successors(Some(name), |domain| Some(domain.split_once('.')?.1));
    domains.find_map(|domain| list.domains.get(domain).copied())
}

impl Company {
    /// The legal entity where it is known, else what the company is commonly called.
    pub(crate) fn full_name(&self) -> &'static str {
        self.legal_entity.unwrap_or(self.name)
    }
}

fn list() -> &'static List {
    static LIST: OnceLock<List> = OnceLock::new();
    LIST.get_or_init(|| {
        let seats: BTreeMap<&str, Seat> = rows(COUNTRIES).filter_map(seat).collect();
        let mut list = List::default();
        for (domain, company) in DOMAINS.into_iter().flat_map(rows).filter_map(|row| entry(row, &seats)) {
            let (entries, domain) = match domain.strip_prefix(BELOW) {
                Some(below) => (&mut list.domains, below),
                None => (&mut list.hosts, domain),
            };
            entries.entry(domain).or_insert(company);
        }
        list
    })
}

/// The rows of a file without its header.
fn rows(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().skip(1).filter(|line| !line.is_empty())
}

/// `domain, entity, category, product`, and what else there is.
fn entry(row: &'static str, seats: &BTreeMap<&str, Seat>) -> Option<(&'static str, Company)> {
    let mut fields = row.split('\t');
    let (domain, name) = (fields.next()?, fields.next()?);
    let (category, product) = (Category::named(fields.next()?)?, fields.next()?);
    let seat = seats.get(name);
    let (country, legal_entity) = (seat.map(|seat| seat.country), seat.and_then(|seat| seat.legal_entity));
    Some((domain, Company { name, product, category, country, legal_entity }))
}

/// `entity, country, certainty, legal_entity, note`.
fn seat(row: &'static str) -> Option<(&'static str, Seat)> {
    let mut fields = row.split('\t');
    let (entity, country, certainty) = (fields.next()?, fields.next()?, fields.next()?);
    let legal_entity = fields.next().filter(|name| !name.is_empty());
    (certainty != TOO_UNSURE).then_some((entity, Seat { country, legal_entity }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The codes of ISO 3166-1 that are in use here; one that is new must be looked up.
    const CODES: &str = "CA CH CN CZ DE DK EE ES FR GB IE IL IN IT MT NL NO NZ PL RU SE US";

    fn of(host: &str) -> Option<Company> {
        company(&Host::parse(host).unwrap())
    }

    #[track_caller]
    fn case(host: &str, name: &str, product: &str, country: Option<&str>) {
        let company = of(host).unwrap();
        assert_eq!((company.name, company.product, company.country), (name, product, country));
    }

    #[test]
    fn a_host_is_told_with_company_product_and_country() {
        case("www.google-analytics.com", "Google", "Google Analytics", Some("US"));
        case("region1.google-analytics.com", "Google", "Google Analytics", Some("US"));
        case("skat.sc.omtrdc.net", "Adobe", "Adobe Experience Cloud", Some("US"));
        case("consent.cookiebot.com", "Cookiebot", "Cookiebot", Some("DK"));
        assert_eq!(of("www.facebook.com").unwrap().full_name(), "Meta Platforms, Inc.");
        assert_eq!(of("ajax.googleapis.com").unwrap().full_name(), "Google LLC");
    }

    #[test]
    fn the_longest_entry_wins_and_one_host_is_one_host() {
        case("bat.bing.com", "Microsoft", "Microsoft Advertising UET", Some("US"));
        assert_ne!(of("www.bing.com").unwrap().product, "Microsoft Advertising UET");
        assert_eq!(of("below.platform.linkedin.com"), None);
        assert_eq!(of("notgoogle-analytics.com"), None);
        assert_eq!(of("google-analytics.com.ukendt.test"), None);
        assert_eq!(of("www.selvbetjening.test"), None);
    }

    #[test]
    fn an_address_has_no_domain_above_it() {
        assert_eq!(of("8.8.8.8"), None);
        assert_eq!(of("109.109.138.174").unwrap().name, "Layershift");
    }

    #[test]
    fn who_is_not_in_the_list_of_countries_has_none() {
        let company = of("www.10cms.com").unwrap();
        assert_eq!((company.country, company.legal_entity, company.full_name()), (None, None, "Amplience"));
    }

    #[test]
    fn every_row_is_read_and_names_a_host_once() {
        for file in DOMAINS {
            let mut seen = BTreeSet::new();
            for row in rows(file) {
                let (domain, company) = entry(row, &BTreeMap::new()).unwrap_or_else(|| panic!("{row}"));
                let host = Host::parse(domain.strip_prefix(BELOW).unwrap_or(domain)).unwrap();
                assert_eq!(host.as_str(), domain.strip_prefix(BELOW).unwrap_or(domain), "{row}");
                assert!(host.as_str().contains('.') && !host.as_str().contains('*'), "{row}");
                assert!(seen.insert(domain), "twice: {row}");
                assert!(!company.name.is_empty() && !company.product.is_empty(), "{row}");
            }
            assert!(seen.len() > 50, "{}", seen.len());
        }
    }

    #[test]
    fn every_country_is_a_code_and_every_entity_there_once() {
        let mut seen = BTreeSet::new();
        for row in rows(COUNTRIES) {
            let fields: Vec<&str> = row.split('\t').collect();
            let [entity, country, certainty, legal_entity, _] = fields[..] else { panic!("{row}") };
            assert!(CODES.split(' ').any(|code| code == country), "{row}");
            assert!(["high", "medium", "low"].contains(&certainty), "{row}");
            assert!(!legal_entity.ends_with(')'), "remarks go into the note: {row}");
            assert!(seen.insert(entity), "twice: {row}");
        }
        assert!(seen.len() > 150, "{}", seen.len());
    }
}
