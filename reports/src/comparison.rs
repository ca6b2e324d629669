//! What has changed since an earlier scan, in words: for the terminal, and for the pages.

use model::{
    Acceptance, Comparison, DistinctPersons, Finding, NewRecipient, Period, Scan, Severity, SystemId, Unseen, VendorId,
};

use crate::inert::Inert;
use crate::lang::Lang;
use crate::naming::{count, who};
use crate::story::finding_title;
use crate::summary::{is_possible, vendor_of};
use crate::terminal::{Page, Style, Terminal};
use crate::texts::blind_spots::blind_spot;
use crate::texts::comparison as c;
use crate::texts::{phrases as p, terms};

/// Changes of one kind that a terminal shows; the rest are counted, and are all in the HTML report.
const MAX_SHOWN: usize = 12;

/// A name or case number is no longer than this.
const MAX_NAME: usize = 80;

/// What has changed, of a whole scan or one vendor's part of it.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    /// With what it was compared.
    pub(crate) with: String,
    /// That nothing has changed; empty where something has.
    pub(crate) unchanged: &'static str,
    /// By kind, those that have any.
    pub(crate) groups: Vec<Group>,
    /// What the whole period comes to; none for a part of the scan.
    pub(crate) period: Vec<String>,
}

/// Changes of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) rows: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// `None` for a recipient, and for what may be no number.
    pub(crate) severity: Option<Severity>,
    pub(crate) title: String,
    /// Where; may be empty.
    pub(crate) page: String,
    /// More about it; may be empty.
    pub(crate) note: String,
}

impl Changes {
    /// Those of `scan`, if it was compared.
    pub(crate) fn whole(scan: &Scan, lang: Lang) -> Option<Self> {
        let comparison = scan.comparison.as_deref()?;
        let mut changes = Self::where_(scan, comparison, lang, |_| true, |_| true);
        changes.period = comparison.period.as_ref().map(|period| period_lines(period, lang)).unwrap_or_default();
        Some(changes)
    }

    /// Those of one vendor.
    pub(crate) fn of_vendor(scan: &Scan, vendor: Option<&VendorId>, lang: Lang) -> Option<Self> {
        let comparison = scan.comparison.as_deref()?;
        let system_vendor = |id: Option<&SystemId>| {
            scan.systems.iter().find(|system| system.id.as_ref() == id).and_then(|system| system.vendor.as_ref())
        };
        let is_own = |recipient: &NewRecipient| system_vendor(recipient.system.as_ref()) == vendor;
        let mut changes = Self::where_(scan, comparison, lang, |finding| vendor_of(scan, finding) == vendor, is_own);
        // Figures of several vendors together say nothing of one of them.
        if let Some(period) =
            comparison.period.as_ref().filter(|_| scan.systems_of(vendor).count() == scan.systems.len())
        {
            changes.period = period_lines(period, lang);
        }
        Some(changes)
    }

