//! What is said of changes since an earlier scan.

use model::{DistinctPersons, WhyUnseen};

use crate::lang::Text;

pub(crate) const SINCE: Text = Text { da: "Siden sidst", en: "Since last time" };
pub(crate) const COMPARED_WITH: Text = Text { da: "Sammenlignet med undersøgelsen", en: "Compared with the scan" };
pub(crate) const COMPARED_WITH_SEVERAL: Text = Text {
    da: "Hvert system er sammenlignet med sin seneste tidligere undersøgelse. Undersøgelserne begyndte",
    en: "Each system is compared with its last earlier scan. The scans began",
};
pub(crate) const UNCHANGED: Text = Text {
    da: "Intet er nyt, intet er rettet, og ingen ny modtager er kommet til.",
    en: "Nothing is new, nothing is mended, and there is no new recipient.",
};

pub(crate) const NEW: Text = Text { da: "Nye fund", en: "New findings" };
pub(crate) const NEW_MEANING: Text = Text {
    da: "De er i denne undersøgelse og var ikke i den tidligere.",
    en: "They are in this scan and were not in the earlier one.",
};
pub(crate) const MAY_BE_OLD: Text = Text { da: "Kan være gammelt", en: "May be old" };
pub(crate) const MENDED: Text = Text { da: "Rettet", en: "Mended" };
pub(crate) const MENDED_MEANING: Text = Text {
    da: "De var i den tidligere undersøgelse. Samme sted blev undersøgt igen, og de er der ikke mere.",
    en: "They were in the earlier scan. The same place was looked at again, and they are gone.",
};
pub(crate) const NOT_COVERED: Text = Text { da: "Ikke undersøgt igen", en: "Not looked at again" };
pub(crate) const NOT_COVERED_MEANING: Text = Text {
    da: "De var i den tidligere undersøgelse. Denne gang kunne de ikke være set, så de gælder ikke som rettet.",
    en: "They were in the earlier scan. This time they could not have been seen, so they do not count as mended.",
};
pub(crate) const STILL_THERE: Text = Text { da: "Består", en: "Still there" };
pub(crate) const STILL_THERE_MEANING: Text =
    Text { da: "De er i begge undersøgelser.", en: "They are in both scans." };
pub(crate) const ACCEPTED: Text = Text { da: "Accepteret", en: "Accepted" };
pub(crate) const ACCEPTED_MEANING: Text = Text {
    da: "De er i denne undersøgelse, men er accepteret for en tid og tæller ikke med. De er ikke rettet.",
    en: "They are in this scan, but are accepted for a while and do not count. They are not mended.",
};
pub(crate) const NOT_THERE_BEFORE: Text =
    Text { da: "ikke i den tidligere undersøgelse", en: "not in the earlier scan" };
pub(crate) const FIRST_SEEN: Text = Text { da: "første gang set", en: "first seen" };
pub(crate) const NEW_RECIPIENTS: Text = Text { da: "Nye modtagere", en: "New recipients" };
pub(crate) const NEW_RECIPIENTS_MEANING: Text = Text {
    da: "Systemet kontaktede dem ikke ved den tidligere undersøgelse, uanset om de fik et personnummer.",
    en: "The system did not contact them in the earlier scan, whether they got a number or not.",
};
pub(crate) const GOT_NUMBERS: Text = Text { da: "fik personnumre", en: "got personal numbers" };
pub(crate) const GOT_NO_NUMBERS: Text = Text { da: "fik ikke noget personnummer", en: "got no personal number" };
pub(crate) const PERIOD: Text = Text { da: "I hele perioden", en: "Over the whole period" };

/// Why nothing can be said.
pub(crate) fn why(why: WhyUnseen) -> Text {
    match why {
        WhyUnseen::SystemNotAudited => {
            Text { da: "Systemet er ikke med i undersøgelsen.", en: "The system is not in the scan." }
        }
        WhyUnseen::RunVoid => Text {
            da: "Selvtesten fejlede, så manglende fund beviser intet.",
            en: "The self-test failed, so the absence of findings proves nothing.",
        },
        WhyUnseen::SystemNotReached => Text {
            da: "Intet af systemet blev set ud over dets indgang.",
            en: "Nothing of the system was seen beyond its front door.",
        },
        WhyUnseen::PageNotReached => Text {
            da: "Siden blev ikke nået, eller den svarede med en fejl.",
            en: "The page was not reached, or it answered with an error.",
        },
        WhyUnseen::RoleNotReached => Text {
            da: "Ingen var logget ind i den rolle, det blev set i.",
            en: "Nobody was signed in as the role that it was seen in.",
        },
        WhyUnseen::ConsentNotReached => Text {
            da: "Det svar på samtykkespørgsmålet, som det blev set under, blev ikke givet eller holdt ikke.",
            en: "The answer to the question for consent under which it was seen was not given, or did not hold.",
        },
        WhyUnseen::NothingTyped => Text {
            da: "Nummeret kom fra en formular, og den blev ikke udfyldt.",
            en: "The number came from a form, and that was not filled in.",
        },
        WhyUnseen::OtherMeans => Text {
            da: "Det kan kun ses ved en anden slags undersøgelse end denne.",
            en: "It can only be seen by another kind of scan than this.",
        },
        WhyUnseen::Hidden => Text {
            da: "Noget, der kan skjule det, blev ikke undersøgt.",
            en: "Something that could hide it was not seen.",
        },
    }
}

/// What is said where persons cannot be counted; `None` where they were.
pub(crate) fn uncounted(persons: DistinctPersons) -> Option<Text> {
    match persons {
        DistinctPersons::Counted { .. } => None,
        DistinctPersons::NoKey => Some(Text {
            da: "Hvor mange forskellige personer det er i alt, kan ikke siges: mindst én undersøgelse er lavet uden nøglefil \
                 (--key-file).",
            en: "How many different persons that is cannot be told: at least one scan was made without a key file \
                 (--key-file).",
        }),
        DistinctPersons::OtherKey => Some(Text {
            da: "Hvor mange forskellige personer det er i alt, kan ikke siges: undersøgelserne er lavet med forskellige \
                 nøglefiler.",
            en: "How many different persons that is cannot be told: the scans were made with different key files.",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::said_sentence;

    #[test]
    fn every_reason_is_said_in_both_languages() {
        WhyUnseen::ALL.into_iter().map(why).for_each(said_sentence);
        [DistinctPersons::NoKey, DistinctPersons::OtherKey].into_iter().filter_map(uncounted).for_each(said_sentence);
        [UNCHANGED, NEW_MEANING, MENDED_MEANING, NOT_COVERED_MEANING, STILL_THERE_MEANING, NEW_RECIPIENTS_MEANING]
            .into_iter()
            .for_each(said_sentence);
    }
}
