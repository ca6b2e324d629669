//! What logs answer, in a few sentences: how many citizens, since when, in which years, and how the lines were read.

mod bars;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Finding, LogAnswer, LogFile, LogFinding, LogGap, LogShared, Standing};

pub(crate) use bars::{Bar, Bars, Unit, days_from};

use crate::inert::Inert;
use crate::lang::{Lang, capitalised};
use crate::naming::count;
use crate::summary::{Extract, is_possible};
use crate::texts::logs as t;

/// Logs named one by one; the rest are counted.
const MAX_FILES: usize = 10;

/// What was assumed of a log, named one by one; three things can be.
const MAX_ASSUMED: usize = 4;

/// Gaps named one by one, the longest; the rest are counted.
const MAX_GAPS: usize = 5;

/// What the logs say of a part of a scan.
#[derive(Clone, Debug)]
pub(crate) struct Logs<'a> {
    pub(crate) answer: &'a LogAnswer,
    /// The part's findings that logs told of, in the order of the scan, with what they told.
    pub(crate) findings: Vec<(&'a Finding, &'a LogFinding)>,
    /// Whether these are all that are surer than a mere date.
    is_whole: bool,
}

/// Transmissions of some days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// To others than the system itself.
    pub(crate) others: u64,
    /// In the system's own addresses and logs: they went nowhere.
    pub(crate) own: u64,
}

impl Sent {
    /// Both.
    pub(crate) fn all(self) -> u64 {
        self.others.saturating_add(self.own)
    }

    fn add(&mut self, more: Self) {
        self.others = self.others.saturating_add(more.others);
        self.own = self.own.saturating_add(more.own);
    }
}

impl<'a> Logs<'a> {
    /// `None` where no logs were read.
    pub(crate) fn of(part: &Extract<'a>) -> Option<Self> {
        let answer = part.scan.logs.as_deref()?;
        let told = |finding: &'a Finding| Some((finding, answer.findings.get(&finding.fingerprint)?));
        let findings: Vec<_> = part.findings.iter().copied().filter_map(told).collect();
        let all = part.scan.findings.iter().filter_map(told).filter(|(finding, _)| !is_possible(finding)).count();
        let is_whole = all == findings.iter().filter(|(finding, _)| !is_possible(finding)).count();
        Some(Self { answer, findings, is_whole })
    }

    /// The findings but those of a mere date.
    fn sure(&self) -> impl Iterator<Item = (&'a Finding, &'a LogFinding)> {
        self.findings.iter().copied().filter(|(finding, _)| !is_possible(finding))
    }

    /// Transmissions by day. Those of what may be a mere date are not among them.
    pub(crate) fn days(&self) -> BTreeMap<Date, Sent> {
        let mut days: BTreeMap<Date, Sent> = BTreeMap::new();
        for (finding, told) in self.sure() {
            for (day, sent) in &told.days {
                let sent = match finding.recipient.standing {
                    Standing::Own => Sent { own: *sent, others: 0 },
                    Standing::Public | Standing::Approved | Standing::Unlisted | Standing::Unknown => {
                        Sent { own: 0, others: *sent }
                    }
                };
                days.entry(*day).or_default().add(sent);
            }
        }
        for (again, shared) in self.shared() {
            for (day, count) in &shared.days {
                if let Some(sent) = days.get_mut(day) {
                    sent.others = sent.others.saturating_sub(again.others.saturating_mul(*count));
                    sent.own = sent.own.saturating_sub(again.own.saturating_mul(*count));
                }
            }
        }
        days
    }

