//! The headings and labels of the HTML pages, and the paragraphs of the annex.

use crate::lang::Text;

// The frame of every page.
pub(crate) const SKIP: Text = Text { da: "Gå til indholdet", en: "Skip to the content" };
pub(crate) const NAVIGATION: Text = Text { da: "Rapportens sider", en: "Pages of the report" };
pub(crate) const OVERVIEW: Text = Text { da: "Overblik", en: "Overview" };
pub(crate) const VENDOR_REPORT: Text = Text { da: "Leverandørrapport", en: "Vendor report" };
pub(crate) const REPORT: Text = Text { da: "Rapport", en: "Report" };
pub(crate) const CONTENTS: Text = Text { da: "Indhold", en: "Contents" };
pub(crate) const ALL_TIMES_UTC: Text = Text { da: "Alle klokkeslæt er i UTC.", en: "All times are in UTC." };
pub(crate) const MARK: Text = Text { da: "Et personnummer, maskeret", en: "A personal number, masked" };

// Facts about the run.
pub(crate) const CONTROLLER: Text = Text { da: "Dataansvarlig", en: "Controller" };
pub(crate) const VENDOR: Text = Text { da: "Leverandør", en: "Vendor" };
pub(crate) const WHEN: Text = Text { da: "Tidspunkt", en: "When" };
pub(crate) const WHAT: Text = Text { da: "Undersøgt", en: "Audited" };
pub(crate) const HOW: Text = Text { da: "Fremgangsmåde", en: "How" };
pub(crate) const SCAN_ID: Text = Text { da: "Kørsel", en: "Scan" };
pub(crate) const TOOL: Text = Text { da: "Værktøj", en: "Tool" };
pub(crate) const NOT_DECLARED: Text = Text { da: "ikke oplyst", en: "not declared" };

// Key figures.
pub(crate) const FIGURE_RECIPIENTS: Text =
    Text { da: "modtagere af personnumre", en: "recipients of personal numbers" };
pub(crate) const FIGURE_RECIPIENT: Text = Text { da: "modtager af personnumre", en: "recipient of personal numbers" };
pub(crate) const FIGURE_TRANSMISSIONS: Text =
    Text { da: "overførsler af et nummer til dem", en: "transmissions of a number to them" };
pub(crate) const FIGURE_PERSONS: Text = Text { da: "forskellige personer", en: "distinct persons" };
pub(crate) const FIGURE_PERSON: Text = Text { da: "person", en: "distinct person" };
pub(crate) const FIGURE_UNSEEN: Text = Text { da: "mangler i dækningen", en: "things that were not seen" };
pub(crate) const AT_LEAST: Text = Text { da: "mindst", en: "at least" };

// Notices.
pub(crate) const NOTICE_VOID: Text = Text {
    da: "Selvtesten fejlede. Værktøjet fandt ikke alle testnumre, så manglende fund beviser intet. Fundene gælder \
         fortsat.",
    en: "The self-test failed. The instrument did not see all canaries, so the absence of findings proves nothing. \
         The findings stand.",
};
pub(crate) const NOTICE_UNTESTED: Text = Text {
    da: "Undersøgelsen er ikke fuldstændig. Selvtesten blev ikke gennemført, så manglende fund beviser intet. Fundene \
         gælder fortsat.",
    en: "Not everything was seen. The self-test was not run to its end, so the absence of findings proves nothing. The \
         findings stand.",
};
pub(crate) const NOTICE_INCOMPLETE: Text = Text {
    da: "Undersøgelsen er ikke fuldstændig. Læs resultatet sammen med afsnittene om, hvad der ikke blev undersøgt.",
    en: "Not everything was seen. Read the result together with the sections on what was not seen.",
};
pub(crate) const NOTICE_COMPLETE: Text = Text {
    da: "Alt planlagt blev undersøgt, og værktøjet bestod selvtesten.",
    en: "All that was to be seen was seen, and the instrument passed its self-test.",
};
pub(crate) const NOTICE_COMPLETE_RECORDING: Text = Text {
    da: "Alt i de indlæste filer blev læst. Der er ingen selvtest, når optaget trafik læses.",
    en: "Everything in the files was read. There is no self-test when recorded traffic is read.",
};