    fn where_(
        scan: &Scan,
        comparison: &Comparison,
        lang: Lang,
        is_meant: impl Fn(&Finding) -> bool,
        is_meant_recipient: impl Fn(&NewRecipient) -> bool,
    ) -> Self {
        let present = |fingerprint: &str| {
            scan.findings.iter().find(|finding| finding.fingerprint == fingerprint).filter(|finding| is_meant(finding))
        };
        let new = comparison.new.iter().filter_map(|new| {
            let note = new
                .unseen_before
                .as_ref()
                .map(|unseen| format!("{}: {}", c::MAY_BE_OLD.to(lang), lowered(&reason(unseen, lang))));
            Some(change(present(&new.fingerprint)?, note.unwrap_or_default(), lang))
        });
        let recipients = comparison.new_recipients.iter().filter(|new| is_meant_recipient(new));
        let mended = comparison.mended.iter().filter(|finding| is_meant(finding));
        let not_covered = comparison.not_covered.iter().filter(|gone| is_meant(&gone.finding));
        let still = comparison.still_there.iter().filter_map(|still| {
            let note = format!("{} {}", c::FIRST_SEEN.to(lang), lang.date(still.since));
            Some(change(present(&still.fingerprint)?, note, lang))
        });
        let accepted = comparison.accepted.iter().filter_map(|one| {
            let finding = present(&one.fingerprint)?;
            let until = finding.acceptance.as_ref().map(|acceptance| accepted_note(acceptance, lang));
            let since = one.since.map(|since| format!("{} {}", c::FIRST_SEEN.to(lang), lang.date(since)));
            let since = since.unwrap_or_else(|| c::NOT_THERE_BEFORE.to(lang).to_owned());
            Some(change(finding, until.into_iter().chain([since]).collect::<Vec<_>>().join("; "), lang))
        });
        let groups = [
            ("new", c::NEW, c::NEW_MEANING, new.collect()),
            (
                "new-recipients",
                c::NEW_RECIPIENTS,
                c::NEW_RECIPIENTS_MEANING,
                recipients.map(|new| recipient(new, lang)).collect(),
            ),
            (
                "mended",
                c::MENDED,
                c::MENDED_MEANING,
                mended.map(|finding| change(finding, String::new(), lang)).collect::<Vec<_>>(),
            ),
            (
                "not-covered",
                c::NOT_COVERED,
                c::NOT_COVERED_MEANING,
                not_covered.map(|gone| change(&gone.finding, reason(&gone.unseen, lang), lang)).collect(),
            ),
            ("still-there", c::STILL_THERE, c::STILL_THERE_MEANING, still.collect()),
            ("accepted", c::ACCEPTED, c::ACCEPTED_MEANING, accepted.collect()),
        ];
        let groups: Vec<Group> = groups
            .into_iter()
            .map(|(id, title, meaning, rows)| Group { id, title: title.to(lang), meaning: meaning.to(lang), rows })
            .filter(|group| !group.rows.is_empty())
            .collect();
        let is_change = |group: &Group| !["not-covered", "still-there", "accepted"].contains(&group.id);
        Self {
            with: compared_with(comparison, lang),
            unchanged: if groups.iter().any(is_change) { "" } else { c::UNCHANGED.to(lang) },
            groups,
            period: Vec::new(),
        }
    }
}

impl Terminal {
    /// What has changed, if the scan was compared.
    pub(crate) fn changes(self, page: &mut Page, scan: &Scan) {
        let Some(changes) = Changes::whole(scan, self.lang) else { return };
        page.title(c::SINCE.to(self.lang));
        page.text(2, Style::Plain, &changes.with);
        if !changes.unchanged.is_empty() {
            page.text(2, Style::Plain, changes.unchanged);
        }
        for group in &changes.groups {
            page.text(2, Style::Strong, &format!("{} ({})", group.title, self.lang.number(count(group.rows.len()))));
            page.text(4, Style::Plain, group.meaning);
            for row in group.rows.iter().take(MAX_SHOWN) {
                let severity = row.severity.map(|severity| terms::severity(severity).to(self.lang).to_uppercase());
                let title = severity.map_or_else(|| row.title.clone(), |severity| format!("{severity}  {}", row.title));
                page.hanging(4, 6, Style::Plain, &title);
                for more in [&row.page, &row.note].into_iter().filter(|more| !more.is_empty()) {
                    page.text(6, Style::Faint, more);
                }
            }
            let left = group.rows.len().saturating_sub(MAX_SHOWN);
            if left > 0 {
                let left = self.lang.number(count(left));
                page.text(
                    4,
                    Style::Plain,
                    &match self.lang {
                        Lang::Da => format!("… og {left} til, i HTML-rapporten"),
                        Lang::En => format!("… and {left} more, in the HTML report"),
                    },
                );
            }
        }
        for line in &changes.period {
            page.text(2, Style::Plain, line);
        }
        page.blank();
    }
}

fn change(finding: &Finding, note: String, lang: Lang) -> Change {
    Change {
        severity: (!is_possible(finding)).then_some(finding.severity),
        title: finding_title(finding, lang),
        page: Inert::from(&finding.page).to_string(),
        note,
    }
}

/// By whom, in which case and until when.
fn accepted_note(acceptance: &Acceptance, lang: Lang) -> String {
    let [name, case] = [&acceptance.accepted_by, &acceptance.case].map(|text| Inert::short(text.as_str(), MAX_NAME));
    let until = lang.day(acceptance.expires);
    match lang {
        Lang::Da => format!("accepteret af {name} til og med {until}, sag {case}"),
        Lang::En => format!("accepted by {name} until {until}, case {case}"),
    }
}

