//! What should not stand in a file that many read: passwords, keys, and numbers of people. Comments are read too. What
//! is found is never repeated.

use model::{CprNumber, Registry};

use crate::registry_command::checks::{Kind, Remark, is_safe};

/// Words before `=` or `:` that a secret follows.
const NAMES: [&str; 8] = ["password", "passwd", "adgangskode", "kodeord", "secret", "token", "api_key", "apikey"];

/// Begins a private key (RFC 7468) and a signed token (RFC 7519: `{"` in base64url).
const MARKS: [&str; 2] = ["PRIVATE KEY-----", "eyJ"];

/// Shorter than this a value is no secret worth the name.
const SHORTEST: usize = 6;

const HELP: &str =
    "take it out, and change it, since others may have read it; a journey takes it as {{env:CPRVAGT_NAME}}";

/// What is to be said of `text`, a registry's.
pub(super) fn remarks(text: &str, registry: &Registry) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        if holds_secret(line) {
            remarks.push(Remark::new(Kind::SecretInClear, number, "a password, key or token stands in clear", HELP));
        }
        // A test person's is judged as that person's.
        let is_declared = registry.test_persons.iter().any(|person| person.line == number);
        if !is_declared && numbers(line).any(|number| !is_safe(&number)) {
            let help = "take it out: it may be a living person's, and others may have read it";
            remarks.push(Remark::new(Kind::NumberInClear, number, "a CPR number stands in clear", help));
        }
    }
    remarks
}

fn numbers(line: &str) -> impl Iterator<Item = CprNumber> {
    line.split(|c: char| !c.is_ascii_digit() && c != '-').filter_map(|word| CprNumber::parse(word).ok())
}

fn holds_secret(line: &str) -> bool {
    let has_mark = line.contains(MARKS[0]) || line.split_once(MARKS[1]).is_some_and(|(_, rest)| is_token(rest));
    has_mark || has_userinfo(line) || has_named(line)
}

/// The rest of a signed token: two more parts after dots.
fn is_token(rest: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let token = rest.split(|c| !is_part(c)).next().unwrap_or_default();
    token.matches('.').count() == 2 && token.len() > SHORTEST
}

/// `https://user:password@host`.
fn has_userinfo(line: &str) -> bool {
    line.split("://").skip(1).any(|rest| {
        let authority =
            rest.split(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'')).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(userinfo, _)| userinfo.contains(':'))
    })
}

/// `password = "..."`, `token: ...`, `?api_key=...`.
fn has_named(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    NAMES.iter().any(|name| {
        lower.match_indices(name).any(|(at, _)| {
            let after = lower.get(at + name.len()..).unwrap_or_default().trim_start_matches('"').trim_start();
            let Some(value) = after.strip_prefix(['=', ':']) else { return false };
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let value = value.split(['"', '\'', '&', ' ', ',', '}']).next().unwrap_or_default();
            value.chars().count() >= SHORTEST && !value.starts_with("env:") && !value.starts_with("{{")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, is_told: bool) {
        assert_eq!(holds_secret(line), is_told, "{line}");
    }

    #[test]
    fn secrets_are_told_by_their_names_and_shapes() {
        case("# password = hunter22", true);
        case("contact = \"adgangskode: Sommer2026\"", true);
        case("base_urls = [\"https://a.test/?api_key=0a1b2c3d&x=1\"]", true);
        case("base_urls = [\"https://me:secret@a.test/\"]", true);
        case("# -----BEGIN PRIVATE KEY-----", true);
        case("# eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln", true);
    }

    #[test]
    fn what_only_speaks_of_them_is_not() {
        case("secret_ref = \"env:CPRVAGT_DITTE\"", false);
        case("# passwords are taken from the environment: {{env:CPRVAGT_CODE}}", false);
        case("# token = {{env:CPRVAGT_TOKEN}}", false);
        case("contact = \"me@a.test\" # see https://a.test/@me", false);
        case("# kodeord: nej", false);
        case("name = \"Keyjoy\"", false);
    }

    #[test]
    fn a_number_is_told_wherever_it_stands_unless_it_can_be_nobodys() {
        let lines = |text: &str| -> Vec<Option<usize>> {
            let registry = Registry::examine(text).0;
            remarks(text, &registry).iter().map(|remark| remark.place.map(|place| place.line)).collect()
        };
        assert_eq!(
            lines("# 010145-5001 is nobody's\n# 070761-4285 may be\nname = \"0707614285\"\n"),
            [Some(2), Some(3)]
        );
        assert_eq!(lines("# agreed 2026-12-31, case 2026-118, 12345678\n"), []);
        assert_eq!(lines("[[test_person]]\nid = \"a\"\ncpr = \"070761-4285\"\n"), [], "it is judged as that person's");
    }
}