// Index.
pub(crate) const SYSTEMS: Text = Text { da: "Leverandører og systemer", en: "Vendors and systems" };
pub(crate) const SYSTEMS_CAPTION: Text = Text {
    da: "Hvert system med resultat, antal fund efter alvorsgrad, modtagere af personnumre og mangler i dækningen",
    en: "Each system with its verdict, findings by severity, recipients of personal numbers and what was not seen",
};
pub(crate) const SYSTEM: Text = Text { da: "System", en: "System" };
pub(crate) const VERDICT: Text = Text { da: "Resultat", en: "Verdict" };
pub(crate) const FINDINGS: Text = Text { da: "Fund", en: "Findings" };
pub(crate) const GOT_NUMBERS: Text = Text { da: "Modtagere af personnumre", en: "Recipients of numbers" };
pub(crate) const UNSEEN: Text = Text { da: "Ikke undersøgt", en: "Not seen" };
pub(crate) const WHOLE_RUN: Text = Text { da: "Kørslen som helhed", en: "The run as a whole" };
pub(crate) const WHOLE_RUN_NOTE: Text =
    Text { da: "mangler, der ikke hører til ét system", en: "what was not seen of no single system" };
/// Instead of a nought that would read as "none".
pub(crate) const NOT_EXAMINED: Text = Text { da: "ikke undersøgt", en: "not covered" };
pub(crate) const NONE: Text = Text { da: "ingen", en: "none" };
pub(crate) const READ_REPORT: Text = Text { da: "Læs rapporten", en: "Read the report" };
pub(crate) const WITHOUT_VENDOR: Text = Text { da: "Leverandør ikke angivet", en: "No vendor declared" };

// Vendor page.
pub(crate) const SUMMARY: Text = Text { da: "Modtagere og fund", en: "Who got what" };
pub(crate) const SUMMARY_CAPTION: Text = Text {
    da: "Hvert fund: modtager, kanal, side og alvorsgrad, det værste først",
    en: "Each finding: recipient, channel, page and severity, worst first",
};
pub(crate) const NO_FINDINGS: Text = Text {
    da: "Ingen fund. Det gælder kun det, der blev undersøgt: se dækningen under hvert system.",
    en: "No findings. That is only true of what was seen: see the coverage under each system.",
};
pub(crate) const NO_FINDINGS_UNCOVERED: Text = Text {
    da: "Systemet blev ikke undersøgt. At der ingen fund er, siger derfor intet om det.",
    en: "The system was not covered. That there are no findings therefore says nothing about it.",
};
pub(crate) const FINDING: Text = Text { da: "Fund", en: "Finding" };
pub(crate) const NUMBER_SIGN: Text = Text { da: "Nr.", en: "No." };
pub(crate) const NO_CHANNEL: Text = Text { da: "intet nummer set", en: "no number seen" };
pub(crate) const TRIED: Text = Text { da: "forsøgt, ingen forbindelse", en: "tried, no connection" };
pub(crate) const FLOW: Text =
    Text { da: "Personnumrenes vej fra side til modtager", en: "The way from page to recipient" };
pub(crate) const FLOW_PAGES: Text = Text { da: "Sider", en: "Pages" };
pub(crate) const FLOW_CHANNELS: Text = Text { da: "Kanaler", en: "Channels" };
pub(crate) const FLOW_RECIPIENTS: Text = Text { da: "Modtagere", en: "Recipients" };
pub(crate) const FLOW_CAPTION: Text = Text { da: "Figurens indhold som tabel", en: "The figure as a table" };
pub(crate) const FLOW_THICKNESS: Text =
    Text { da: "Jo tykkere linje, jo flere overførsler.", en: "The thicker the line, the more transmissions." };
pub(crate) const FLOW_POSSIBLE: Text = Text {
    da: "Prikket linje: kun en dato, måske et personnummer (E4).",
    en: "Dotted line: a date only, perhaps a number (E4).",
};
pub(crate) const FLOW_TRIED: Text = Text {
    da: "Stiplet linje: forsøgt, men der blev ikke oprettet forbindelse.",
    en: "Dashed line: tried, but no connection was made.",
};
pub(crate) const TRANSMISSIONS: Text = Text { da: "Overførsler", en: "Transmissions" };
pub(crate) const PERSONS: Text = Text { da: "Personer", en: "Persons" };
pub(crate) const STRAY: Text =
    Text { da: "Fund uden for de undersøgte systemer", en: "Findings outside the audited systems" };
pub(crate) const MENDING: Text = Text { da: "Sådan rettes fundene", en: "How to mend the findings" };
pub(crate) const MENDING_LEDE: Text = Text {
    da: "Hver rettelse står her én gang, den mest virksomme først, med de fund, den vedrører.",
    en: "Each way of mending stands here once, the most helpful first, with the findings it concerns.",
};
pub(crate) const CONCERNS: Text = Text { da: "Vedrører fund", en: "Concerns findings" };
pub(crate) const POSSIBLE_FINDINGS: Text = Text { da: "mulige (E4)", en: "possible (E4)" };
pub(crate) const FINGERPRINT: Text = Text { da: "Fingeraftryk", en: "Fingerprint" };
pub(crate) const TRAIL_AS_TEXT: Text = Text { da: "Sporet i teknisk form", en: "The trail as written" };

