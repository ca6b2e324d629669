//! The texts of a dossier's cover, required actions and draft of a notification.

use crate::lang::Text;

// Cover.
pub(crate) const COVER: Text = Text { da: "Om dette dossier", en: "About this dossier" };
pub(crate) const TO: Text = Text { da: "Til", en: "For" };
pub(crate) const COMPANY_NUMBER: Text = Text { da: "CVR-nr.", en: "Company number" };
pub(crate) const VENDOR_CONTACT: Text = Text { da: "Leverandørens kontakt", en: "The vendor's contact" };
pub(crate) const AUTHORITY_CONTACT: Text = Text { da: "Myndighedens kontakt", en: "The authority's contact" };
pub(crate) const VENDOR_AGREEMENT: Text = Text { da: "Databehandleraftale", en: "Processing agreement" };
pub(crate) const FROM: Text = Text { da: "Fra", en: "From" };
pub(crate) const DPO: Text = Text { da: "Databeskyttelsesrådgiver", en: "Data protection officer" };
pub(crate) const NEXT_SUPERVISION: Text = Text { da: "Næste tilsyn", en: "Next supervision" };
pub(crate) const VALID: Text = Text { da: "Gælder pr.", en: "Valid as of" };
pub(crate) const SIMULATED: Text = Text { da: "Efterlignet", en: "Simulated" };
pub(crate) const NOTHING_SIMULATED: Text = Text { da: "intet", en: "nothing" };
pub(crate) const COMPLETENESS: Text = Text { da: "Fuldstændighed", en: "Completeness" };
pub(crate) const COMPLETE: Text = Text { da: "fuldstændig", en: "complete" };
pub(crate) const INCOMPLETE: Text = Text { da: "ikke fuldstændig", en: "not complete" };
pub(crate) const REGISTRY: Text = Text { da: "Register", en: "Registry" };
pub(crate) const NO_REGISTRY: Text = Text { da: "intet register", en: "no registry" };
pub(crate) const REGISTRY_AS_WAS: Text =
    Text { da: "som det var ved kørslen; gemt i scan.json", en: "as it was at the scan; kept in scan.json" };
pub(crate) const ONLY_TOGETHER: Text = Text {
    da: "Fundene viser, hvad der blev set i denne scanning. De gælder kun sammen med dækningen: om det, der ikke blev \
         undersøgt, siger de intet. Et dossier uden fund er ingen godkendelse.",
    en: "The findings show what was seen in this scan. They are only true together with the coverage: of what was not \
         covered they say nothing. A dossier without findings is no approval.",
};

// Required actions.
pub(crate) const ACTIONS: Text = Text { da: "Påkrævede handlinger", en: "Required actions" };
pub(crate) const ACTIONS_INTRODUCTION: Text = Text {
    da: "I den rækkefølge, der hjælper mest: den første handling mod et fund fjerner årsagen, de næste begrænser det. \
         Fristen følger det værste af handlingens fund og regnes fra scanningens afslutning: kritisk 7 dage, høj 30, \
         mellem 90, lav eller til orientering 180. Et fund er rettet, når gentesten ikke længere ser dets fingeraftryk \
         og har nået den samme side. Vejledningen til hver handling står under systemet.",
    en: "In the order that helps most: the first action against a finding removes its cause, the next ones contain it. \
         The date follows the worst of the action's findings, counted from the scan's end: critical 7 days, high 30, \
         medium 90, low or information 180. A finding is mended when the retest reaches the same page and no longer \
         sees its fingerprint. How to do each is told under the system.",
};
pub(crate) const ACTIONS_CAPTION: Text = Text {
    da: "Hver handling med de fund, den retter, ansvarlig, frist og gentest",
    en: "Each action with the findings that it mends, owner, due date and retest",
};
pub(crate) const NO_ACTIONS: Text = Text {
    da: "Ingen fund kræver handling. Det gælder kun det, der blev undersøgt.",
    en: "No finding requires action. That is only true of what was covered.",
};
pub(crate) const ACTION: Text = Text { da: "Handling", en: "Action" };
pub(crate) const MENDS: Text = Text { da: "Retter fund", en: "Mends findings" };
pub(crate) const OWNER: Text = Text { da: "Ansvarlig", en: "Owner" };
pub(crate) const DUE: Text = Text { da: "Frist", en: "Due" };
pub(crate) const RETEST: Text = Text { da: "Gentest", en: "Retest" };
pub(crate) const OWNER_VENDOR: Text = Text { da: "Leverandøren", en: "The vendor" };
pub(crate) const OWNER_AUTHORITY: Text = Text { da: "Myndigheden", en: "The authority" };
pub(crate) const OF_ACCEPTED: Text = Text { da: "Accepterede fund", en: "Accepted findings" };
pub(crate) const OF_ACCEPTED_NOTE: Text = Text {
    da: "Disse fund er accepteret for en tid og kræver ingen handling, så længe det gælder.",
    en: "These findings are accepted for a while and require no action as long as that holds.",
};
pub(crate) const WITHOUT_ACTION: Text = Text {
    da: "Fund, som værktøjet ikke foreslår nogen handling til:",
    en: "Findings for which the tool proposes no action:",
};

// Draft of a notification.
pub(crate) const BREACH: Text =
    Text { da: "Bilag: udkast til anmeldelse af brud", en: "Annex: draft of a breach notification" };
