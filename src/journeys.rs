//! The journeys of the registry: their files read, and what they leave open filled in, before any browser starts.

use std::path::Path;

use crawler::{Journey, Lookup, Placeholder, SECRETS};
use model::registry::JourneyRef;
use model::{System, TestPerson};

use crate::fault::Fault;
use crate::own_words::without_numbers;

/// The journeys of one system that are made as the same person in the same role, in the order of the registry.
pub(crate) type Roles = Vec<(Option<String>, Vec<Journey>)>;

/// Reads the journeys of `system`, whose files lie below `folder`; `person` is whom they are made as.
pub(crate) fn read(system: &System, folder: &Path, person: Option<&TestPerson>) -> Result<Roles, Fault> {
    let mut roles = Roles::new();
    for declared in &system.journeys {
        let journey = one(declared, folder, person)?;
        match roles.iter_mut().find(|(role, _)| *role == declared.role) {
            Some((_, journeys)) => journeys.push(journey),
            None => roles.push((declared.role.clone(), vec![journey])),
        }
    }
    Ok(roles)
}

fn one(declared: &JourneyRef, folder: &Path, person: Option<&TestPerson>) -> Result<Journey, Fault> {
    let path = folder.join(&declared.file);
    let name = path.display();
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let help = "journeys are files beside the registry; a path there begins at the registry's folder";
        Fault::new(format!("cannot read the journey {name}: {error}"), help)
    })?;
    let fill = |placeholder: &Placeholder| match placeholder {
        // In clear, since typing it into the system is what the person was declared for.
        Placeholder::Cpr(_) => person.map(|person| person.cpr.reveal()),
        Placeholder::Env(variable) => std::env::var(variable).ok().filter(|_| variable.starts_with(SECRETS)),
    };
    let is_number = |text: &str| without_numbers(text) != text;
    Journey::parse(&text, &Lookup { fill: &fill, is_number: &is_number })
        .map_err(|error| Fault::new(format!("cannot use the journey {name}: {error}"), error.help()))
}

#[cfg(test)]
mod tests {
    use model::{CprNumber, Registry};

    use super::*;

    const JOURNEY: &str = r##"{"title": "Log ind", "steps": [{"type": "navigate", "url": "https://a.test/"},
        {"type": "change", "selectors": ["#a"], "value": "VALUE"}]}"##;

    fn system(journeys: &str) -> System {
        let text = format!(
            "[[vendor]]\nid = \"v\"\nname = \"V\"\n[[system]]\nid = \"s\"\nname = \"S\"\nvendor = \"v\"\n\
             base_urls = [\"https://a.test/\"]\njourneys = {journeys}\n"
        );
        Registry::parse(&text).unwrap().system("s").unwrap().clone()
    }

    #[track_caller]
    fn fault(value: &str) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("j.json"), JOURNEY.replace("VALUE", value)).unwrap();
        let fault = read(&system("[\"j.json\"]"), folder.path(), None).unwrap_err();
        (fault.to_string(), fault.help().to_owned())
    }

    #[test]
    fn journeys_of_one_role_are_made_together() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            let text = JOURNEY.replace("VALUE", "{{cpr}}").replace("Log ind", name);
            std::fs::write(folder.path().join(format!("{name}.json")), text).unwrap();
        }
        let system = system("[\"a.json\", { file = \"b.json\", role = \"borger\" }, \"c.json\"]");
        let person = TestPerson { id: "x".into(), cpr: CprNumber::parse("0101455017").unwrap(), scope: Vec::new() };
        let roles = read(&system, folder.path(), Some(&person)).unwrap();
        let told: Vec<(Option<&str>, Vec<&str>)> = roles
            .iter()
            .map(|(role, journeys)| (role.as_deref(), journeys.iter().map(Journey::title).collect()))
            .collect();
        assert_eq!(told, [(None, vec!["a", "c"]), (Some("borger"), vec!["b"])]);
    }

    #[test]
    fn a_fault_names_file_and_step() {
        let (message, help) = fault("0101455017");
        assert!(message.ends_with("j.json: step 2: a CPR number stands in `value`"), "{message}");
        assert!(help.contains("{{cpr}}"), "{help}");
        let (message, help) = fault("{{cpr}}");
        assert!(message.ends_with("step 2: nothing to put in for `{{cpr}}`"), "{message}");
        assert!(help.contains("test person"), "{help}");
        let (message, help) = fault("{{env:CPRVAGT_NO_SUCH_VARIABLE}}");
        assert!(message.contains("step 2") && help.contains("CPRVAGT_NO_SUCH_VARIABLE"), "{message} {help}");
    }

    #[test]
    fn a_journey_gets_no_secret_that_is_not_meant_for_it() {
        // Set on every machine.
        let (message, help) = fault("{{env:PATH}}");
        assert!(message.contains("nothing to put in") && help.contains("CPRVAGT_"), "{message} {help}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let fault = read(&system("[\"nede.json\"]"), Path::new("/no/such"), None).unwrap_err();
        assert!(fault.to_string().contains("nede.json"), "{fault}");
    }
}