// Coverage.
pub(crate) const COVERAGE: Text = Text { da: "Hvad der blev undersøgt", en: "What was exercised" };
pub(crate) const REQUESTS: Text = Text { da: "Forespørgsler", en: "Requests" };
pub(crate) const THIRD_PARTY_REQUESTS: Text = Text { da: "heraf til tredjeparter", en: "of these to third parties" };
pub(crate) const BROWSER_OWN_REQUESTS: Text = Text {
    da: "heraf browserens egne (opdateringer m.m.), som systemet ikke er skyld i",
    en: "of these the browser's own (updates and the like), not the system's doing",
};
pub(crate) const TEMPLATES: Text = Text { da: "Slags af sider", en: "Kinds of page" };
pub(crate) const FORMS_FILLED: Text = Text { da: "formularer udfyldt", en: "forms filled" };
pub(crate) const FORMS_SUBMITTED: Text = Text { da: "formularer sendt", en: "forms sent" };
pub(crate) const FIELDS: Text = Text { da: "Felter i dem", en: "Fields of forms" };
pub(crate) const FIELDS_TYPED: Text = Text { da: "felter udfyldt", en: "fields filled" };
pub(crate) const STEPS_FAILED: Text =
    Text { da: "Trin i optagede forløb, som ikke lykkedes", en: "Steps of recorded journeys that did not work" };
pub(crate) const CPR_FORMS: Text =
    Text { da: "Formularer, der beder om personnummer", en: "Forms that ask for a number" };
pub(crate) const CPR_FORMS_FILLED: Text = Text { da: "heraf udfyldt", en: "of these filled" };
pub(crate) const CPR_FORMS_SUBMITTED: Text = Text { da: "heraf sendt", en: "of these sent" };
pub(crate) const TO_OWN_BODIES: Text = Text {
    da: "Personnumre, som systemet selv modtog korrekt (i forespørgslens indhold, krypteret)",
    en: "Numbers that reached the system itself as they should (in bodies, over TLS)",
};
pub(crate) const LOOK_ALIKES: Text = Text {
    da: "Ti cifre, der tilfældigvis ligner et personnummer (måle-id, tidsstempler), ikke medregnet",
    en: "Ten digits that are a date by chance (telemetry ids and time stamps), passed over",
};
pub(crate) const ROLE: Text = Text { da: "Rolle", en: "Role" };
pub(crate) const CONSENT_PASS: Text = Text { da: "Gennemgang", en: "Pass" };
pub(crate) const ALTERED: Text = Text {
    da: "Testnummer set ændret på vejen (intet læk: noget filtrerer)",
    en: "Test number seen altered on its way (no leak: something filters)",
};
pub(crate) const ALTERED_TO: Text = Text { da: "til", en: "to" };
pub(crate) const LINKS_OUT: Text =
    Text { da: "Links ud af systemet, ikke fulgt", en: "Links out of the system, not followed" };
pub(crate) const BEGINS_AT: Text = Text { da: "Begynder på", en: "Begins at" };
pub(crate) const PAGES_CAPTION: Text = Text { da: "Besøgte sider", en: "Pages visited" };
pub(crate) const PAGE_TITLE: Text = Text { da: "Titel", en: "Title" };
pub(crate) const STATUS: Text = Text { da: "Svar", en: "Status" };
pub(crate) const OUTCOME: Text = Text { da: "Udfald", en: "Outcome" };
pub(crate) const FORMS: Text = Text { da: "Formularer", en: "Forms" };
pub(crate) const BY_FORM: Text = Text { da: "nået ved at sende en formular", en: "reached by sending a form" };
pub(crate) const NO_PAGES: Text = Text { da: "Ingen sider blev besøgt.", en: "No pages were visited." };
pub(crate) const CONTACTED: Text = Text { da: "Hvem der blev kontaktet", en: "Who was contacted" };
pub(crate) const CONTACTED_CAPTION: Text = Text {
    da: "Alle modtagere, også dem, der ikke fik noget personnummer",
    en: "All recipients, also those that got no personal number",
};
pub(crate) const WITH_NUMBER: Text = Text { da: "Med personnummer", en: "With a number" };
pub(crate) const NOBODY_CONTACTED: Text =
    Text { da: "Ingen tredjeparter blev kontaktet.", en: "No third parties were contacted." };

