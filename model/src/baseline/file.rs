//! A baseline as written: TOML that is read strictly, added to at its end, and shortened entry by entry, so that every
//! change is a small diff and what people wrote between the entries stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::{Baseline, BaselineEntry, MAX_ACCEPTED_DAYS};
use crate::file_error::{RawDate, place_of};
use crate::{FileError, Rule, SystemId};

/// Digits of a fingerprint.
const FINGERPRINT: usize = 32;

/// What an entry begins with.
const HEADER: &str = "[[accepted]]";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBaseline {
    #[serde(default)]
    accepted: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    fingerprint: Spanned<String>,
    rule: Rule,
    system: Option<String>,
    accepted_by: Spanned<String>,
    case: Spanned<String>,
    reason: Spanned<String>,
    accepted: Spanned<RawDate>,
    expires: Spanned<RawDate>,
}

impl Baseline {
    /// Parses a baseline.
    ///
    /// ```
    /// let error = model::Baseline::parse("[[accepted]]\nfingerprnt = \"\"\n").unwrap_err();
    /// assert_eq!(error.help.as_deref(), Some("did you mean `fingerprint`?"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let raw: RawBaseline = toml::from_str(text).map_err(|error| FileError::from_toml(text, &error))?;
        let entries = raw.accepted.into_iter().map(|raw| entry(text, raw)).collect::<Result<Vec<_>, _>>()?;
        let mut lines = BTreeMap::new();
        for entry in &entries {
            if let Some(earlier) = lines.insert(&entry.fingerprint, entry.line) {
                let offset = text.split_inclusive('\n').take(entry.line - 1).map(str::len).sum();
                let message = format!("the same finding is accepted in line {earlier} already");
                return Err(FileError::at(text, offset, message, "keep one of them"));
            }
        }
        Ok(Self { entries })
    }

    /// `text`, a baseline's, without the entries that begin in `lines`, and without the comment right above each.
    pub fn without(text: &str, lines: &BTreeSet<usize>) -> String {
        let all: Vec<&str> = text.split_inclusive('\n').collect();
        // The block that each line belongs to: that of the last header, or of the one that a comment stands right above.
        let mut kept = String::with_capacity(text.len());
        let mut is_removed = false;
        for (at, line) in all.iter().enumerate() {
            if let Some(header) = header_from(&all, at) {
                is_removed = lines.contains(&(header + 1));
            }
            if !is_removed {
                kept.push_str(line);
            }
        }
        let end = kept.trim_end().len();
        kept.truncate(end);
        if !kept.is_empty() {
            kept.push('\n');
        }
        kept
    }
}

/// The header that line `at` stands right above with nothing but comments between, or is itself.
fn header_from(lines: &[&str], at: usize) -> Option<usize> {
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let rest = lines.get(at..)?;
    let comments = rest.iter().take_while(|line| is_comment(line)).count();
    let next = rest.get(comments)?;
    // Written otherwise it is no header here, and the entry stays with the one before: nothing is cut in half.
    let is_header =
        next.split('#').next().is_some_and(|before| before.chars().filter(|c| !c.is_whitespace()).eq(HEADER.chars()));
    is_header.then_some(at + comments)
}

impl BaselineEntry {
    /// The entry as it is written, with its header.
    pub fn written(&self) -> String {
        let mut text = format!("{HEADER}\n");
        let mut field = |name: &str, value: &str| {
            let _ = writeln!(text, "{name} = {}", quoted(value));
        };
        field("fingerprint", &self.fingerprint);
        field("rule", self.rule.as_str());
        if let Some(system) = &self.system {
            field("system", &system.0);
        }
        field("accepted_by", &self.accepted_by);
        field("case", &self.case);
        field("reason", &self.reason);
        field("accepted", &self.accepted.to_string());
        field("expires", &self.expires.to_string());
        text
    }
}

fn entry(text: &str, raw: Spanned<RawEntry>) -> Result<BaselineEntry, FileError> {
    let at = raw.span().start;
    let raw = raw.into_inner();
    let fingerprint = raw.fingerprint.get_ref();
    if fingerprint.len() != FINGERPRINT || !fingerprint.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        let help = "write all 32 digits, as in scan.json: fewer may be another's; `cprvagt baseline add` does";
        return Err(FileError::at(text, raw.fingerprint.span().start, "this is no whole fingerprint", help));
    }
    let said = |name: &str, value: &Spanned<String>| {
        if value.get_ref().trim().is_empty() {
            let message = format!("`{name}` is empty");
            return Err(FileError::at(
                text,
                value.span().start,
                message,
                "say who answers for it, in which case, and why",
            ));
        }
        Ok(value.get_ref().clone())
    };
    let accepted_by = said("accepted_by", &raw.accepted_by)?;
    let case = said("case", &raw.case)?;
    let reason = said("reason", &raw.reason)?;
    let (accepted, expires) = (day(text, &raw.accepted)?, day(text, &raw.expires)?);
    let expires_at = raw.expires.span().start;
    if expires < accepted {
        let message = format!("it ends on {expires}, before it begins on {accepted}");
        return Err(FileError::at(text, expires_at, message, "mend one of them"));
    }
    let latest = BaselineEntry::latest(accepted);
    if expires > latest {
        let message = format!("it holds longer than {MAX_ACCEPTED_DAYS} days, from {accepted} to {expires}");
        return Err(FileError::at(
            text,
            expires_at,
            message,
            &format!("write \"{latest}\" at most, and look again then"),
        ));
    }
    Ok(BaselineEntry {
        fingerprint: fingerprint.clone(),
        rule: raw.rule,
        system: raw.system.map(SystemId),
        accepted_by,
        case,
        reason,
        accepted,
        expires,
        line: place_of(text, at).line,
    })
}

