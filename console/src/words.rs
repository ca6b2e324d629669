//! What the page says, in both languages. What a finding, a blind spot or a standing is called is the desk's to say.

use std::borrow::Borrow;

use crate::desk::Lang;
use crate::mark::MarkKind;

/// One text in every language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    pub(crate) da: &'static str,
    pub(crate) en: &'static str,
}

impl Text {
    pub(crate) fn to(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Da => self.da,
            Lang::En => self.en,
        }
    }
}

impl Lang {
    /// `text` in this language.
    pub(crate) fn say(self, text: impl Borrow<Text>) -> &'static str {
        text.borrow().to(self)
    }

    /// `1.234` or `1,234`.
    pub(crate) fn number(self, number: impl Borrow<u64>) -> String {
        let separator = match self {
            Self::Da => '.',
            Self::En => ',',
        };
        let digits = number.borrow().to_string();
        let mut out = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                out.push(separator);
            }
            out.push(digit);
        }
        out
    }

    /// `12,4 kB`.
    pub(crate) fn bytes(self, bytes: impl Borrow<u64>) -> String {
        let bytes = *bytes.borrow();
        let (unit, size) = match bytes {
            0..1_000 => return format!("{bytes} B"),
            1_000..1_000_000 => ("kB", 1_000),
            _ => ("MB", 1_000_000),
        };
        let point = match self {
            Self::Da => ',',
            Self::En => '.',
        };
        format!("{}{point}{} {unit}", self.number(bytes / size), bytes % size * 10 / size)
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Da => Self::En,
            Self::En => Self::Da,
        }
    }

    /// What its speakers call it.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::Da => "Dansk",
            Self::En => "English",
        }
    }
}

/// What a mark is called in the timeline.
pub(crate) fn mark(kind: MarkKind) -> Text {
    match kind {
        MarkKind::Step => Text { da: "Trin", en: "Step" },
        MarkKind::Note => Text { da: "Note", en: "Note" },
        MarkKind::Pause => Text { da: "Pause", en: "Paused" },
        MarkKind::Resume => Text { da: "Optagelsen fortsat", en: "Recording resumed" },
        MarkKind::Clear => Text { da: "Listerne ryddet", en: "Lists cleared" },
        MarkKind::FirstParty => Text { da: "Testet site valgt", en: "Site under test chosen" },
    }
}

/// What a severity is called where it is chosen.
pub(crate) fn severity(severity: model::Severity) -> Text {
    match severity {
        model::Severity::Info => Text { da: "Til orientering", en: "Info" },
        model::Severity::Low => Text { da: "Lav", en: "Low" },
        model::Severity::Medium => Text { da: "Mellem", en: "Medium" },
        model::Severity::High => Text { da: "Høj", en: "High" },
        model::Severity::Critical => Text { da: "Kritisk", en: "Critical" },
    }
}

/// How sure it is that a number was seen.
pub(crate) fn evidence(evidence: model::Evidence) -> Text {
    match evidence {
        model::Evidence::E1 => Text { da: "E1, bekræftet (testnummer)", en: "E1, confirmed (test number)" },
        model::Evidence::E2 => Text { da: "E2, sikkert", en: "E2, definite" },
        model::Evidence::E3 => Text { da: "E3, sandsynligt", en: "E3, probable" },
        model::Evidence::E4 => Text { da: "E4, muligt", en: "E4, possible" },
    }
}

macro_rules! texts {
    ($($name:ident: $da:literal, $en:literal;)*) => {
        $(pub(crate) const $name: Text = Text { da: $da, en: $en };)*
    };
}

