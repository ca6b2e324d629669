//! What logs answer, in a few sentences: how many citizens, since when, in which years, and how the lines were read.

use std::collections::BTreeMap;

use model::{LogAnswer, LogFile, Scan};

use crate::inert::Inert;
use crate::lang::{Counted, Lang, Text};

/// Logs named one by one; the rest are counted.
const MAX_FILES: usize = 10;

pub(crate) const HEADING: Text = Text { da: "Logfiler", en: "Logs" };

const PERSONS: Counted = Counted {
    one: Text { da: "persons nummer", en: "person's number" },
    many: Text { da: "forskellige personers numre", en: "different persons' numbers" },
};
const REQUESTS: Counted = Counted {
    one: Text { da: "overførsel", en: "transmission" },
    many: Text { da: "overførsler", en: "transmissions" },
};
const DAYS: Counted = Counted { one: Text { da: "dag", en: "day" }, many: Text { da: "dage", en: "days" } };
const LINES: Counted = Counted { one: Text { da: "linje", en: "line" }, many: Text { da: "linjer", en: "lines" } };

/// The sentences, each a line of its own; none where there are no logs.
pub(crate) fn answer(scan: &Scan, lang: Lang) -> Vec<String> {
    let Some(answer) = scan.logs.as_deref() else { return Vec::new() };
    let mut sentences = Vec::new();
    sentences.extend(persons(scan, answer, lang));
    sentences.extend(years(answer, lang));
    let files = answer.files.iter().take(MAX_FILES).map(|file| of_file(file, lang));
    sentences.extend(files);
    let more = answer.files.len().saturating_sub(MAX_FILES);
    if more > 0 {
        sentences.push(match lang {
            Lang::Da => format!("og {more} logfiler mere"),
            Lang::En => format!("and {more} logs more"),
        });
    }
    sentences
}

/// `47 different persons' numbers in 204 transmissions, 28 February to 14 March 2026; 3 of them by programs`.
fn persons(scan: &Scan, answer: &LogAnswer, lang: Lang) -> Option<String> {
    let findings: Vec<_> =
        scan.findings.iter().filter(|finding| answer.findings.contains_key(&finding.fingerprint)).collect();
    let first = findings.iter().map(|finding| finding.first_seen).min()?;
    let last = findings.iter().map(|finding| finding.last_seen).max()?;
    let sent: u64 = answer.findings.values().flat_map(|finding| finding.days.values()).sum();
    let robots: u64 = answer.findings.values().map(|finding| finding.by_robots).sum();
    let (persons, sent) = (PERSONS.of(answer.persons, lang), REQUESTS.of(sent, lang));
    let span = lang.span(first, last);
    let robots = match (robots, lang) {
        (0, _) => String::new(),
        (_, Lang::Da) => format!("; {} af dem fra programmer (søgemaskiner, skannere)", lang.number(robots)),
        (_, Lang::En) => format!("; {} of them by programs (search engines, scanners)", lang.number(robots)),
    };
    Some(match lang {
        Lang::Da => format!("{persons} i {sent}, {span}{robots}"),
        Lang::En => format!("{persons} in {sent}, {span}{robots}"),
    })
}

/// `2024: 120 transmissions on 14 days, 2025: ..`.
fn years(answer: &LogAnswer, lang: Lang) -> Option<String> {
    let mut years: BTreeMap<i16, (u64, u64)> = BTreeMap::new();
    let mut days: BTreeMap<jiff::civil::Date, u64> = BTreeMap::new();
    for (day, count) in answer.findings.values().flat_map(|finding| &finding.days) {
        *days.entry(*day).or_default() += count;
    }
    for (day, count) in days {
        let (sent, on) = years.entry(day.year()).or_default();
        *sent += count;
        *on += 1;
    }
    let told = years.iter().map(|(year, (sent, on))| {
        let sent = REQUESTS.of(*sent, lang);
        let on = DAYS.of(*on, lang);
        match lang {
            Lang::Da => format!("{year}: {sent} på {on}"),
            Lang::En => format!("{year}: {sent} on {on}"),
        }
    });
    (!years.is_empty()).then(|| told.collect::<Vec<_>>().join(", "))
}

/// `access.log: 20,000 lines of combined, 204 of them judged one by one; assumed: host www.own.test`.
fn of_file(file: &LogFile, lang: Lang) -> String {
    let name = Inert::short(file.name.as_str(), 60);
    let (lines, judged) = (LINES.of(file.lines, lang), lang.number(file.judged));
    let assumed: Vec<String> = file.assumed.iter().map(|one| Inert::short(one.as_str(), 80)).collect();
    let assumed = match (assumed.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::Da) => format!("; antaget: {}", assumed.join(", ")),
        (false, Lang::En) => format!("; assumed: {}", assumed.join(", ")),
    };
    match lang {
        Lang::Da => format!("{name}: {lines} i formatet {}, heraf {judged} bedømt enkeltvis{assumed}", file.format),
        Lang::En => format!("{name}: {lines} of {}, {judged} of them judged one by one{assumed}", file.format),
    }
}

#[cfg(test)]
mod tests {
    use model::{LogFinding, Scan};

    use super::*;
    use crate::sample;

    fn with_logs() -> Scan {
        let mut scan = sample::scan();
        let file = LogFile {
            name: sample::own("access.log"),
            format: "combined".to_owned(),
            lines: 20_000,
            judged: 7,
            bytes: 1,
            first: None,
            last: None,
            days_missing: 0,
            assumed: vec![sample::own("host own.test")],
        };
        let days = [("2024-12-31", 3), ("2025-01-01", 4)].map(|(day, count)| (day.parse().unwrap(), count));
        let finding =
            LogFinding { days: days.into(), statuses: [(200, 7)].into(), by_robots: 2, ..LogFinding::default() };
        let findings = [(scan.findings[0].fingerprint.clone(), finding)].into();
        scan.logs = Some(Box::new(LogAnswer { files: vec![file; 12], persons: 5, findings }));
        scan
    }

    #[test]
    fn the_question_is_answered_in_both_languages() {
        let scan = with_logs();
        let [da, en] = [Lang::Da, Lang::En].map(|lang| answer(&scan, lang));
        assert!(da[0].starts_with("5 forskellige personers numre i 7 overførsler"), "{da:?}");
        assert!(en[0].starts_with("5 different persons' numbers in 7 transmissions"), "{en:?}");
        assert!(en[0].ends_with("2 of them by programs (search engines, scanners)"), "{en:?}");
        assert_eq!(en[1], "2024: 3 transmissions on 1 day, 2025: 4 transmissions on 1 day");
        assert_eq!(en[2], "access.log: 20,000 lines of combined, 7 of them judged one by one; assumed: host own.test");
        assert_eq!((en.len(), en.last().unwrap().as_str()), (13, "and 2 logs more"));
        assert_eq!(answer(&sample::scan(), Lang::En), Vec::<String>::new());
    }
}