    /// Requests of which several of the sure findings tell, and how often too many each is counted. One that went to others
    /// and to the system itself went to others.
    fn shared(&self) -> impl Iterator<Item = (Sent, &'a LogShared)> {
        let is_own: BTreeMap<&str, bool> = self
            .sure()
            .map(|(finding, _)| (finding.fingerprint.as_str(), finding.recipient.standing == Standing::Own))
            .collect();
        self.answer.shared.iter().map(move |shared| {
            let told = shared.findings.iter().filter_map(|fingerprint| is_own.get(fingerprint.as_str()));
            let (own, others): (Vec<&bool>, Vec<&bool>) = told.partition(|is_own| **is_own);
            let (own, others) = (count(own.len()), count(others.len()));
            let kept = u64::from(others == 0);
            (Sent { others: others.saturating_sub(1), own: own.saturating_sub(kept) }, shared)
        })
    }

    /// The first day and the last of which a log has a line.
    pub(crate) fn span(&self) -> Option<(Date, Date)> {
        let lines = self.answer.files.iter().flat_map(|file| [file.first, file.last]).flatten().map(date);
        let sent = self.sure().flat_map(|(_, told)| told.days.keys().copied());
        let days: Vec<Date> = lines.chain(sent).collect();
        Some((*days.iter().min()?, *days.iter().max()?))
    }

    /// How many persons, declared test persons aside, and whether there may be more: those of one vendor's several
    /// findings are not told apart from each other.
    fn persons(&self) -> (u64, bool) {
        if self.is_whole {
            return (self.answer.persons, false);
        }
        let persons = self.sure().map(|(finding, _)| finding.persons.saturating_sub(finding.test_persons));
        (persons.max().unwrap_or_default().min(self.answer.persons), self.sure().count() > 1)
    }

    /// How many, since when, in which years: a sentence each.
    pub(crate) fn told(&self, lang: Lang) -> Vec<String> {
        let first = self.since_when(lang).into_iter().chain(self.to_whom(lang));
        first.chain(self.years(lang)).chain(self.possible(lang)).collect()
    }

    /// `47 different persons' numbers in 204 transmissions, 28 February to 14 March 2026; 3 of them by programs`.
    pub(crate) fn since_when(&self, lang: Lang) -> Option<String> {
        // Where no time is known at all, that of the run stands in its place.
        let dated = || self.sure().filter(|(finding, _)| !self.answer.is_undated(finding));
        let first = dated().map(|(finding, _)| finding.first_seen).min();
        let last = dated().map(|(finding, _)| finding.last_seen).max();
        let span = first.zip(last).map(|(first, last)| lang.span(first, last));
        self.sure().next()?;
        let untimed_again = sum(self.shared().map(|(again, shared)| again.all().saturating_mul(shared.untimed)));
        let untimed = sum(self.sure().map(|(_, told)| told.untimed)).saturating_sub(untimed_again);
        let sent = sum(self.days().values().map(|sent| sent.all())).saturating_add(untimed);
        let robots_again = sum(self.shared().map(|(again, shared)| again.all().saturating_mul(shared.by_robots)));
        let robots = sum(self.sure().map(|(_, told)| told.by_robots)).saturating_sub(robots_again);
        let sent = t::SENT.of(sent, lang);
        let (persons, at_least) = self.persons();
        let persons = match (persons, at_least, lang) {
            (0, _, _) => t::ONLY_TEST_PERSONS.to(lang).to_owned(),
            (_, false, _) => t::PERSONS.of(persons, lang),
            (_, true, Lang::Da) => format!("mindst {}", t::PERSONS.of(persons, lang)),
            (_, true, Lang::En) => format!("at least {}", t::PERSONS.of(persons, lang)),
        };
        let robots = match (robots, lang) {
            (0, _) => String::new(),
            (_, Lang::Da) => format!("; {} af dem fra programmer (søgemaskiner, skannere)", lang.number(robots)),
            (_, Lang::En) => format!("; {} of them by programs (search engines, scanners)", lang.number(robots)),
        };
        let untimed = match (untimed, lang, &span) {
            (0, _, _) => String::new(),
            (_, Lang::Da, None) => ", ukendt hvornår".to_owned(),
            (_, Lang::En, None) => ", nobody knows when".to_owned(),
            (_, Lang::Da, Some(_)) => format!("; {} af dem på et ukendt tidspunkt", lang.number(untimed)),
            (_, Lang::En, Some(_)) => format!("; {} of them of unknown time", lang.number(untimed)),
        };
        let span = span.map(|span| format!(", {span}")).unwrap_or_default();
        Some(match lang {
            Lang::Da => format!("{persons} i {sent}{span}{untimed}{robots}"),
            Lang::En => format!("{persons} in {sent}{span}{untimed}{robots}"),
        })
    }

