//! A check as it is printed: lines for people, or one JSON object.

use std::path::Path;

use model::Registry;
use serde::Serialize;

use crate::own_words::without_numbers;
use crate::registry_command::checks::{Level, Remark};

/// Version of the JSON.
const VERSION: u32 = 1;

/// Widest line: beyond it the eye loses it.
const MAX_WIDTH: usize = 100;

/// Columns that what belongs to a remark stands further in.
const INDENT: usize = 4;

/// A registry and what is said of it, in the order of the file.
pub(super) struct Checked<'a> {
    pub(super) path: &'a Path,
    /// `None` where nothing of it could be read.
    pub(super) registry: Option<&'a Registry>,
    pub(super) remarks: &'a [Remark],
    /// What was left out, and why.
    pub(super) left_out: Vec<&'static str>,
}

#[derive(Serialize)]
struct Json<'a> {
    version: u32,
    registry: String,
    errors: usize,
    warnings: usize,
    remarks: Vec<JsonRemark>,
    not_checked: &'a [&'static str],
}

#[derive(Serialize)]
struct JsonRemark {
    level: &'static str,
    kind: &'static str,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    help: String,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Checked<'_> {
    fn count(&self, level: Level) -> usize {
        self.remarks.iter().filter(|remark| remark.kind.level() == level).count()
    }
}

/// For people, in lines of at most `width` columns where words allow it.
pub(super) fn text(checked: &Checked<'_>, width: usize) -> String {
    let width = width.min(MAX_WIDTH);
    let path = checked.path.display();
    let mut out = String::new();
    for remark in checked.remarks {
        let place = remark.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
        let level = remark.kind.level().as_str();
        wrap(&mut out, &format!("{path}{place}: {level}: {} ({})", remark.message, remark.kind.as_str()), 0, width);
        wrap(&mut out, &format!("do: {}", remark.help), INDENT, width);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    if let Some(registry) = checked.registry {
        wrap(&mut out, &format!("{path}: {}", counted(registry)), 0, width);
    }
    for left_out in &checked.left_out {
        wrap(&mut out, &format!("not checked: {left_out}"), 0, width);
    }
    let (errors, warnings) = (checked.count(Level::Error), checked.count(Level::Warning));
    let said = match (errors, warnings) {
        (0, 0) => "nothing to mend".to_owned(),
        (0, _) => format!("no errors, {}", plural(warnings, "warning")),
        (_, 0) => plural(errors, "error"),
        (_, _) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    };
    wrap(&mut out, &said, 0, width);
    without_numbers(&out)
}

/// For programs.
pub(super) fn json(checked: &Checked<'_>) -> anyhow::Result<String> {
    let remarks = checked.remarks.iter().map(|remark| JsonRemark {
        level: remark.kind.level().as_str(),
        kind: remark.kind.as_str(),
        line: remark.place.map(|place| place.line),
        column: remark.place.map(|place| place.column),
        message: without_numbers(&remark.message),
        help: without_numbers(&remark.help),
    });
    let json = Json {
        version: VERSION,
        registry: without_numbers(&checked.path.display().to_string()),
        errors: checked.count(Level::Error),
        warnings: checked.count(Level::Warning),
        remarks: remarks.collect(),
        not_checked: &checked.left_out,
    };
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

fn counted(registry: &Registry) -> String {
    [
        plural(registry.vendors.len(), "vendor"),
        plural(registry.systems.len(), "system"),
        plural(registry.recipients.len(), "recipient"),
        plural(registry.test_persons.len(), "test person"),
        plural(registry.answers.len(), "answer"),
    ]
    .join(", ")
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Adds `text` in lines of at most `width` columns, all but the first of an unindented text further in.
fn wrap(out: &mut String, text: &str, indent: usize, width: usize) {
    let mut line = " ".repeat(indent);
    let mut is_empty = true;
    for word in text.split_whitespace().map(without_controls) {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            out.push_str(&line);
            out.push('\n');
            line = " ".repeat(INDENT);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(&word);
        is_empty = false;
    }
    out.push_str(&line);
    out.push('\n');
}

/// A registry that was sent by somebody neither steers the terminal nor turns the text around.
fn without_controls(word: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    word.chars().filter(|c| !steers(*c)).collect()
}