// Blind spots.
pub(crate) const NOT_SEEN: Text = Text { da: "Hvad der ikke blev undersøgt", en: "What was not seen" };
pub(crate) const NOT_SEEN_IN_RUN: Text =
    Text { da: "Hvad der ikke blev undersøgt i kørslen som helhed", en: "What was not seen in the run as a whole" };
pub(crate) const ALL_SEEN: Text =
    Text { da: "Der er ikke registreret mangler i dækningen.", en: "Nothing was recorded as not seen." };
pub(crate) const PICTURE: Text = Text {
    da: "Siden, som den stod, tegnet op igen uden cifre og uden det, der stod i felterne:",
    en: "The page as it was, drawn anew without digits and without what stood in its fields:",
};
pub(crate) const WHAT_TO_DO: Text = Text { da: "Gør sådan:", en: "What to do:" };

// Annex.
pub(crate) const ANNEX: Text = Text { da: "Bilag: metode og forbehold", en: "Annex: method and limits" };
pub(crate) const METHOD: Text = Text { da: "Metode", en: "Method" };
pub(crate) const LIMITS: Text = Text { da: "Forbehold", en: "Limits" };
pub(crate) const CONDITIONS: Text = Text { da: "Forudsætninger for kørslen", en: "Conditions of this run" };
pub(crate) const SELF_TEST: Text = Text { da: "Selvtest", en: "Self-test" };
pub(crate) const SELF_TEST_CAPTION: Text = Text {
    da: "Et testnummer sendt gennem hver kanal før kørslen",
    en: "A canary sent through each channel before the run",
};
pub(crate) const FOUND: Text = Text { da: "fundet", en: "found" };
pub(crate) const MISSED: Text = Text { da: "IKKE FUNDET", en: "MISSED" };
pub(crate) const NO_SELF_TEST: Text = Text {
    da: "Der er ikke kørt en selvtest: optaget trafik blev læst, og der var intet værktøj at afprøve.",
    en: "No self-test was run: recorded traffic was read, and there was no instrument to test.",
};
pub(crate) const SELF_TEST_UNFINISHED: Text = Text {
    da: "Selvtesten blev ikke gennemført. Manglende fund beviser intet.",
    en: "The self-test was not run to its end. The absence of findings proves nothing.",
};
pub(crate) const LEVELS: Text = Text { da: "Bevisniveauer", en: "Evidence levels" };
pub(crate) const LEVELS_CAPTION: Text = Text {
    da: "Hvor sikkert det er, at cifrene er et personnummer",
    en: "How sure it is that digits are a personal number",
};
pub(crate) const LEVEL: Text = Text { da: "Niveau", en: "Level" };
pub(crate) const MEANING: Text = Text { da: "Betydning", en: "Meaning" };
pub(crate) const SEVERITY_TABLE: Text = Text { da: "Alvorsgrad", en: "Severity" };
pub(crate) const SEVERITY_CAPTION: Text = Text {
    da: "Udgangspunktet for alvorsgraden: bevisniveau sammenholdt med modtagerens status",
    en: "Where severity starts: evidence against the recipient's standing",
};
pub(crate) const SEVERITY_STEPS: Text = Text {
    da: "Ét trin op for hver af disse: sendt ukrypteret; modtager uden for EØS uden overførselsgrundlag; systemet \
         eller siden handler om følsomme forhold. En modtager, der ikke står i registret, er på en side med formular \
         eller bag login et fund, også når intet nummer er set. Det samme gælder en tredjepart, der får adresse eller \
         titel på en side om følsomme forhold; ord i adressen og titlen afgør, om den er det.",
    en: "One step up for each of these: sent in clear text; a recipient outside the EEA without a transfer basis; the \
         system or the page deals with sensitive matters. A recipient not on the list, on a page with a form or behind \
         login, is a finding even when no number was seen. So is a third party that gets the address or title of a \
         page on sensitive matters; words of the address and title tell whether it is one.",
};
pub(crate) const TEST_PERSONS: Text = Text { da: "Testpersoner", en: "Test persons" };
pub(crate) const TEST_PERSONS_CAPTION: Text = Text {
    da: "Oplyste, opdigtede personer, hvis numre gerne må vises",
    en: "Declared made-up persons, whose numbers may be shown",
};
pub(crate) const NAME: Text = Text { da: "Navn", en: "Name" };
pub(crate) const NUMBER: Text = Text { da: "Nummer", en: "Number" };
pub(crate) const NO_TEST_PERSONS: Text =
    Text { da: "Ingen testpersoner var oplyst.", en: "No test persons were declared." };