    /// How many went to others, where some did and some did not.
    fn to_whom(&self, lang: Lang) -> Option<String> {
        let mut sent = Sent::default();
        self.days().into_values().for_each(|more| sent.add(more));
        let (others, own) = (lang.number(sent.others), lang.number(sent.own));
        (sent.others > 0 && sent.own > 0).then(|| match lang {
            Lang::Da => format!("til andre gik {others}; {own} blev hos systemet selv"),
            Lang::En => format!("{others} went to others; {own} stayed with the system itself"),
        })
    }

    /// `2024: 120 transmissions on 14 days, 2025: ..`.
    fn years(&self, lang: Lang) -> Option<String> {
        let mut years: BTreeMap<i16, (u64, u64)> = BTreeMap::new();
        for (day, sent) in self.days() {
            let (all, on) = years.entry(day.year()).or_default();
            *all = all.saturating_add(sent.all());
            *on += 1;
        }
        let told = years.iter().map(|(year, (sent, on))| {
            let sent = t::SENT.of(*sent, lang);
            let on = t::DAYS.of(*on, lang);
            match lang {
                Lang::Da => format!("{year}: {sent} på {on}"),
                Lang::En => format!("{year}: {sent} on {on}"),
            }
        });
        (!years.is_empty()).then(|| told.collect::<Vec<_>>().join(", "))
    }

    /// How many are left out of the other sentences.
    fn possible(&self, lang: Lang) -> Option<String> {
        let mere_dates = self.findings.iter().filter(|(finding, _)| is_possible(finding));
        let sent = sum(mere_dates.map(|(finding, _)| finding.transmissions));
        let shown = t::SENT.of(sent, lang);
        (sent > 0).then(|| match lang {
            Lang::Da => format!("{shown} mere af hvad der kan være en ren dato, er ikke talt med"),
            Lang::En => {
                let are = if sent == 1 { "is" } else { "are" };
                format!("{shown} more of what may be a mere date {are} not counted")
            }
        })
    }

    /// Transmissions that no day is told of: a finding's days have an end, and some lines have no time.
    pub(crate) fn without_day(&self) -> u64 {
        let requests = |shared: &LogShared| sum(shared.days.values().copied()).saturating_add(shared.untimed);
        let again = self.shared().map(|(again, shared)| again.all().saturating_mul(requests(shared)));
        let sent = sum(self.sure().map(|(finding, _)| finding.transmissions)).saturating_sub(sum(again));
        sent.saturating_sub(sum(self.days().values().map(|sent| sent.all())))
    }

