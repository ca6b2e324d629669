//! The words around the data: headings, labels, counted nouns and the fixed sentences of the reports.

use crate::lang::{Counted, Text};

// Counted nouns.
pub(crate) const COMPANIES: Counted =
    Counted { one: Text { da: "virksomhed", en: "company" }, many: Text { da: "virksomheder", en: "companies" } };
pub(crate) const RECIPIENTS: Counted =
    Counted { one: Text { da: "modtager", en: "recipient" }, many: Text { da: "modtagere", en: "recipients" } };
pub(crate) const PAGES: Counted =
    Counted { one: Text { da: "side", en: "page" }, many: Text { da: "sider", en: "pages" } };
pub(crate) const SYSTEMS: Counted =
    Counted { one: Text { da: "system", en: "system" }, many: Text { da: "systemer", en: "systems" } };
pub(crate) const FINDINGS: Counted =
    Counted { one: Text { da: "fund", en: "finding" }, many: Text { da: "fund", en: "findings" } };
pub(crate) const TRANSMISSIONS: Counted = Counted {
    one: Text { da: "overførsel", en: "transmission" },
    many: Text { da: "overførsler", en: "transmissions" },
};
pub(crate) const PAGES_SEEN: Counted =
    Counted { one: Text { da: "sidevisning", en: "page view" }, many: Text { da: "sidevisninger", en: "page views" } };
pub(crate) const LOG_LINES: Counted =
    Counted { one: Text { da: "loglinje", en: "line of a log" }, many: Text { da: "loglinjer", en: "lines of logs" } };
pub(crate) const REQUESTS: Counted =
    Counted { one: Text { da: "forespørgsel", en: "request" }, many: Text { da: "forespørgsler", en: "requests" } };
pub(crate) const DISTINCT_PERSONS: Counted = Counted {
    one: Text { da: "person", en: "distinct person" },
    many: Text { da: "forskellige personer", en: "distinct persons" },
};
pub(crate) const TEST_PERSONS_COUNTED: Counted = Counted {
    one: Text { da: "testperson", en: "test person" },
    many: Text { da: "testpersoner", en: "test persons" },
};
pub(crate) const UNSEEN: Counted = Counted {
    one: Text { da: "mangel i dækningen", en: "thing was not seen" },
    many: Text { da: "mangler i dækningen", en: "things were not seen" },
};
pub(crate) const POSSIBLE: Counted =
    Counted { one: Text { da: "muligt", en: "possible" }, many: Text { da: "mulige", en: "possible" } };
pub(crate) const INFORMATION: Counted = Counted {
    one: Text { da: "til orientering", en: "for information" },
    many: Text { da: "til orientering", en: "for information" },
};
pub(crate) const ACCEPTED_ONES: Counted =
    Counted { one: Text { da: "accepteret", en: "accepted" }, many: Text { da: "accepterede", en: "accepted" } };
pub(crate) const ACCEPTED: Text = Text { da: "Accept", en: "Accepted" };
pub(crate) const TEST_PERSONS_ONLY: Text =
    Text { da: "forskellige personer, alle testpersoner", en: "distinct persons, all test persons" };
pub(crate) const TEST_PERSON_ONLY: Text = Text { da: "person (testperson)", en: "person (a test person)" };
pub(crate) const TIMES: Counted =
    Counted { one: Text { da: "gang", en: "time" }, many: Text { da: "gange", en: "times" } };

// What a number is called, by how sure it is.
pub(crate) const NUMBERS: Text = Text { da: "personnumre", en: "personal numbers" };
pub(crate) const LIKELY_NUMBERS: Text = Text { da: "sandsynlige personnumre", en: "probable personal numbers" };
pub(crate) const LESS_NUMBERS: Text = Text { da: "mulige personnumre", en: "possible personal numbers" };
pub(crate) const A_NUMBER_SURE: Text = Text { da: "et personnummer", en: "a personal number" };
pub(crate) const A_NUMBER_PROBABLE: Text =
    Text { da: "det, der sandsynligvis er et personnummer,", en: "what is probably a personal number" };
pub(crate) const A_NUMBER_POSSIBLE: Text =
    Text { da: "det, der kan være et personnummer,", en: "what may be a personal number" };