pub(crate) const METHOD_AUDIT: [Text; 4] = [
    Text {
        da: "En rigtig browser besøgte systemet gennem en proxy, der læste trafikken, også den krypterede. \
             Testpersonens nummer blev tastet i de formularer, der beder om det.",
        en: "A real browser visited the system through a proxy that read the traffic, encrypted traffic too. The test \
             person's number was typed into the forms that ask for one.",
    },
    METHOD_SEARCH,
    METHOD_FOLD,
    METHOD_PERSONS,
];

pub(crate) const METHOD_RECORDING: [Text; 4] = [
    Text {
        da: "Optaget trafik blev læst. Intet system blev besøgt, og kun det, optagelsen rummer, er undersøgt.",
        en: "Recorded traffic was read. No system was visited, and only what the recording holds was examined.",
    },
    METHOD_SEARCH,
    METHOD_FOLD,
    METHOD_PERSONS,
];

pub(crate) const METHOD_PROXY: [Text; 4] = [
    Text {
        da: "En person, en browser eller en testpakke arbejdede gennem proxyen. Kun det, der blev sendt gennem den, er \
             undersøgt; hvilke sider og formularer der blev prøvet, ved kun den, der prøvede dem.",
        en: "A person, a browser or a test suite worked through the proxy. Only what was sent through it was examined; \
             which pages and forms were tried is known to whoever tried them alone.",
    },
    METHOD_SEARCH,
    METHOD_FOLD,
    METHOD_PERSONS,
];

const METHOD_SEARCH: Text = Text {
    da: "Hver forespørgsel blev delt i adresse, headere, cookies og indhold; kodninger blev afkodet lag for lag, og \
         hvert lag blev gennemsøgt for testpersonernes numre og for ti cifre, der kan være et personnummer (CPR).",
    en: "Each request was split into address, headers, cookies and body; encodings were undone layer by layer, and \
         each layer searched for the test persons' numbers and for ten digits that may be a personal number (CPR).",
};

const METHOD_FOLD: Text = Text {
    da: "Et fund er det, som én rettelse fjerner: samme regel, system, kanal, modtager, side og parameter. Overførsler \
         og forskellige personer tælles hver for sig.",
    en: "A finding is what one repair removes: the same rule, system, channel, recipient, page and parameter. \
         Transmissions and distinct persons are counted each for itself.",
};

const METHOD_PERSONS: Text = Text {
    da: "Et personnummer, der ikke er en oplyst testpersons, skrives aldrig. Personer skelnes ved hjælp af en \
         nøgle, der kun fandtes under kørslen.",
    en: "A personal number that is not a declared test person's is never written. Persons are told apart by a key \
         that existed during the run only.",
};

pub(crate) const BASELINE: Text = Text { da: "Accepterede fund", en: "Accepted findings" };

pub(crate) const LIMIT_LIST: [Text; 6] = [
    Text {
        da: "»Ingen fund« gælder kun sammen med dækningen: om det, der ikke blev undersøgt, siger rapporten intet.",
        en: "“No findings” is only true together with the coverage: of what was not seen nothing is said.",
    },
    Text {
        da: "Rapporten er et øjebliksbillede. En ny udgave af systemet eller et ændret script hos en tredjepart kan \
             lække i morgen.",
        en: "The report is a snapshot. A new release of the system or a changed script at a third party may leak \
             tomorrow.",
    },
    Text {
        da: "Det, der sker mellem servere – logfiler, udtræk, overførsler til underleverandører – ses ikke fra en browser.",
        en: "What happens between servers – logs, extracts, transfers to subcontractors – is not seen from a browser.",
    },
    Text {
        da: "Et nummer, der er krypteret eller omdannet, før det sendes, ses ikke nødvendigvis.",
        en: "A number that is encrypted or transformed before it is sent is not necessarily seen.",
    },
    Text {
        da: "Virksomhed, produkt og land, som registret ikke oplyser, kommer fra værktøjets egen liste. De er ikke \
             efterprøvet i den konkrete sag og indgår ikke i alvorsgraden.",
        en: "A company, product or country that the registry does not name comes from the tool's own list. It was not \
             checked for the case, and severity does not rest on it.",
    },
    Text {
        da: "Rapporten afgør ikke, om der er sket et brud på persondatasikkerheden. Det gør den dataansvarlige.",
        en: "The report does not decide whether there was a personal data breach. The controller does.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::said_sentence;

    #[test]
    fn method_and_limits_are_whole_sentences_in_both_languages() {
        for text in METHOD_AUDIT
            .into_iter()
            .chain(METHOD_RECORDING)
            .chain(METHOD_PROXY)
            .chain(LIMIT_LIST)
            .chain([SEVERITY_STEPS])
        {
            said_sentence(text);
        }
    }
}
