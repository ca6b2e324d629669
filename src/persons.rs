//! The test persons of a run, gathered from registry, command line and environment.

use model::registry::NumberSource;
use model::{CprNumber, Registry, TestPerson};

use crate::fault::Fault;

/// A mod-11-valid number of a person born in 2045: it can belong to nobody alive (cpr-facts 1.1, 1.2).
const BUILT_IN: &str = "0101455017";

/// In words, for this program masks what looks like a number in all that it says (cpr-facts 1.2).
const HELP: &str = "give ten digits; made-up ones have a seventh digit 5-8 and a year 37-57";

/// Every declared test person, those of the command line first.
pub(crate) fn declared(flags: &[String], registry: Option<&Registry>) -> Result<Vec<TestPerson>, Fault> {
    let mut persons = Vec::new();
    for (at, text) in flags.iter().enumerate() {
        let id = format!("test-person-{}", at + 1);
        // The text itself stays out of the message: it may be a real number, mistyped.
        let cpr = CprNumber::parse(text)
            .map_err(|error| Fault::new(format!("cannot use --test-person no. {}: {error}", at + 1), HELP))?;
        persons.push(TestPerson { id, cpr, scope: Vec::new() });
    }
    for person in registry.into_iter().flat_map(|registry| &registry.test_persons) {
        let cpr = match &person.number {
            NumberSource::Number(cpr) => *cpr,
            NumberSource::Environment(name) => from_environment(&person.id, name)?,
        };
        persons.push(TestPerson { id: person.id.clone(), cpr, scope: person.scope.clone() });
    }
    Ok(persons)
}

/// The person to play when none is declared.
pub(crate) fn built_in() -> TestPerson {
    let cpr = CprNumber::parse(BUILT_IN).expect("the constant above is a number, as its test shows");
    TestPerson { id: "built-in".to_owned(), cpr, scope: Vec::new() }
}

/// As many fields as self-services ask for numbers in: the person at hand, spouse, children, heirs, on some pages each.
const POOL: usize = 32;

/// Made-up numbers beside the built-in one, so that each field gets its own: of people born in 2037 to 2057, mod-11-valid,
/// the same in every run.
pub(crate) fn pool() -> Vec<TestPerson> {
    let dates = (2037..=2057).flat_map(|year: u32| (1..=12_u32).map(move |month| (year % 100, month)));
    let numbers = dates.filter_map(|(year, month)| {
        // The seventh digit says the century (cpr-facts 1.2); one of a few serials has the check digit.
        let of_serial = |serial: u32| CprNumber::parse(&format!("{:02}{month:02}{year:02}{serial:04}", 1 + year % 28));
        (5_000..9_000)
            .step_by(7)
            .filter_map(|serial| of_serial(serial).ok())
            .find(|number| number.passes_mod11() && number.is_unassignable() && *number != built_in().cpr)
    });
    // Spread over the years, so that no two look much alike.
    let person = |(at, cpr)| TestPerson { id: format!("made-up-{:02}", at + 1), cpr, scope: Vec::new() };
    numbers.step_by(7).take(POOL).enumerate().map(person).collect()
}

fn from_environment(person: &str, name: &str) -> Result<CprNumber, Fault> {
    let problem = |text: String| Fault::new(text, format!("set {name} to the test person's number"));
    let value = std::env::var(name)
        .map_err(|_| problem(format!("test_person `{person}` takes its number from {name}, which is not set")))?;
    CprNumber::parse(value.trim())
        .map_err(|error| problem(format!("{name} (test_person `{person}`) holds no CPR number: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_person_is_nobody() {
        assert!(built_in().cpr.is_unassignable());
        assert!(built_in().cpr.passes_mod11());
    }

    #[test]
    fn everybody_in_the_pool_is_nobody_and_somebody_else() {
        let pool = pool();
        let numbers: std::collections::BTreeSet<CprNumber> =
            pool.iter().map(|person| person.cpr).chain([built_in().cpr]).collect();
        assert_eq!((pool.len(), numbers.len()), (POOL, POOL + 1));
        assert!(pool.iter().all(|person| person.cpr.is_unassignable() && person.cpr.passes_mod11()));
    }

    #[test]
    fn a_mistyped_number_is_not_repeated() {
        let fault = declared(&["0101901234".to_owned(), "3113901234".to_owned()], None).unwrap_err();
        assert!(fault.to_string().contains("no. 2"), "{fault}");
        assert!(!fault.to_string().contains("3113901234"), "{fault}");
    }

    #[test]
    fn the_help_is_not_masked() {
        assert_eq!(crate::own_words::without_numbers(HELP), HELP);
    }
}
