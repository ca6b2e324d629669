//! What is said of transmissions and persons, and of how persons are counted.

use crate::lang::Text;

pub(crate) const HEADING: Text = Text { da: "Overførsler og personer", en: "Transmissions and persons" };
pub(crate) const CAPTION: Text = Text {
    da: "Overførsler af et nummer til andre, og hvor mange forskellige personer de angik, for hvert system",
    en: "Transmissions of a number to others, and how many distinct persons they concerned, by system",
};
pub(crate) const DISTINCT: Text = Text { da: "Forskellige personer", en: "Distinct persons" };
pub(crate) const OF_THESE_TEST: Text = Text { da: "Heraf testpersoner", en: "Of these, test persons" };
pub(crate) const IN_ALL: Text = Text { da: "I alt", en: "In all" };
pub(crate) const ELSEWHERE: Text = Text { da: "Uden for de undersøgte systemer", en: "Outside the audited systems" };
pub(crate) const METHOD: Text = Text {
    da: "Sådan tælles personer: Hvert nummer bliver med en nøgle til et mærke, som er det samme, hver gang nummeret ses, \
         og som ikke kan føres tilbage til nummeret uden nøglen. Et fund tæller forskellige mærker, så en person tæller \
         én gang, uanset hvor mange gange nummeret blev sendt.",
    en: "How persons are counted: with a key each number becomes a token, which is the same each time that the number is \
         seen, and cannot be traced back to it without the key. A finding counts different tokens, so that a person \
         counts once however often the number was sent.",
};
pub(crate) const NO_SUM: Text = Text {
    da: "Overførsler kan lægges sammen, og det er de i linjen »I alt«. Personer kan ikke: den samme person kan være i flere \
         fund og i flere systemer. Hvor flere fund tæller med, står der derfor »mindst« og det største af deres tal.",
    en: "Transmissions can be added up, and are so in the line \"In all\". Persons cannot: one person may be in several \
         findings and in several systems. Where several findings count, it therefore says \"at least\" and the largest of \
         their figures.",
};