fn day(text: &str, date: &Spanned<RawDate>) -> Result<Date, FileError> {
    let written = date.get_ref().written();
    written.parse().map_err(|_| {
        let message = format!("`{written}` is no date");
        FileError::at(text, date.span().start, message, "write it as \"2026-12-31\"")
    })
}

/// A TOML basic string (TOML 1.0, "String").
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASELINE: &str = r#"# Reviewed by the security board.

[[accepted]]
fingerprint = "00112233445566778899aabbccddeeff"
rule = "cpr-in-referer"
system = "tastselv"
accepted_by = "Ditte Hansen"
case = "2026-118"
reason = "Mended in release 12"
accepted = "2026-11-01"
expires = 2027-04-30

# This one was hard.
[[accepted]]
fingerprint = "ffeeddccbbaa99887766554433221100"
rule = "cpr-in-url"
accepted_by = "Holger Bo"
case = "2026-119"
reason = "No system is named"
accepted = "2026-11-01"
expires = "2026-12-01"
"#;

    #[track_caller]
    fn refused(change: (&str, &str), line: usize, message: &str, help: &str) {
        let text = BASELINE.replacen(change.0, change.1, 1);
        assert_ne!(text, BASELINE, "the change changes nothing");
        let error = Baseline::parse(&text).unwrap_err();
        assert_eq!(error.place.map(|place| place.line), Some(line), "{error}");
        assert!(error.message.contains(message), "{error}");
        assert!(error.help.as_deref().unwrap_or_default().contains(help), "{:?}", error.help);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let baseline = Baseline::parse(BASELINE).unwrap();
        let [first, second] = baseline.entries.as_slice() else { panic!("two entries") };
        assert_eq!((first.line, second.line), (3, 14));
        assert_eq!((first.rule, first.system.as_ref().unwrap().0.as_str()), (Rule::CprInReferer, "tastselv"));
        assert_eq!(first.expires.to_string(), "2027-04-30");
        for entry in &baseline.entries {
            let hard = BaselineEntry { reason: "a \"b\" \\ c\nd\u{7}ø".to_owned(), line: 1, ..entry.clone() };
            assert_eq!(Baseline::parse(&hard.written()).unwrap().entries, [hard]);
        }
    }

    #[test]
    fn faults_name_the_line_and_what_to_do() {
        refused(("accepted_by", "acepted_by"), 7, "unknown field `acepted_by`", "did you mean `accepted_by`?");
        refused(("cpr-in-referer", "cpr-in-referrer"), 5, "unknown variant", "did you mean `cpr-in-referer`?");
        refused(("00112233445566778899aabbccddeeff", "00112233"), 4, "no whole fingerprint", "all 32 digits");
        refused(("2027-04-30", "2027-05-01"), 11, "longer than 180 days", "2027-04-30");
        refused(("2027-04-30", "2026-10-31"), 11, "before it begins", "");
        refused(("\"2026-11-01\"", "\"1 November\""), 10, "no date", "2026-12-31");
        refused(("Ditte Hansen", " "), 7, "`accepted_by` is empty", "who answers");
        refused(("case = \"2026-118\"\n", ""), 3, "missing field `case`", "add it");
        let twice = ("ffeeddccbbaa99887766554433221100", "00112233445566778899aabbccddeeff");
        refused(twice, 14, "accepted in line 3 already", "keep one");
    }

    #[test]
    fn an_entry_is_taken_out_with_its_comment_and_nothing_else() {
        let without = |lines: &[usize]| Baseline::without(BASELINE, &lines.iter().copied().collect());
        assert_eq!(without(&[]), BASELINE);
        let (first, rest) = BASELINE.split_once("[[accepted]]").unwrap();
        let (_, second) = rest.split_once("# This one").unwrap();
        assert_eq!(without(&[3]), format!("{first}# This one{second}"));
        assert_eq!(without(&[14]), BASELINE.split_once("\n# This one").unwrap().0);
        assert_eq!(without(&[3, 14]), "# Reviewed by the security board.\n");
    }
}
