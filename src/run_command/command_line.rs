//! The command as it may be shown and typed again: quoted for a shell, without numbers and without what looks like a secret.

use std::ffi::OsString;

use clap::ValueEnum;

use crate::cli::{Digests, FailOn, RunArgs};
use crate::own_words::without_numbers;

/// Longest command that is told; a longer one is hidden, since half a command is none.
const MAX_CHARACTERS: usize = 600;

/// What stands in a name whose value nobody else should read.
const SECRET: [&str; 11] =
    ["password", "passwd", "pwd", "secret", "token", "apikey", "api-key", "api_key", "auth", "bearer", "cookie"];

/// Options whose value is a name and a password.
const LOGIN: [&str; 2] = ["-u", "--user"];

/// What stands for what is hidden.
const HIDDEN: &str = "…";

/// What follows `cprvagt run --only FINGERPRINT` to run the same again: all that decides what is found. How the sites are
/// reached is left out; a run that does not reach them is never a clean one.
pub(crate) fn again(args: &RunArgs) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    for host in &args.sut {
        option("--sut", host.to_string());
    }
    for (name, path) in [("--registry", &args.common.registry), ("--baseline", &args.common.baseline)] {
        if let Some(path) = path {
            option(name, without_numbers(&path.display().to_string()));
        }
    }
    if let Some(system) = &args.system {
        option("--system", without_numbers(system));
    }
    // Declared: reports show them in clear.
    for person in &args.common.test_persons {
        option("--test-person", person.clone());
    }
    if args.common.fail_on != FailOn::Medium {
        option("--fail-on", named(&args.common.fail_on));
    }
    if args.common.digests != Digests::Fast {
        option("--digests", named(&args.common.digests));
    }
    if let Some(block) = args.network.block {
        option("--block", named(&block));
    }
    if args.network.simulate_legacy_referrer {
        words.push("--simulate-legacy-referrer".to_owned());
    }
    words.push("--".to_owned());
    let mut command: Vec<String> = shown(&args.command).iter().map(|word| quoted(&without_numbers(word))).collect();
    if command.iter().map(|word| word.chars().count() + 1).sum::<usize>() > MAX_CHARACTERS {
        command.truncate(1);
        command.push(HIDDEN.to_owned());
    }
    words.iter().map(|word| quoted(word)).chain(command).collect::<Vec<_>>().join(" ")
}

/// How a value is typed.
fn named(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The words of a command without secrets. A script in one word, as `sh -c` takes it, is hidden whole where a secret may
/// stand in it, or where it has lines: those cannot be copied from a report.
fn shown(command: &[OsString]) -> Vec<String> {
    let mut words = Vec::new();
    let mut hides_next = false;
    for word in command {
        let word = word.to_string_lossy();
        if std::mem::take(&mut hides_next) && !word.starts_with('-') {
            words.push(HIDDEN.to_owned());
            continue;
        }
        let is_script = word.contains(char::is_whitespace);
        if word.contains(char::is_control) || (is_script && (is_secret(&word) || has_login(&word))) {
            words.push(HIDDEN.to_owned());
            continue;
        }
        let name = word.split_once('=').map(|(name, _)| name);
        match name {
            Some(name) if is_secret(name) => words.push(format!("{name}={HIDDEN}")),
            Some(_) => words.push(without_login(&word)),
            None => {
                hides_next = LOGIN.contains(&&*word) || (is_secret(&word) && word.starts_with('-'));
                words.push(without_login(&word));
            }
        }
    }
    words
}

fn is_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    SECRET.iter().any(|secret| lower.contains(secret))
}

/// Whether a script hands a name and password to what it starts.
fn has_login(script: &str) -> bool {
    script.split_whitespace().any(|word| LOGIN.contains(&word) || without_login(word) != word)
}

/// An address without the name and password in it.
fn without_login(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{HIDDEN}@{host}{path}"),
        None => word.to_owned(),
    }
}

/// As a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    #[track_caller]
    fn case(typed: &[&str], expected: &str) {
        let typed = ["cprvagt", "run"].iter().chain(typed);
        let Command::Run(args) = Cli::try_parse_from(typed).unwrap().command else { unreachable!() };
        assert_eq!(again(&args), expected);
    }

    #[test]
    fn a_shell_reads_it_back() {
        case(&["--", "npx", "playwright", "test"], "-- npx playwright test");
        case(
            &["--sut", "www.borger.test", "--", "sh", "-c", "a && it's"],
            "--sut www.borger.test -- sh -c 'a && it'\\''s'",
        );
    }

    #[test]
    fn numbers_are_masked() {
        case(&["--", "curl", "https://a.test/?cpr=0101901234"], "-- curl 'https://a.test/?cpr=xxxxxx-xxxx'");
    }

    #[test]
    fn secrets_are_not_repeated() {
        case(&["--", "env", "DB_PASSWORD=x", "t", "--token", "abc", "-v"], "-- env 'DB_PASSWORD=…' t --token '…' -v");
        case(&["--", "curl", "https://u:p@a.test/b@c"], "-- curl 'https://…@a.test/b@c'");
    }

    #[test]
    fn a_script_with_a_secret_or_lines_is_hidden() {
        for script in [
            "curl -H 'Authorization: Bearer abc' https://a.test/",
            "curl -u bruger:abc https://a.test/",
            "git clone https://u:abc@a.test/b",
            "API_TOKEN=abc npm test",
            "cd a\nnpm test",
        ] {
            case(&["--", "sh", "-c", script], "-- sh -c '…'");
        }
        case(&["--", "curl", "-H", "Authorization: Bearer abc", "a.test"], "-- curl -H '…' a.test");
        case(&["--", "curl", "-u", "bruger:abc", "a.test"], "-- curl -u '…' a.test");
    }

    #[test]
    fn what_decides_what_is_found_is_repeated() {
        case(
            &["--test-person", "010145-5009", "--fail-on", "low", "--block", "third-party-cpr", "--", "make"],
            "--test-person 010145-5009 --fail-on low --block third-party-cpr -- make",
        );
    }

    #[test]
    fn what_is_very_long_is_hidden() {
        let long = "x".repeat(2_000);
        case(&["--", "sh", &long], "-- sh …");
    }
}
