//! The sample as logs of more than a year tell of it.

use jiff::ToSpan as _;
use model::{LogAnswer, LogFile, LogFinding, LogGap, LogShared};

use super::*;

/// Three findings of numbers and one of a mere date, in two logs with gaps within and between them.
pub(crate) fn logs() -> Scan {
    let mut scan = scan();
    (scan.kind, scan.self_test) = (ScanKind::Recording, None);
    let gap = |first, last| LogGap { first, last };
    let mut answer = LogAnswer {
        files: vec![
            file("access-1.log.gz", ("2025-01-05T00:00:03Z", "2025-12-31T23:59:58Z"), 31),
            file("access-2.log.gz", ("2026-02-01T00:00:01Z", "2026-03-01T23:59:00Z"), 0),
        ],
        persons: 4_735,
        findings: BTreeMap::new(),
        gaps: vec![
            gap(Date::constant(2025, 6, 1), Date::constant(2025, 6, 30)),
            gap(Date::constant(2025, 12, 24), Date::constant(2025, 12, 24)),
            gap(Date::constant(2026, 1, 1), Date::constant(2026, 1, 31)),
        ],
        shared: Vec::new(),
    };
    // Who got them, on how many days of each year, how many a day, how many persons.
    let told = [
        ("tastselv.test", [260, 20], 30, 3_315),
        ("hosted-libraries.test", [100, 0], 6, 1_400),
        ("maaling.test", [27, 0], 6, 420),
    ];
    for (domain, [in_2025, in_2026], a_day, persons) in told {
        let finding = scan.findings.iter_mut().find(|finding| finding.recipient.domain.as_str() == domain).unwrap();
        let is_read = |day: &Date| !answer.gaps.iter().any(|gap| (gap.first..=gap.last).contains(day));
        let from = |first: Date, count| first.series(1.day()).filter(is_read).take(count);
        let days = from(Date::constant(2025, 2, 2), in_2025).chain(from(Date::constant(2026, 2, 1), in_2026));
        let days: BTreeMap<Date, u64> = days.map(|day| (day, a_day)).collect();
        (finding.first_seen, finding.last_seen) = (at("2025-02-02T08:15:00Z"), at("2026-02-20T22:40:00Z"));
        (finding.transmissions, finding.undelivered) = (days.values().sum(), 0);
        (finding.persons, finding.test_persons) = (persons, 0);
        let by_robots = if domain == "tastselv.test" { 40 } else { 0 };
        let statuses = [(200, finding.transmissions - 9), (302, 5), (304, 1), (500, 2), (0, 1)].into();
        answer
            .findings
            .insert(finding.fingerprint.clone(), LogFinding { days, statuses, by_robots, ..LogFinding::default() });
    }
    let possible = scan.findings.iter_mut().find(|finding| finding.evidence == Some(Evidence::E4)).unwrap();
    possible.transmissions = 17;
    let days = [(Date::constant(2025, 3, 3), 17)].into();
    answer.findings.insert(possible.fingerprint.clone(), LogFinding { days, ..LogFinding::default() });
    scan.logs = Some(Box::new(answer));
    scan
}

/// What logs can say at worst: any day, any name, numbers without end.
pub(super) fn hostile_logs(fingerprint: &str) -> LogAnswer {
    let mut hostile = file(HOSTILE, ("-009999-01-02T01:59:59Z", "9999-12-30T22:00:00Z"), u64::MAX);
    (hostile.format, hostile.assumed) = (HOSTILE.to_owned(), vec![own(HOSTILE); 100]);
    (hostile.lines, hostile.judged) = (u64::MAX, u64::MAX);
    let days = [Date::MIN, Date::constant(2025, 1, 1), Date::MAX].map(|day| (day, u64::MAX));
    let statuses = (0..=u16::MAX).step_by(97).map(|status| (status, u64::MAX)).collect();
    let files = [(own(HOSTILE), u64::MAX)].into();
    let finding = LogFinding { days: days.into(), statuses, by_robots: u64::MAX, untimed: u64::MAX, files };
    let backwards = LogGap { first: Date::MAX, last: Date::MIN };
    let whole = LogGap { first: Date::MIN, last: Date::MAX };
    LogAnswer {
        files: vec![hostile; 1_000],
        persons: u64::MAX,
        findings: [(fingerprint.to_owned(), finding)].into(),
        gaps: [backwards, whole].repeat(5_000),
        shared: vec![
            LogShared {
                findings: vec![fingerprint.to_owned(); 9],
                days: [(Date::MAX, u64::MAX)].into(),
                undelivered: 7,
                by_robots: u64::MAX,
                untimed: u64::MAX,
            };
            9
        ],
    }
}

fn file(name: &str, (first, last): (&str, &str), days_missing: u64) -> LogFile {
    LogFile {
        name: own(name),
        format: "combined".to_owned(),
        lines: 1_200_000,
        judged: 6_100,
        bytes: 240_000_000,
        first: Some(at(first)),
        last: Some(at(last)),
        days_missing,
        assumed: vec![own("host www.tastselv.test")],
    }
}
