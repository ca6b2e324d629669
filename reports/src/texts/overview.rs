//! What is said in the authority's overview.

use crate::lang::Text;

pub(crate) const HEADING: Text = Text { da: "Tilsyn med leverandørerne", en: "Supervision of the vendors" };
pub(crate) const TITLE: Text = Text { da: "Overblik over alle systemer", en: "Overview of all systems" };
pub(crate) const CAPTION: Text = Text {
    da: "Hvert system i sin seneste undersøgelse: resultat, om alt blev set, værste fund og modtagere uden for listen",
    en: "Each system in its last scan: verdict, whether all was seen, worst finding and recipients on no list",
};
pub(crate) const LAST_SCAN: Text = Text { da: "Seneste undersøgelse", en: "Last scan" };
pub(crate) const COMPLETE: Text = Text { da: "Alt set", en: "All seen" };
pub(crate) const YES: Text = Text { da: "ja", en: "yes" };
pub(crate) const NO: Text = Text { da: "nej", en: "no" };
pub(crate) const WORST: Text = Text { da: "Værste fund", en: "Worst finding" };
pub(crate) const UNLISTED: Text = Text { da: "Modtagere uden for listen", en: "Unlisted recipients" };
pub(crate) const NO_LIST: Text = Text { da: "intet register", en: "no registry" };
pub(crate) const NEXT: Text = Text { da: "Næste tilsyn", en: "Next supervision" };
pub(crate) const OVERDUE: Text = Text { da: "Tilsynet er overskredet", en: "Supervision is overdue" };
pub(crate) const NOT_PLANNED: Text = Text { da: "ikke oplyst", en: "not declared" };
pub(crate) const LEDE: Text = Text {
    da: "Hvert system står, som dets seneste undersøgelse i lageret har det. Et system, der aldrig er undersøgt, er ikke med.",
    en: "Each system stands as its last scan in the store has it. A system that was never scanned is not in it.",
};