texts! {
    ABORTED: "Intet svar", "No answer";
    ACCEPTED: "Accepteret", "Accepted";
    ALL: "Alle", "All";
    ALREADY_CLEARED: "ryddet fra siden, men står i rapporten.", "cleared from the page, but in the report.";
    AND_MORE: "flere vises ikke her. De står alle i rapporten.", "more are not shown here. All of them are in the report.";
    ANSWER: "Svar", "Answer";
    AT: "Tid", "Time";
    BACK: "Luk", "Close";
    BLIND_SPOTS: "Ikke set", "Not seen";
    BLOCKED: "Stoppet af cprvagt, før det blev sendt", "Stopped by cprvagt before it left";
    BLOCKED_SHORT: "Stoppet", "Stopped";
    BLOCKED_PARTLY: "Delvis stoppet af cprvagt", "Partly stopped by cprvagt";
    CONTINUES: "Mere af en forespørgsel, der allerede står på listen, f.eks. en besked på en WebSocket", "More of a request that is on the list already, such as a message on a WebSocket";
    BROWSERS_OWN: "Browserens egen forespørgsel; den hører ikke til nogen side", "The browser's own request; it belongs to no page";
    CHOOSE: "Vælg", "Choose";
    CHOOSE_SITE: "Vælg et andet site", "Choose another site";
    CLEAR: "Ryd listerne", "Clear the lists";
    CLEAR_HINT: "Kun siden begynder forfra. Rapporten har det hele.", "Only the page begins anew. The report has everything.";
    COMPARE: "Sammenlign med", "Compare with";
    COMPARE_NONE: "ingen", "nothing";
    COPIED: "Kopieret", "Copied";
    COPY: "Kopiér", "Copy";
    COPY_BY_HAND: "Browseren tillod ikke kopiering. Teksten er markeret: tryk Ctrl+C.", "The browser did not allow copying. The text is selected: press Ctrl+C.";
    COPY_ISSUE: "Kopiér som sagstekst", "Copy as issue text";
    COUNTRY_UNCHECKED: "efter en indbygget liste", "by a built-in list";
    DOWNLOAD: "Hent", "Download";
    DURATION: "Varighed", "Duration";
    EVIDENCE: "Bevis", "Evidence";
    EXCHANGES: "Forespørgsler", "Requests";
    EXCHANGES_NONE_SINCE: "Ingen forespørgsel, siden listerne blev ryddet.", "No request since the lists were cleared.";
    EXCHANGES_NONE: "Ingen forespørgsler endnu.", "No requests yet.";
    EXCHANGES_NO_MATCH: "Ingen forespørgsler passer til filteret.", "No requests match the filter.";
    EXCHANGES_OF_FINDING: "Forespørgsler, der bar den", "Requests that carried it";
    EXPORT: "Eksport", "Export";
    EXPORT_HAR: "HAR uden numre", "HAR, redacted";
    EXPORT_JSON: "scan.json", "scan.json";
    EXPORT_REPORT: "Rapport", "Report";
    EXPORT_WAIT: "Laver filerne …", "Making the files …";
    FAILED: "Det lykkedes ikke: ", "That did not work: ";
    FILTER: "Filter", "Filter";
    FILTER_BLOCKED: "Kun stoppede", "Stopped only";
    FILTER_CLEAR: "Nulstil filter", "Reset filter";
    FILTER_FINDING: "Kun fra ét fund", "Of one finding only";
    FILTER_HOST: "Vært eller modtager", "Host or recipient";
    FILTER_LEVEL: "Bevis mindst", "Evidence at least";
    FILTER_NUMBERS: "Kun med numre", "With numbers only";
    FILTER_RULE: "Regel", "Rule";
    FILTER_SEVERITY: "Alvor mindst", "Severity at least";
    FILTER_SYSTEM: "System", "System";
    FILTER_TESTER: "Tester", "Tester";
    FILTER_TEXT: "Tekst i adressen", "Text in the address";
    FINDINGS: "Fund", "Findings";
    FINDINGS_NONE: "Intet fund endnu.", "No finding yet.";
    FINDINGS_NONE_HINT: "Brug siden, der testes, i browseren bag proxyen. Et læk står her i samme sekund, det sker.", "Use the site under test in the browser behind the proxy. A leak stands here the second it happens.";
    FOR_TESTER: "For", "For";
    FOUND: "Fund", "Finding";
    OVER: "Sessionen er slut", "The session is over";
    OVER_HOW: "Programmet er stoppet, og rapporten skrives i den mappe, som terminalen nævner. Start det igen for at begynde en ny session.", "The program was stopped, and the report is written to the folder that the terminal names. Start it again to begin another session.";
    GONE: "Du er logget af", "You are logged off";
    GONE_HOW: "Åbn adressen, som cprvagt viser i terminalen, for at komme ind igen. Der optages stadig, så længe programmet kører, og intet er gået tabt.", "Open the address that cprvagt shows in the terminal to come back in. As long as the program runs it goes on recording, and nothing is lost.";
    GUESSED: "gættet efter det første besøg", "guessed from the first visit";
    HELP: "Taster", "Keys";
    HELP_CLOSE: "Luk kortet, gå tilbage til listen", "Close the card, go back to the list";
    HELP_FILTER: "Gå til filteret", "Go to the filter";
    HELP_MOVE: "Næste og forrige i den liste, der har fokus", "Next and previous in the list that has the focus";
    HELP_OFF: "Brug enkelttaster", "Use single keys";
    HELP_OPEN: "Åbn det valgte", "Open what is chosen";
    HELP_SHOW: "Vis denne hjælp", "Show this help";
    HELP_WRITE: "Skriv trin eller note", "Write a step or a note";
    HOST: "Vært", "Host";
    INCOMPLETE: "hul", "gap";
    LAST_SEEN: "Senest set", "Last seen";
    LEFT_OUT: "fandt ikke plads på siden; rapporten har det.", "found no room on the page; the report has it.";
    LIVE: "Optager", "Recording";
    LOG_OFF: "Log af", "Log off";
    LOST: "Forbindelsen til cprvagt er afbrudt. Siden prøver igen; intet går tabt, så længe programmet kører.", "The connection to cprvagt is lost. The page keeps trying; nothing is lost as long as the program runs.";
    MEND: "Sådan udbedres det", "How to mend it";
    METHOD: "Metode", "Method";
    NEW_FINDING: "Nyt fund", "New finding";
    NOT_SEEN_NONE: "Indtil nu intet, som ikke blev læst.", "So far nothing that was not read.";
    NOTE: "Note", "Note";
    NUMBERS: "Med numre", "With numbers";
    OF: "af", "of";
    PAGE: "Side", "Page";
    PAUSE: "Pause", "Pause";
    PAUSED: "Pause: intet optages", "Paused: nothing is recorded";
    RECEIVED: "Modtaget", "Received";
    RECIPIENT: "Modtager", "Recipient";
    RECIPIENTS: "Modtagere", "Recipients";
    RECIPIENTS_CAPTION: "Hvem der fik hvad, de værste øverst", "Who got what, the worst on top";
    RECIPIENTS_NONE: "Ingen modtagere endnu.", "No recipients yet.";
    REQUESTS: "Forespørgsler", "Requests";
    RESUME: "Fortsæt", "Resume";
    SENT: "Sendt", "Sent";
    SESSION: "Sessionen", "The session";
    SHOW_CLEARED: "Vis det ryddede", "Show what was cleared";
    SHOW_IN_LIST: "Vis dem i listen", "Show them in the list";
    SHOW_LESS: "Vis færre", "Show fewer";
    SHOW_MORE: "Vis flere", "Show more";
    SITE: "Sitets adresse", "The site's address";
    SKIP: "Gå til fundene", "Go to the findings";
    STANDING: "Status", "Standing";
    STATUS: "Status", "Status";
    STEP: "Trin", "Step";
    STEP_NOW: "Trin nu", "Step now";
    STEP_NONE: "intet trin endnu", "no step yet";
    SYSTEM: "System", "System";
    TESTER: "Tester", "Tester";
    TESTERS_ALL: "alle", "all";
    TIMELINE: "Tidslinje", "Timeline";
    TIMELINE_NONE: "Trin, noter og fund kommer her.", "Steps, notes and findings come here.";
    TITLE: "cprvagt – konsol", "cprvagt – console";
    TRAIL: "Sådan findes det", "How to find it";
    UNDER_NOBODY: "venter på det første besøg", "waiting for the first visit";
    UNDER_TEST: "Under test", "Under test";
    UNSEEN_IN_IT: "Ikke alt i den blev læst: se “Ikke set”.", "Not all of it was read: see “Not seen”.";
    URL: "Adresse", "Address";
    VERSION: "Protokol", "Protocol";
    VIEW: "Vis", "View";
    WHAT_DOING: "Hvad er du i gang med?", "What are you doing?";
    WHAT_DOING_HINT: "f.eks. skifter adresse", "e.g. changing the address";
    WHY_SEVERE: "Derfor så alvorligt", "Why so severe";
    WRITTEN: "Skrevet", "Written";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sizes_are_written_as_each_language_does() {
        assert_eq!((Lang::Da.number(1_234_567), Lang::En.number(1_234)), ("1.234.567".to_owned(), "1,234".to_owned()));
        assert_eq!((Lang::Da.number(12), Lang::En.number(999)), ("12".to_owned(), "999".to_owned()));
        assert_eq!((Lang::Da.bytes(1_250), Lang::En.bytes(12_000_000)), ("1,2 kB".to_owned(), "12.0 MB".to_owned()));
        assert_eq!(Lang::En.bytes(999), "999 B");
    }
}
