//! Console blocks of a page in Markdown, run in a shell as a reader would type them.
//!
//! A block's language is `console`. In it `$ ` begins a command, and what follows up to the next one is what it
//! prints, standard error among it. `[..]` stands for any text within a line, a line of `...` for any lines. A command of
//! which nothing is shown may print what it likes. It ends with 0 unless `echo $?` comes next.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A command and what is shown of it.
#[derive(Debug)]
pub(crate) struct Typed {
    /// Where it stands: the page's line, from 1.
    pub(crate) line: usize,
    pub(crate) command: String,
    pub(crate) shown: Vec<String>,
}

/// The language of each block of a page, with its line.
pub(crate) fn languages(page: &str) -> Vec<(usize, &str)> {
    let mut is_open = false;
    let mut found = Vec::new();
    for (at, line) in page.lines().enumerate() {
        let Some(language) = line.trim_start().strip_prefix("```") else { continue };
        is_open = !is_open;
        if is_open {
            found.push((at + 1, language));
        }
    }
    found
}

/// The blocks of a page, in order.
pub(crate) fn blocks(page: &str) -> Vec<Vec<Typed>> {
    let mut blocks: Vec<Vec<Typed>> = Vec::new();
    let mut is_open = false;
    for (at, line) in page.lines().enumerate() {
        if line == "```console" {
            is_open = true;
            blocks.push(Vec::new());
            continue;
        }
        if line == "```" {
            is_open = false;
        }
        let Some(block) = blocks.last_mut().filter(|_| is_open) else { continue };
        match (line.strip_prefix("$ "), block.last_mut()) {
            (Some(command), _) => {
                block.push(Typed { line: at + 1, command: command.to_owned(), shown: Vec::new() });
            }
            (None, Some(typed)) if typed.command.ends_with('\\') => {
                typed.command = format!("{}\n{line}", typed.command);
            }
            (None, Some(typed)) => typed.shown.push(line.to_owned()),
            // Shown of nothing: a command that prints what it is not shown to.
            (None, None) => {
                block.push(Typed { line: at + 1, command: "echo".to_owned(), shown: vec![line.to_owned()] });
            }
        }
    }
    blocks
}

/// Types a block in `folder`, into one shell; returns what is not as it is shown.
pub(crate) fn faults(block: &[Typed], folder: &Path, path: &str) -> Vec<String> {
    let mut script = String::from("exec 2>&1\n");
    for (at, typed) in block.iter().enumerate() {
        // The code goes through, so that `echo $?` finds it.
        let _ = write!(
            script,
            "{}\n__code=$?; printf '\\n{END}%s %s\\n' {at} \"$__code\"; (exit \"$__code\")\n",
            typed.command
        );
    }
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", &script])
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("PATH", path)
        .env("HOME", folder)
        .env_remove("XDG_DATA_HOME")
        .env("NO_COLOR", "1")
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("bash runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut rest = printed.as_str();
    let mut faults = Vec::new();
    for (at, typed) in block.iter().enumerate() {
        let asks = block.get(at + 1).is_some_and(|next| next.command.starts_with("echo $?"));
        let Some((text, after)) = rest.split_once(&format!("\n{END}{at} ")) else {
            faults.push(format!("line {}: the shell ended: {rest}", typed.line));
            break;
        };
        let (code, after) = after.split_once('\n').unwrap_or((after, ""));
        rest = after;
        let text = text.trim_end_matches('\n');
        if code != "0" && !asks {
            faults.push(format!("line {}: exit code {code}:\n{text}", typed.line));
        }
        let lines: Vec<&str> = text.lines().collect();
        let shown: Vec<&str> = typed.shown.iter().map(String::as_str).collect();
        if !shown.is_empty() && !fits(&shown, &lines) {
            faults.push(format!(
                "line {}: {}\nshown:\n{}\nprinted:\n{text}",
                typed.line,
                typed.command,
                shown.join("\n")
            ));
        }
    }
    faults
}

/// Before the number and exit code of each command.
const END: &str = "__end_of_command_";

/// Whether `lines` are as `shown`.
fn fits(shown: &[&str], lines: &[&str]) -> bool {
    match shown {
        [] => lines.is_empty(),
        ["...", rest @ ..] => (0..=lines.len()).any(|at| lines.get(at..).is_some_and(|lines| fits(rest, lines))),
        [line, rest @ ..] => {
            lines.split_first().is_some_and(|(first, others)| is_like(line, first) && fits(rest, others))
        }
    }
}

/// Whether `line` is as `shown`, in which `[..]` stands for any text.
fn is_like(shown: &str, line: &str) -> bool {
    let Some((head, tail)) = shown.split_once("[..]") else { return shown.trim_end() == line.trim_end() };
    let Some(mut rest) = line.strip_prefix(head) else { return false };
    loop {
        if is_like(tail, rest) {
            return true;
        }
        let Some(next) = rest.chars().next() else { return false };
        rest = rest.strip_prefix(next).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_and_any_lines_fit() {
        assert!(is_like("a[..]c[..]", "a b c d") && is_like("[..]", "") && !is_like("a[..]c", "a b"));
        assert!(fits(&["a", "...", "z"], &["a", "b", "c", "z"]) && fits(&["...", "z"], &["z"]));
        assert!(!fits(&["a", "..."], &["b"]) && !fits(&["a"], &["a", "b"]) && !fits(&["a", "b"], &["a"]));
    }

    #[test]
    fn what_is_not_as_shown_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let path = std::env::var("PATH").unwrap();
        let faults = |text: &str| faults(&blocks(&format!("```console\n{text}\n```"))[0], folder.path(), &path).len();
        assert_eq!(faults("$ echo a\na\n$ echo b \\\n  c >&2\nb c"), 0);
        assert_eq!(faults("$ echo a\nb"), 1);
        assert_eq!(faults("$ false"), 1);
        assert_eq!(faults("$ (exit 3)\n$ echo $?\n3"), 0);
        assert_eq!(faults("$ exit 1\n$ echo a"), 1);
    }
}