pub(crate) const BREACH_NOBODY: Text = Text {
    da: "Ingen numre blev set nå frem til andre end myndigheden, så der er intet udkast. Det gælder kun det, der blev \
         undersøgt.",
    en: "No number was seen to reach anybody but the authority, so there is no draft. That is only true of what was \
         covered.",
};
pub(crate) const BREACH_TEST_ONLY: Text = Text {
    da: "Alle numre, der nåede frem til andre, tilhører oplyste testpersoner. Ingen borgers nummer blev set. Lækagen viser, \
         hvad der ville ske med borgeres numre på de samme sider; om det er sket, må den dataansvarlige undersøge.",
    en: "All numbers that reached others are declared test persons'. No citizen's number was seen. The leak shows what \
         would happen to citizens' numbers on the same pages; whether it has is for the controller to look into.",
};
pub(crate) const BREACH_INTRODUCTION: Text = Text {
    da: "Numre, der ikke er oplyste testpersoners, nåede frem til andre end myndigheden. Her er felterne i en anmeldelse \
         efter databeskyttelsesforordningens artikel 33, stk. 3, udfyldt med det, scanningen og registret ved. Værktøjet \
         afgør ikke, om der er sket et brud, der skal anmeldes: det gør den dataansvarlige.",
    en: "Numbers that are no declared test persons' reached others than the authority. These are the fields of a \
         notification under article 33(3) of the GDPR, filled with what the scan and the registry know. The tool does \
         not decide whether there is a breach to be notified: the controller does.",
};
pub(crate) const BREACH_CAPTION: Text = Text {
    da: "Anmeldelsens felter; hvad der ikke vides, er åbent",
    en: "The fields of the notification; what is not known is left open",
};
pub(crate) const FIELD: Text = Text { da: "Felt", en: "Field" };
pub(crate) const CONTENT: Text = Text { da: "Indhold", en: "Content" };
pub(crate) const FILL_IN: Text = Text { da: "udfyldes af den dataansvarlige", en: "to be filled in by the controller" };
pub(crate) const SEEN_AT: Text = Text { da: "Set af scanningen", en: "Seen by the scan" };
pub(crate) const SOME_UNTIMED: Text = Text {
    da: "Overførsler på et ukendt tidspunkt: loggenes linjer siger det ikke.",
    en: "Transmissions of unknown time: the lines of the logs do not tell it.",
};
pub(crate) const AWARE: Text =
    Text { da: "Den dataansvarlige blev bekendt med bruddet", en: "The controller became aware of the breach" };
pub(crate) const CLOCK: Text = Text { da: "72 timer udløber (stk. 1)", en: "72 hours end (paragraph 1)" };
pub(crate) const NATURE: Text = Text { da: "Bruddets karakter (litra a)", en: "Nature of the breach (point a)" };
pub(crate) const SUBJECTS: Text =
    Text { da: "Kategorier af registrerede (litra a)", en: "Categories of data subjects (point a)" };
pub(crate) const SUBJECT_COUNT: Text =
    Text { da: "Cirka antal registrerede (litra a)", en: "Approximate number of data subjects (point a)" };
pub(crate) const RECORDS: Text =
    Text { da: "Kategorier af registreringer (litra a)", en: "Categories of records (point a)" };
pub(crate) const RECORD_COUNT: Text =
    Text { da: "Cirka antal registreringer (litra a)", en: "Approximate number of records (point a)" };
pub(crate) const DPO_CONTACT: Text =
    Text { da: "Databeskyttelsesrådgiver eller kontakt (litra b)", en: "DPO or contact point (point b)" };
pub(crate) const CONSEQUENCES: Text =
    Text { da: "Sandsynlige konsekvenser (litra c)", en: "Likely consequences (point c)" };
pub(crate) const MEASURES: Text = Text { da: "Foranstaltninger (litra d)", en: "Measures (point d)" };
pub(crate) const TOLD: Text =
    Text { da: "Besked til de berørte (artikel 34)", en: "Notice to those affected (article 34)" };
pub(crate) const MEASURES_PROPOSED: Text = Text {
    da: "Foreslået: se de påkrævede handlinger i dette dossier.",
    en: "Proposed: see the required actions in this dossier.",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{said_in_both, said_sentence};

    #[test]
    fn all_is_said_in_both_languages() {
        let labels = [
            COVER,
            TO,
            COMPANY_NUMBER,
            VENDOR_CONTACT,
            AUTHORITY_CONTACT,
            VENDOR_AGREEMENT,
            FROM,
            DPO,
            NEXT_SUPERVISION,
            VALID,
            SIMULATED,
            NOTHING_SIMULATED,
            COMPLETENESS,
            COMPLETE,
            INCOMPLETE,
            NO_REGISTRY,
            REGISTRY_AS_WAS,
            REGISTRY,
            ACTIONS,
            ACTIONS_CAPTION,
            ACTION,
            MENDS,
            OWNER,
            DUE,
            RETEST,
            OWNER_VENDOR,
            OWNER_AUTHORITY,
            OF_ACCEPTED,
            WITHOUT_ACTION,
            BREACH,
            BREACH_CAPTION,
            FIELD,
            CONTENT,
            FILL_IN,
            SEEN_AT,
            AWARE,
            CLOCK,
            NATURE,
            SUBJECTS,
            SUBJECT_COUNT,
            RECORDS,
            RECORD_COUNT,
            DPO_CONTACT,
            CONSEQUENCES,
            MEASURES,
            TOLD,
        ];
        labels.into_iter().for_each(said_in_both);
        let sentences = [
            ONLY_TOGETHER,
            SOME_UNTIMED,
            ACTIONS_INTRODUCTION,
            NO_ACTIONS,
            OF_ACCEPTED_NOTE,
            BREACH_NOBODY,
            BREACH_TEST_ONLY,
            BREACH_INTRODUCTION,
            MEASURES_PROPOSED,
        ];
        sentences.into_iter().for_each(said_sentence);
    }
}
