//! What a session at the terminal tells while it goes on: some lines for each new finding, one for each new blind spot.
//!
//! The whole cards come at its end; here is what a tester needs to look up from the keyboard.

use model::{BlindSpotRecord, Finding};

use crate::accepted::accepted;
use crate::inert::Inert;
use crate::lang::capitalised;
use crate::naming::who;
use crate::story::undelivered;
use crate::terminal::{Page, Style, Terminal, place};
use crate::texts::blind_spots::blind_spot;
use crate::texts::phrases as p;

impl Terminal {
    /// A finding that has just been made, in a few lines.
    pub fn live_finding(&self, finding: &Finding) -> String {
        let mut page = Page::new(*self);
        self.card_head(&mut page, finding);
        let mut rows: Vec<(&str, String)> =
            accepted(finding, self.lang).into_iter().map(|one| (p::ACCEPTED.to(self.lang), one.text)).collect();
        if !finding.page.as_str().is_empty() {
            rows.push((p::PAGE.to(self.lang), Inert::from(&finding.page).to_string()));
        }
        rows.push((p::REQUEST.to(self.lang), Inert::from(&finding.request).to_string()));
        rows.push((p::RECIPIENT.to(self.lang), who(&finding.recipient)));
        rows.push((p::TRAIL.to(self.lang), Inert::from(&finding.trail).to_string()));
        if finding.simulated {
            rows.push((p::SIMULATED.to(self.lang), p::SIMULATED_MEANS.to(self.lang).to_owned()));
        }
        if let Some(lost) = undelivered(finding, self.lang) {
            rows.push((p::SENT.to(self.lang), capitalised(&lost)));
        }
        page.rows(&rows);
        page.out
    }

    /// Something that has just not been seen, and why.
    pub fn live_blind_spot(&self, record: &BlindSpotRecord) -> String {
        let mut page = Page::new(*self);
        let title = blind_spot(record.kind).title.to(self.lang);
        let said = format!("? {title} ({}): {}", record.kind.as_str(), place(record, self.lang));
        page.hanging(0, 2, Style::Plain, &said);
        page.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;
    use crate::sample;

    fn plain(lang: Lang) -> Terminal {
        Terminal { lang, color: false, width: 80 }
    }

    #[test]
    fn a_finding_is_told_in_few_lines_with_rule_page_and_recipient() {
        let scan = sample::scan();
        for lang in Lang::ALL {
            let told = plain(lang).live_finding(&scan.findings[0]);
            assert!(told.lines().count() <= 8, "{told}");
            for what in [scan.findings[0].rule.as_str(), scan.findings[0].page.as_str()] {
                assert!(told.contains(what), "{what} is not in {told}");
            }
        }
    }

    #[test]
    fn a_recordis_told_with_its_kind_and_place() {
        let spot = &sample::scan().blind_spots[0];
        let told = plain(Lang::En).live_blind_spot(spot);
        assert!(told.contains(spot.kind.as_str()) && told.contains(spot.place.as_str()), "{told}");
    }

    #[test]
    fn what_was_stopped_is_said_to_be() {
        let mut finding = sample::scan().findings[0].clone();
        (finding.undelivered, finding.blocked) = (finding.transmissions, finding.transmissions);
        let told = |lang| plain(lang).live_finding(&finding).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told(Lang::En).contains("cprvagt stopped them before they left"));
        assert!(told(Lang::Da).contains("cprvagt standsede dem, før de blev sendt"));
    }

    #[test]
    fn hostile_text_is_inert() {
        let scan = sample::hostile();
        for finding in &scan.findings {
            let told = plain(Lang::Da).live_finding(finding);
            assert!(told.chars().all(|c| c == '\n' || !c.is_control()), "{told:?}");
        }
        for spot in &scan.blind_spots {
            let told = plain(Lang::Da).live_blind_spot(spot);
            assert!(told.chars().all(|c| c == '\n' || !c.is_control()), "{told:?}");
        }
    }
}