    /// The days of which no log has a line, and where the logs begin and end.
    pub(crate) fn coverage(&self, lang: Lang) -> Vec<String> {
        let Some((first, last)) = self.span() else { return Vec::new() };
        let (first, last) = (lang.day(first), lang.day(last));
        let mut sentences = vec![match lang {
            Lang::Da => format!("Loggene går fra {first} til {last}; om tiden før og efter siger de intet."),
            Lang::En => format!("The logs go from {first} to {last}; of the time before and after they say nothing."),
        }];
        let mut gaps: Vec<&LogGap> = self.answer.gaps.iter().collect();
        gaps.sort_by_key(|gap| std::cmp::Reverse(days_from(gap.first, gap.last)));
        let days = gaps.iter().fold(0, |sum: u64, gap| sum.saturating_add(days_from(gap.first, gap.last) + 1));
        gaps.truncate(MAX_GAPS);
        gaps.sort();
        let mut named: Vec<String> = gaps.iter().map(|gap| span_of_days(gap.first, gap.last, lang)).collect();
        let more = count(self.answer.gaps.len().saturating_sub(named.len()));
        if more > 0 {
            named.push(match (lang, more) {
                (Lang::Da, 1) => "ét kortere hul".to_owned(),
                (Lang::Da, _) => format!("{} kortere huller", lang.word(more)),
                (Lang::En, 1) => "one shorter gap".to_owned(),
                (Lang::En, _) => format!("{} shorter gaps", lang.word(more)),
            });
        }
        if days > 0 {
            let (days, named) = (t::DAYS.of(days, lang), lang.list(&named));
            sentences.push(match lang {
                Lang::Da => format!("Fra {days} imellem har ingen log en linje: {named}."),
                Lang::En => format!("Of {days} in between no log has a line: {named}."),
            });
        }
        sentences
    }
}

/// The sentences, each a line of its own; none where there are no logs.
pub(crate) fn answer(part: &Extract<'_>, lang: Lang) -> Vec<String> {
    let Some(logs) = Logs::of(part) else { return Vec::new() };
    let mut sentences = logs.told(lang);
    let files = &logs.answer.files;
    sentences.extend(files.iter().take(MAX_FILES).map(|file| of_file(file, lang)));
    let more = count(files.len().saturating_sub(MAX_FILES));
    if more > 0 {
        let more = t::MORE_FILES.of(more, lang);
        sentences.push(match lang {
            Lang::Da => format!("og {more} mere"),
            Lang::En => format!("and {more}"),
        });
    }
    sentences
}

/// What a report has of the logs beside its other text: a sentence, with a capital and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    format!("{}.", capitalised(text))
}

/// `access.log: 20,000 lines of combined, 204 of them judged one by one; assumed: host www.own.test`.
fn of_file(file: &LogFile, lang: Lang) -> String {
    let name = Inert::short(file.name.as_str(), 60);
    let (lines, judged) = (t::LINES.of(file.lines, lang), lang.number(file.judged));
    let assumed = assumed(file, lang);
    let assumed = match (assumed.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::Da) => format!("; antaget: {assumed}"),
        (false, Lang::En) => format!("; assumed: {assumed}"),
    };
    let format = Inert::short(&file.format, 60);
    match lang {
        Lang::Da => format!("{name}: {lines} i formatet {format}, heraf {judged} bedømt enkeltvis{assumed}"),
        Lang::En => format!("{name}: {lines} of {format}, {judged} of them judged one by one{assumed}"),
    }
}

/// What of a log was assumed; empty where nothing was.
pub(crate) fn assumed(file: &LogFile, lang: Lang) -> String {
    let named = file.assumed.iter().take(MAX_ASSUMED).map(|one| Inert::short(&t::assumed(one.as_str(), lang), 160));
    let mut named: Vec<String> = named.collect();
    let left = file.assumed.len().saturating_sub(MAX_ASSUMED);
    if left > 0 {
        named.push(format!("… (+{left})"));
    }
    named.join(", ")
}

/// `3 May 2025 – 17 May 2025`, or the one day.
pub(crate) fn span_of_days(first: Date, last: Date, lang: Lang) -> String {
    if first == last { lang.day(first) } else { format!("{} – {}", lang.day(first), lang.day(last)) }
}

