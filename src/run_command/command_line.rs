//! The command as it may be shown and typed again: quoted for a shell, without numbers and without what looks like a secret.

use std::ffi::OsString;

use crate::cli::RunArgs;
use crate::own_words::without_numbers;

/// Longest command that is told; what is beyond is cut, and said to be.
const MAX_CHARACTERS: usize = 600;

/// What stands in a name whose value nobody else should read.
const SECRET: [&str; 8] = ["password", "passwd", "secret", "token", "apikey", "api-key", "api_key", "authorization"];

/// What stands for a secret.
const HIDDEN: &str = "…";

/// What follows `cprvagt run --only FINGERPRINT` to run the same again.
pub(crate) fn again(args: &RunArgs) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    for host in &args.sut {
        option("--sut", host.to_string());
    }
    for (name, path) in [("--registry", &args.common.registry), ("--baseline", &args.common.baseline)] {
        if let Some(path) = path {
            option(name, path.display().to_string());
        }
    }
    if let Some(system) = &args.system {
        option("--system", system.clone());
    }
    words.push("--".to_owned());
    words.extend(shown(&args.command));
    let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let line = without_numbers(&line);
    let mut characters = line.chars();
    let mut cut: String = characters.by_ref().take(MAX_CHARACTERS).collect();
    if characters.next().is_some() {
        cut.push_str(" …");
    }
    cut
}

/// The words of a command without secrets.
fn shown(command: &[OsString]) -> Vec<String> {
    let mut words = Vec::new();
    let mut hides_next = false;
    for word in command {
        let word = word.to_string_lossy();
        if std::mem::take(&mut hides_next) && !word.starts_with('-') {
            words.push(HIDDEN.to_owned());
            continue;
        }
        let (name, value) = match word.split_once('=') {
            Some((name, _)) => (name.to_owned(), true),
            None => (word.to_string(), false),
        };
        let lower = name.to_ascii_lowercase();
        let is_secret = SECRET.iter().any(|secret| lower.contains(secret)) && !name.contains(char::is_whitespace);
        match (is_secret, value) {
            (true, true) => words.push(format!("{name}={HIDDEN}")),
            (true, false) => {
                hides_next = name.starts_with('-');
                words.push(name);
            }
            (false, _) => words.push(without_login(&word)),
        }
    }
    words
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
    fn what_is_very_long_is_cut() {
        let long = "x".repeat(2_000);
        case(&["--", &long], &format!("-- {} …", "x".repeat(MAX_CHARACTERS - 3)));
    }
}
