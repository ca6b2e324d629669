//! Holds `schema/registry.schema.json` and the registry's reader together: what one knows, the other knows. Tests only.

use std::collections::BTreeSet;

use model::Registry;
use serde_json::Value;

use crate::schema::Checker;

const SCHEMA: &str = include_str!("../schema/registry.schema.json");
const DEMO: &str = include_str!("../../examples/registry.toml");

/// What `registry init` writes.
const NEW: &str = include_str!("../../src/registry_command/new.toml");

/// No word of the registry is like this one, so that the reader lists those it knows.
const UNHEARD_OF: &str = "xqzwvk";

/// Each table: where the schema has its fields, what comes before a field of it in a registry, and what after.
const TABLES: [(&str, &str, &str); 9] = [
    ("", "", ""),
    ("/$defs/controller", "[controller]\n", ""),
    ("/$defs/vendor", "[[vendor]]\n", ""),
    ("/$defs/system", "[[system]]\n", ""),
    ("/$defs/recipient", "[[recipient]]\n", ""),
    ("/$defs/transfer", "[[recipient]]\ntransfer = { ", " }"),
    ("/$defs/test_person", "[[test_person]]\n", ""),
    ("/$defs/answer", "[[answer]]\n", ""),
    ("/$defs/retention", "[retention]\n", ""),
];

/// Enumerated words: where the schema has them, and a registry with one of them unheard of.
const WORDS: [(&str, &str); 7] = [
    ("/$defs/system/properties/environment", "[[system]]\nenvironment = "),
    ("/$defs/system/properties/submit", "[[system]]\nsubmit = "),
    ("/$defs/system/properties/context", "[[system]]\ncontext = "),
    ("/$defs/recipient/properties/role", "[[recipient]]\nrole = "),
    ("/$defs/transfer/properties/basis", "[[recipient]]\ntransfer.basis = "),
    ("/$defs/answer/properties/question", "[[answer]]\nquestion = "),
    ("/$defs/answer/properties/given_by", "[[answer]]\ngiven_by = "),
];

/// What the reader says it knows instead of what stands last in `text`.
#[track_caller]
fn known(text: &str) -> BTreeSet<String> {
    let error = Registry::parse(text).unwrap_err();
    let help = error.help.clone().unwrap_or_default();
    let Some(words) = help.strip_prefix("known here: ") else { panic!("{text}: {error}: {help}") };
    words.split(", ").map(str::to_owned).collect()
}

fn value(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap()
}

#[test]
fn the_reader_and_the_schema_know_the_same_fields() {
    let checker = Checker::of(SCHEMA);
    for (table, before, after) in TABLES {
        let at = checker.root.pointer(table).unwrap();
        let fields: BTreeSet<String> = at["properties"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(known(&format!("{before}{UNHEARD_OF} = 1{after}\n")), fields, "{table}");
    }
}

#[test]
fn the_reader_and_the_schema_know_the_same_words() {
    let checker = Checker::of(SCHEMA);
    for (at, before) in WORDS {
        let words = checker.root.pointer(&format!("{at}/enum")).unwrap().as_array().unwrap();
        let words: BTreeSet<String> = words.iter().map(|word| word.as_str().unwrap().to_owned()).collect();
        assert_eq!(known(&format!("{before}\"{UNHEARD_OF}\"\n")), words, "{at}");
    }
}

#[test]
fn the_reader_and_the_schema_require_the_same_fields() {
    for (table, whole) in [
        ("controller", "[controller]\nname = \"A\"\n"),
        ("vendor", "[[vendor]]\nid = \"v\"\nname = \"V\"\n"),
        ("system", "[[system]]\nid = \"s\"\nvendor = \"v\"\nbase_urls = [\"https://a.test/\"]\n"),
        ("recipient", "[[recipient]]\nlegal_name = \"R\"\ndomains = [\"r.test\"]\nrole = \"processor\"\n"),
        ("answer", "[[answer]]\nquestion = \"risk\"\ngiven_by = \"vendor\"\n"),
        ("test_person", "[[test_person]]\nid = \"a\"\n"),
    ] {
        let checker = Checker::of(SCHEMA);
        let required = checker.root.pointer(&format!("/$defs/{table}/required")).unwrap().as_array().unwrap();
        let fields: Vec<&str> = whole.lines().skip(1).filter_map(|line| line.split(" = ").next()).collect();
        assert_eq!(required.iter().map(|field| field.as_str().unwrap()).collect::<Vec<_>>(), fields, "{table}");
        for field in fields {
            let text: String =
                whole.lines().filter(|line| !line.starts_with(field)).flat_map(|line| [line, "\n"]).collect();
            let error = Registry::parse(&text).unwrap_err();
            assert!(error.message.contains(&format!("missing field `{field}`")), "{table}: {error}");
            assert!(Checker::of(SCHEMA).check("", &value(&text), "").is_err(), "{table} without {field}");
        }
    }
}

#[test]
fn the_registries_we_write_are_what_the_schema_says() {
    let mut named = BTreeSet::new();
    Checker::properties(&Checker::of(SCHEMA).root, "", &mut named);
    assert!(named.len() > 50, "{}", named.len());
    for text in [DEMO, NEW] {
        assert_eq!(Checker::of(SCHEMA).check("", &value(text), ""), Ok(()));
        assert!(Registry::parse(text).is_ok());
    }
    let spoilt = value(&DEMO.replacen("environment", "enviroment", 1));
    assert!(Checker::of(SCHEMA).check("", &spoilt, "").unwrap_err().contains("additionalProperties"));
}

#[test]
fn what_a_supervisor_begins_with_shows_every_field() {
    let mut named = BTreeSet::new();
    Checker::properties(&Checker::of(SCHEMA).root, "", &mut named);
    for field in named.iter().filter_map(|pointer| pointer.rsplit('/').next()) {
        assert!(NEW.contains(field), "`{field}` is not shown by `registry init`");
    }
}