/// The day of a time, in UTC.
fn date(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

fn sum(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::facts;
    use crate::sample;

    #[test]
    fn the_question_is_answered_in_both_languages() {
        let mut scan = sample::logs();
        let answer_of = scan.logs.as_mut().unwrap();
        answer_of.files = vec![answer_of.files[0].clone(); 12];
        let [da, en] = [Lang::Da, Lang::En].map(|lang| answer(&Extract::whole(&scan), lang));
        assert!(da[0].starts_with("4.735 forskellige personers numre i 9.162 overførsler, 2. februar 2025"), "{da:?}");
        assert!(en[0].starts_with("4,735 different persons' numbers in 9,162 transmissions"), "{en:?}");
        assert!(en[0].ends_with("; 40 of them by programs (search engines, scanners)"), "{en:?}");
        assert_eq!(en[1], "762 went to others; 8,400 stayed with the system itself");
        assert_eq!(en[2], "2025: 8,562 transmissions on 260 days, 2026: 600 transmissions on 20 days");
        assert_eq!(en[3], "17 transmissions more of what may be a mere date are not counted");
        let findings = &mut scan.logs.as_mut().unwrap().findings;
        for told in findings.values_mut() {
            told.untimed = 5;
        }
        let logged = scan.findings.iter().position(|finding| findings.contains_key(&finding.fingerprint)).unwrap();
        let seen = |scan: &model::Scan, lang| facts(&scan.findings[logged], scan, lang).pop().unwrap().value;
        assert!(seen(&scan, Lang::En).ends_with("; 5 transmissions of unknown time"), "{}", seen(&scan, Lang::En));
        assert!(seen(&scan, Lang::Da).ends_with("; 5 overførsler på et ukendt tidspunkt"));
        let [da, some] = [Lang::Da, Lang::En].map(|lang| answer(&Extract::whole(&scan), lang));
        assert!(some[0].contains(" of them of unknown time; 40 of them by programs"), "{some:?}");
        assert!(da[0].contains(" af dem på et ukendt tidspunkt; 40 af dem fra programmer"), "{da:?}");
        for (fingerprint, told) in &mut scan.logs.as_mut().unwrap().findings {
            let finding = scan.findings.iter().find(|finding| finding.fingerprint == *fingerprint).unwrap();
            (told.untimed, told.days) = (finding.transmissions, BTreeMap::new());
        }
        let [da, all] = [Lang::Da, Lang::En].map(|lang| answer(&Extract::whole(&scan), lang));
        assert!(all[0].contains(" transmissions, nobody knows when; 40"), "{all:?}");
        assert!(da[0].contains(" overførsler, ukendt hvornår; 40"), "{da:?}");
        assert_eq!([Lang::Da, Lang::En].map(|lang| seen(&scan, lang)), [t::UNDATED.da, t::UNDATED.en]);
        let file = "access-1.log.gz: 1,200,000 lines of combined, 6,100 of them judged one by one; \
                    assumed: host www.tastselv.test";
        assert_eq!(en[4], file);
        assert!(da[4].ends_with("; antaget: vært www.tastselv.test"), "{da:?}");
        assert_eq!((en.len(), en.last().unwrap().as_str()), (15, "and 2 more logs"));
        assert_eq!(da.last().unwrap(), "og 2 logfiler mere");
        scan.logs.as_mut().unwrap().files.pop();
        let [da, en] = [Lang::Da, Lang::En].map(|lang| answer(&Extract::whole(&scan), lang));
        assert_eq!((da.last().unwrap().as_str(), en.last().unwrap().as_str()), ("og 1 logfil mere", "and 1 more log"));
        assert_eq!(answer(&Extract::whole(&sample::scan()), Lang::En), Vec::<String>::new());
    }

    #[test]
    fn of_a_vendor_with_some_of_the_findings_persons_are_at_least_those_of_the_largest() {
        let mut scan = sample::logs();
        let moved = &mut scan.findings[1];
        assert_eq!(moved.recipient.domain.as_str(), "hosted-libraries.test");
        (moved.vendor, moved.system) = (Some(scan.vendors[1].id.clone()), scan.systems[2].id.clone());
        let moved = moved.persons;
        let told = |vendor: usize| {
            let part = Extract::of_vendor(&scan, Some(&scan.vendors[vendor].id));
            Logs::of(&part).unwrap().since_when(Lang::En).unwrap()
        };
        assert!(told(0).starts_with("at least 3,315 different persons' numbers in "), "{}", told(0));
        assert!(told(1).starts_with(&format!("{} different persons' numbers in ", Lang::En.number(moved))));
        assert!(Logs::of(&Extract::of_vendor(&scan, None)).unwrap().told(Lang::En).is_empty());
    }

    #[test]
    fn where_only_test_persons_were_seen_that_is_said() {
        let mut scan = sample::logs();
        scan.logs.as_mut().unwrap().persons = 0;
        let told = answer(&Extract::whole(&scan), Lang::En);
        assert!(told[0].starts_with("only declared test persons' numbers in 9,162 transmissions"), "{told:?}");
    }

    #[test]
    fn the_longest_gaps_are_named_and_the_rest_counted() {
        let mut scan = sample::logs();
        let logs = |scan: &_| Logs::of(&Extract::whole(scan)).unwrap().coverage(Lang::En);
        assert_eq!(
            logs(&scan),
            [
                "The logs go from 5 January 2025 to 1 March 2026; of the time before and after they say nothing.",
                "Of 62 days in between no log has a line: 1 June 2025 – 30 June 2025, 24 December 2025 and \
                 1 January 2026 – 31 January 2026."
            ]
        );
        let day = |month| Date::constant(2025, month, 3);
        let gaps = (1..=9).filter(|month| *month != 6).map(|month| LogGap { first: day(month), last: day(month) });
        scan.logs.as_mut().unwrap().gaps.extend(gaps);
        assert!(logs(&scan)[1].ends_with(" and six shorter gaps."), "{:?}", logs(&scan));
    }

    #[test]
    fn a_request_that_several_findings_tell_of_is_counted_once() {
        let mut scan = sample::logs();
        let whole = |scan: &model::Scan| {
            let part = Extract::whole(scan);
            let logs = Logs::of(&part).unwrap();
            let sent = sum(logs.days().into_values().map(Sent::all));
            (sent, logs.without_day(), logs.to_whom(Lang::En).unwrap(), part.transmissions(), logs.since_when(Lang::En))
        };
        let (sent, _, split, delivered, since) = whole(&scan);
        assert_eq!((sent, delivered), (9_162, 803));
        assert!(split.starts_with("762 went to others; 8,400 stayed"), "{split}");
        assert!(since.unwrap().ends_with("; 40 of them by programs (search engines, scanners)"));
        let of = |domain: &str| {
            let of = |finding: &&Finding| finding.recipient.domain.as_str() == domain && !is_possible(finding);
            scan.findings.iter().find(of).unwrap().fingerprint.clone()
        };
        let (own, other, another) = (of("tastselv.test"), of("hosted-libraries.test"), of("maaling.test"));
        let day = Date::constant(2025, 2, 2);
        let shared = |findings: &[&String], count: u64, by_robots| LogShared {
            findings: findings.iter().map(|one| (*one).clone()).collect(),
            days: [(day, count)].into(),
            undelivered: 0,
            untimed: 0,
            by_robots,
        };
        // Five lines went to others and stand in the system's own address; two went to two others; one is of a finding alone.
        scan.logs.as_mut().unwrap().shared =
            vec![shared(&[&own, &other], 5, 3), shared(&[&other, &another], 2, 0), shared(&[&own], 1, 1)];
        let (sent, without_day, split, delivered, since) = whole(&scan);
        assert_eq!((sent, without_day, delivered), (9_155, 0, 801));
        assert!(split.starts_with("760 went to others; 8,395 stayed"), "{split}");
        assert!(since.unwrap().ends_with("; 37 of them by programs (search engines, scanners)"));
    }

    #[test]
    fn transmissions_without_a_day_are_told() {
        let mut scan = sample::logs();
        assert_eq!(Logs::of(&Extract::whole(&scan)).unwrap().without_day(), 0);
        scan.findings[1].transmissions += 5;
        assert_eq!(Logs::of(&Extract::whole(&scan)).unwrap().without_day(), 5);
    }
}