// Labels of a finding's facts.
pub(crate) const PAGE: Text = Text { da: "Side", en: "Page" };
pub(crate) const TYPED_INTO: Text = Text { da: "Indtastet i", en: "Typed into" };
pub(crate) const IN_ROLES: Text = Text { da: "Rolle", en: "Role" };
pub(crate) const CONSENT: Text = Text { da: "Samtykke", en: "Consent" };
/// What made the browser send it.
pub(crate) const SENT_BY: Text = Text { da: "Sendt af", en: "Sent by" };
pub(crate) const CHANNEL: Text = Text { da: "Kanal", en: "Channel" };
pub(crate) const TELLING_WORD: Text = Text { da: "Ord", en: "Word" };
pub(crate) const PARAMETER: Text = Text { da: "Parameter", en: "Parameter" };
pub(crate) const REQUEST: Text = Text { da: "Forespørgsel", en: "Request" };
pub(crate) const IN_LOGS: Text = Text { da: "I logfiler", en: "In logs" };
pub(crate) const KEPT_BY: Text = Text { da: "Opbevares af", en: "Kept by" };
pub(crate) const RECIPIENT: Text = Text { da: "Modtager", en: "Recipient" };
pub(crate) const HOSTS: Text = Text { da: "Servere", en: "Hosts" };
pub(crate) const COMPANY: Text = Text { da: "Virksomhed", en: "Company" };
pub(crate) const PRODUCT: Text = Text { da: "Produkt", en: "Product" };
pub(crate) const COUNTRY: Text = Text { da: "Land", en: "Country" };
pub(crate) const STANDING: Text = Text { da: "Status", en: "Standing" };
pub(crate) const AGREEMENT: Text = Text { da: "Databehandleraftale", en: "Agreement" };
pub(crate) const ENCRYPTION: Text = Text { da: "Kryptering", en: "Encryption" };
pub(crate) const ASKED_IN: Text = Text { da: "Felt", en: "Field" };
pub(crate) const ALSO_SENT: Text = Text { da: "Blev sendt med", en: "Also sent" };
pub(crate) const WOULD_BE_SENT: Text = Text { da: "Ville være sendt med", en: "Would also be sent" };
pub(crate) const SEEN: Text = Text { da: "Tidspunkt", en: "Seen" };
pub(crate) const SENT: Text = Text { da: "Sendt", en: "Sent" };
pub(crate) const EVIDENCE: Text = Text { da: "Bevis", en: "Evidence" };
pub(crate) const SEVERITY: Text = Text { da: "Alvorsgrad", en: "Severity" };
pub(crate) const WHY_SEVERE: Text = Text { da: "Begrundelse for alvorsgraden", en: "Why so severe" };
pub(crate) const WHY_SHORT: Text = Text { da: "Begrundelse", en: "Why so severe" };
pub(crate) const TRAIL: Text = Text { da: "Sådan genfindes det", en: "Find it again" };
pub(crate) const MEND: Text = Text { da: "Sådan rettes det", en: "How to mend it" };
/// The command that shows it.
pub(crate) const PROVE: Text = Text { da: "Eftervis rettelsen", en: "Prove it mended" };
/// Which tests ran.
pub(crate) const IN_TESTS: Text = Text { da: "Under testen", en: "In the test" };
/// Which steps of a session by hand were under way.
pub(crate) const IN_STEPS: Text = Text { da: "I trin", en: "In steps" };
/// When it was, where no test is known.
pub(crate) const AFTER_START: Text = Text { da: "Efter start", en: "After the start" };
pub(crate) const MEND_SHORT: Text = Text { da: "Ret", en: "Mend" };

// Values of a finding's facts.
pub(crate) const A_PAGE: Text = Text { da: "En side", en: "A page" };
pub(crate) const NO_NUMBER_SEEN: Text = Text { da: "intet personnummer set", en: "no personal number seen" };
pub(crate) const UNKNOWN_WITHOUT_REGISTRY: Text =
    Text { da: "ukendt – der er ikke anvendt et register", en: "unknown – no registry was used" };
pub(crate) const NO_AGREEMENT: Text = Text { da: "ingen oplyst", en: "none declared" };
pub(crate) const NOT_OF_THIS_SYSTEM: Text = Text { da: "gælder ikke dette system", en: "does not cover this system" };
pub(crate) const SENT_IN_CLEARTEXT: Text =
    Text { da: "ingen – sendt i klartekst", en: "none – sent in clear text" };
pub(crate) const TLS_NOT_KNOWN: Text = Text { da: "ikke kendt", en: "not known" };
pub(crate) const IP_ADDRESS: Text =
    Text { da: "IP-adressen (følger med enhver forespørgsel)", en: "the IP address (it goes with every request)" };
pub(crate) const USER_AGENT: Text =
    Text { da: "browserens kendetegn (User-Agent)", en: "the browser's description of itself (User-Agent)" };
pub(crate) const PARAMETERS: Counted = Counted {
    one: Text { da: "parameteren", en: "the parameter" },
    many: Text { da: "parametrene", en: "the parameters" },
};
pub(crate) const COOKIES: Counted =
    Counted { one: Text { da: "cookien", en: "the cookie" }, many: Text { da: "cookierne", en: "the cookies" } };