fn recipient(new: &NewRecipient, lang: Lang) -> Change {
    let standing = terms::standing(new.recipient.standing).to(lang);
    let got = if new.with_number > 0 { c::GOT_NUMBERS } else { c::GOT_NO_NUMBERS }.to(lang);
    Change {
        severity: None,
        title: format!("{}: {standing}", who(&new.recipient)),
        page: Inert::short(new.name.as_str(), 80),
        note: format!("{}, {got}", p::REQUESTS.of(new.requests, lang)),
    }
}

fn reason(unseen: &Unseen, lang: Lang) -> String {
    let why = c::why(unseen.why).to(lang);
    match unseen.blind_spot {
        Some(kind) => format!("{} ({})", why.trim_end_matches('.'), blind_spot(kind).title.to(lang)),
        None => why.to_owned(),
    }
}

fn compared_with(comparison: &Comparison, lang: Lang) -> String {
    let when = |scan: &model::EarlierScan| format!("{} ({})", lang.moment(scan.started), Inert::short(&scan.id, 16));
    let all: Vec<String> = comparison.earlier.iter().map(when).collect();
    let text = if all.len() == 1 { c::COMPARED_WITH } else { c::COMPARED_WITH_SEVERAL };
    format!("{} {}.", text.to(lang), lang.list(&all))
}

fn period_lines(period: &Period, lang: Lang) -> Vec<String> {
    let sent = p::TRANSMISSIONS.of(period.transmissions, lang);
    let scans = lang.number(period.scans);
    let first = match lang {
        Lang::Da => format!("{} ({scans} undersøgelser): {sent} til andre", c::PERIOD.to(lang)),
        Lang::En => format!("{} ({scans} scans): {sent} to others", c::PERIOD.to(lang)),
    };
    match (period.persons, c::uncounted(period.persons)) {
        (DistinctPersons::Counted { persons }, _) => {
            vec![format!("{first}, {}.", p::DISTINCT_PERSONS.of(persons, lang))]
        }
        (DistinctPersons::NoKey | DistinctPersons::OtherKey, why) => {
            std::iter::once(format!("{first}.")).chain(why.map(|why| why.to(lang).to_owned())).collect()
        }
    }
}

/// With its first letter in lower case, for the middle of a sentence.
fn lowered(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn told(scan: &Scan, lang: Lang) -> String {
        let terminal = Terminal { lang, color: false, width: 80 };
        let mut page = Page::new(terminal);
        terminal.changes(&mut page, scan);
        page.out
    }

    #[test]
    fn the_sample_in_english() {
        insta::assert_snapshot!(told(&sample::compared(), Lang::En));
    }

    #[test]
    fn the_sample_in_danish() {
        insta::assert_snapshot!(told(&sample::compared(), Lang::Da));
    }

    #[test]
    fn a_scan_that_was_compared_with_none_says_nothing() {
        assert_eq!(told(&sample::scan(), Lang::Da), "");
    }

    #[test]
    fn a_vendor_sees_its_own_changes_alone() {
        let scan = sample::compared();
        let rows = |vendor: &str| {
            let vendor = VendorId(vendor.to_owned());
            let changes = Changes::of_vendor(&scan, Some(&vendor), Lang::En).unwrap();
            changes.groups.iter().map(|group| group.rows.len()).sum::<usize>()
        };
        let all: usize = Changes::whole(&scan, Lang::En).unwrap().groups.iter().map(|group| group.rows.len()).sum();
        assert!(rows("nordia") > 0);
        assert_eq!(rows("nordia") + rows("fjordsoft"), all);
    }

    #[test]
    fn persons_are_counted_under_one_key_or_not_told() {
        let lines = |persons| {
            let period = Period { scans: 12, transmissions: 4_735, persons };
            period_lines(&period, Lang::Da).join(" ")
        };
        let counted = lines(DistinctPersons::Counted { persons: 3_315 });
        assert!(counted.contains("4.735 overførsler") && counted.contains("3.315 forskellige personer"), "{counted}");
        assert!(lines(DistinctPersons::NoKey).contains("uden nøglefil"));
        assert!(lines(DistinctPersons::OtherKey).contains("forskellige nøglefiler"));
    }
}
