//! Who answers the console: words of the reports, marks of testers, and files of the session so far.

use std::sync::Arc;

use console::{Card, Desk, DeskError, Earlier, Export, Fact, File, Lang, MarkKind, Mending, Unseen};
use model::{BlindSpotRecord, Finding, Host, Scan, Standing};

use super::record::SessionRecord;
use super::steps::not_recorded;
use crate::live::Control;

/// The desk of a session.
pub(super) struct SessionDesk {
    /// A scan of nothing, for words that depend on what kind of run it is and what is declared.
    frame: Scan,
    record: Arc<SessionRecord>,
    control: Arc<Control>,
}

impl SessionDesk {
    pub(super) fn new(frame: Scan, record: Arc<SessionRecord>, control: Arc<Control>) -> Self {
        Self { frame, record, control }
    }

    /// Chooses the site that the session is about, as somebody typed it.
    fn choose(&self, typed: &str) -> Result<Host, DeskError> {
        let host = typed.trim().trim_start_matches("https://").trim_start_matches("http://");
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let host = Host::parse(host).ok_or_else(|| DeskError("give a host, as in www.example.dk".to_owned()))?;
        if self.control.choose(host.site()) {
            return Ok(host);
        }
        let why = "too late: more was seen than can be judged once more, or the site was named at the start; \
                   start again with --sut HOST";
        Err(DeskError(why.to_owned()))
    }
}

impl Desk for SessionDesk {
    fn card(&self, finding: &Finding, lang: Lang) -> Card {
        let lang = language(lang);
        let card = reports::Card::new(finding, &self.frame, lang);
        Card {
            title: card.title,
            story: card.story,
            severity: card.severity,
            rule: reports::rule_name(finding.rule, lang).to_owned(),
            reasons: card.reasons,
            evidence: card.evidence,
            counts: card.counts,
            facts: card
                .facts
                .into_iter()
                .map(|fact| Fact { label: fact.label.to_owned(), value: fact.value, is_code: fact.is_code })
                .collect(),
            trail: card.trail,
            accepted: card.accepted.map(|accepted| accepted.text),
            mending: card
                .mending
                .into_iter()
                .map(|way| Mending {
                    title: way.title.to_owned(),
                    text: way.how.to_owned(),
                    example: way.own_example.or_else(|| way.example.map(str::to_owned)),
                })
                .collect(),
        }
    }

    fn issue_text(&self, finding: &Finding, lang: Lang) -> String {
        reports::issue_text(finding, &self.frame, language(lang))
    }

    fn unseen(&self, record: &BlindSpotRecord, lang: Lang) -> Unseen {
        let words = reports::UnseenWords::new(record, language(lang));
        Unseen {
            title: words.title.to_owned(),
            meaning: format!("{} {}", words.meaning, words.action),
            place: words.place,
            detail: words.detail,
            leaves_gap: record.kind.leaves_gap(),
        }
    }

    fn standing(&self, standing: Standing, lang: Lang) -> String {
        reports::standing_name(standing, language(lang)).to_owned()
    }

    fn country(&self, code: &str, lang: Lang) -> String {
        reports::country_name(code, language(lang))
    }

    fn mark(&self, kind: MarkKind, tester: Option<&str>, text: &str) -> Result<(), DeskError> {
        match kind {
            MarkKind::Pause => {
                self.record.mark(kind, tester, text, |mark| self.control.pause(mark.time, not_recorded(mark)))
            }
            MarkKind::Resume => self.record.mark(kind, tester, text, |mark| self.control.resume(mark.time)),
            MarkKind::FirstParty => {
                let host = self.choose(text)?;
                self.record.mark(kind, tester, host.as_str(), |_| {})
            }
            MarkKind::Step | MarkKind::Note | MarkKind::Clear => self.record.mark(kind, tester, text, |_| {}),
        }
    }

    fn earlier(&self) -> Result<Vec<Earlier>, DeskError> {
        self.record.earlier()
    }

    fn export(&self, what: &Export) -> Result<Vec<File>, DeskError> {
        self.record.export(what)
    }
}

/// The reports' name of a language.
pub(super) fn language(lang: Lang) -> reports::Lang {
    match lang {
        Lang::Da => reports::Lang::Da,
        Lang::En => reports::Lang::En,
    }
}