pub(crate) const PERSONAL_DATA: Text = Text { da: "personoplysninger:", en: "personal data:" };
pub(crate) const OWN_LIST: Text = Text {
    da: "ifølge værktøjets egen liste, ikke efterprøvet",
    en: "according to the tool's own list, not checked",
};
pub(crate) const SENSITIVE_MATTERS: Text = Text { da: "følsomme forhold", en: "sensitive matters" };
pub(crate) const WHY_POSSIBLE: Text = Text {
    da: "Det er ti cifre, der begynder med en gyldig dato, og kan være et tilfældigt løbenummer. En person bør se på det.",
    en: "It is ten digits that begin with a valid date, and may be a chance serial number. A person should look at it.",
};
pub(crate) const WHY_TRIED: Text = Text {
    da: "Der blev ikke oprettet forbindelse til modtageren, så nummeret nåede ikke frem i denne kørsel. Hos en borger \
         kan forbindelsen lykkes, og så når det frem.",
    en: "No connection to the recipient was made, so the number did not get there in this run. With a citizen the \
         connection may succeed, and then it does.",
};
pub(crate) const WHY_STOPPED: Text = Text {
    da: "cprvagt standsede forespørgslen, før den blev sendt, så nummeret nåede ikke frem i denne kørsel. Hos en borger \
         standser ingen den, og så når det frem.",
    en: "cprvagt stopped the request before it left, so the number did not get there in this run. With a citizen \
         nobody stops it, and then it does.",
};
pub(crate) const SIMULATED: Text = Text { da: "Simuleret", en: "Simulated" };
pub(crate) const SIMULATED_MEANS: Text = Text {
    da: "ja: fundet kræver en browser fra før 2020, som proxyen efterlignede (--simulate-legacy-referrer); i dag sender \
         browsere kun domænet til andre, medmindre siden selv beder om mere",
    en: "yes: it takes a browser of before 2020, as the proxy simulated (--simulate-legacy-referrer); today browsers send \
         others the host alone, unless the page itself asks for more",
};
pub(crate) const REASON_SIMULATED: Text = Text {
    da: "Ét trin ned: det sker kun i en browser fra før 2020, som proxyen efterlignede.",
    en: "One step down: it happens only in a browser of before 2020, as the proxy simulated.",
};
pub(crate) const REASON_NOT_LISTED: Text = Text {
    da: "Modtageren står ikke i registret for systemet. Der er ikke set personnumre.",
    en: "The recipient is not on the system's list. No personal number was seen.",
};
pub(crate) const REASON_TOKEN: Text = Text {
    da: "Til orientering: værdien kan stå for én person, men kan også være et tilfældigt id.",
    en: "For information: the value may stand for one person, and may also be a random id.",
};
pub(crate) const REASON_PAGE: Text = Text {
    da: "Udgangspunkt: fejlen ligger i, hvordan siden er bygget. Den kræver ikke, at andre har fået et nummer.",
    en: "Starting point: it lies in how the page is built. Nobody else need have got a number by it.",
};
pub(crate) const REASON_CLEARTEXT: Text =
    Text { da: "Ét trin op: det blev sendt ukrypteret.", en: "One step up: it went unencrypted." };

// Headlines and what stands below.
pub(crate) const THE_TRAFFIC: Text = Text { da: "den undersøgte trafik", en: "the traffic examined" };
pub(crate) const NOTHING_AUDITED: Text =
    Text { da: "Intet system er undersøgt i denne kørsel.", en: "No system was audited in this run." };
pub(crate) const ONLY_POSSIBLE: Text = Text {
    da: "Der er kun set mulige personnumre (en dato, måske et nummer), som en person bør se på.",
    en: "Only possible personal numbers were seen (a date, perhaps a number), which a person should look at.",
};
pub(crate) const VOID: Text = Text {
    da: "Kørslen er ugyldig: selvtesten fandt ikke et testnummer.",
    en: "This run is void: the self-test missed a canary.",
};
pub(crate) const UNTESTED: Text = Text {
    da: "Undersøgelsen er ikke fuldstændig: selvtesten blev ikke gennemført.",
    en: "The audit is not complete: its self-test was not run to its end.",
};
pub(crate) const ONLY_TEST_PERSONS: Text = Text {
    da: "Alle fundne numre tilhører oplyste testpersoner, så ingen borgers nummer er sendt videre ved selve \
         undersøgelsen. Men borgere, der bruger de samme sider, må forventes at få deres numre sendt på samme måde.",
    en: "All numbers seen are declared test persons', so the audit itself exposed no citizen. But citizens who use \
         the same pages must be expected to have theirs sent in the same way.",
};
pub(crate) const SOME_OTHER_PERSONS: Text = Text {
    da: "Nogle af numrene tilhører ikke oplyste testpersoner og kan være borgeres. Den dataansvarlige bør straks tage \
         stilling til, om det er et brud på persondatasikkerheden, der skal anmeldes til Datatilsynet senest 72 timer \
         efter, at bruddet er konstateret.",
    en: "Some of the numbers are not declared test persons' and may be citizens'. The controller should decide at \
         once whether this is a personal data breach, to be notified to the supervisory authority within 72 hours of \
         becoming aware of it.",
};
pub(crate) const OTHER_PERSONS: Text = Text {
    da: "Ingen af numrene tilhører oplyste testpersoner; de kan være borgeres. Den dataansvarlige bør straks tage \
         stilling til, om det er et brud på persondatasikkerheden, der skal anmeldes til Datatilsynet senest 72 timer \
         efter, at bruddet er konstateret.",
    en: "None of the numbers is a declared test person's; they may be citizens'. The controller should decide at \
         once whether this is a personal data breach, to be notified to the supervisory authority within 72 hours of \
         becoming aware of it.",
};
