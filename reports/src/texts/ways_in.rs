//! What could not be seen for the way in which a system was visited: with which session, after which answer, by what.

use super::blind_spots::BlindSpotText;
use crate::lang::Text;

pub(super) const SESSION_LOST: BlindSpotText = BlindSpotText {
    title: Text { da: "Systemet loggede borgeren ud", en: "The system signed the citizen out" },
    meaning: Text {
        da: "Siden, eller det, der kom efter den, blev ikke set som borger. Hvad der ses uden login, tæller ikke \
             som undersøgt.",
        en: "The page, or what came after it, was not seen as a citizen. What is seen without a login does not \
             count as looked at.",
    },
    action: Text {
        da: "Log ind på ny, og undersøg siden for sig. Hvis siden selv afslutter sessionen, er der intet at rette.",
        en: "Sign in anew, and audit the page by itself. If the page itself ends the session, nothing is to be \
             mended.",
    },
};

pub(super) const CONSENT_NOT_REACHED: BlindSpotText = BlindSpotText {
    title: Text {
        da: "Samtykkespørgsmålet kunne ikke besvares som ønsket",
        en: "The question for consent could not be answered as wanted",
    },
    meaning: Text {
        da: "Hvad siderne sender, når borgeren har svaret sådan, er ikke undersøgt.",
        en: "What the pages send once a citizen has answered so is unseen.",
    },
    action: Text {
        da: "Se selv, om siden lader borgeren svare sådan: det skal være lige så let at sige nej som ja. Svar i hånden \
             med »cprvagt proxy«, eller optag et forløb med trinnet cprvagt.consent dér, hvor der spørges.",
        en: "See for yourself whether the page lets citizens answer so: a no must be as easy as a yes. Answer by hand \
             with “cprvagt proxy”, or record a journey with the step cprvagt.consent where it asks.",
    },
};

pub(super) const STATIC_ENGINE: BlindSpotText = BlindSpotText {
    title: Text { da: "Undersøgt uden browser", en: "Audited without a browser" },
    meaning: Text {
        da: "Siderne blev læst, som de er skrevet, og intet script blev kørt. Hvad scripts sender, er ikke undersøgt: \
             det gælder de fleste målinger.",
        en: "The pages were read as they are written, and no script was run. What scripts send is unseen: that is \
             most telemetry.",
    },
    action: Text {
        da: "Undersøg systemet med en browser (--engine browser).",
        en: "Audit the system with a browser (--engine browser).",
    },
};
