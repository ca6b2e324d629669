//! The authority's questions, who answers them, and what became of them.

use model::registry::Question;

use crate::dossier::{Source, State};
use crate::lang::{Counted, Text};

pub(crate) const QUESTIONS: Text = Text { da: "Tilsynets spørgsmål", en: "The authority's questions" };
pub(crate) const INTRODUCTION: Text = Text {
    da: "De 14 spørgsmål, som en tilsynsmyndighed stiller efter en lækage, besvaret for hver modtager, der fik eller \
         blev forsøgt sendt personnumre. De første ni stillede Datatilsynet i TastSelv-sagen; de sidste fem gav \
         redegørelsen i samme sag svar på. Ved hvert svar står, hvem der giver det: scanningen har set det, registret \
         oplyser det, eller leverandøren eller myndigheden har svaret.",
    en: "The 14 questions that a supervisory authority asks after a leak, answered for each recipient that got or was \
         to be sent personal numbers. The Danish data protection authority asked the first nine in the TastSelv case; \
         the other five were told in the account of that case. Each answer says whose it is: the scan saw it, the \
         registry declares it, or the vendor or the authority has answered.",
};
pub(crate) const NO_LEAK: Text = Text {
    da: "Ingen modtager uden for myndigheden blev set få eller blive sendt personnumre, så de 14 spørgsmål er ikke stillet. \
         Det gælder kun det, der blev undersøgt.",
    en: "No recipient outside the authority was seen to get or be sent personal numbers, so the 14 questions are not \
         put. That is only true of what was covered.",
};
pub(crate) const NO_ANSWERS_DECLARED: Text = Text {
    da: "Der er intet register i denne scanning. Svar fra registret og leverandøren mangler derfor.",
    en: "There is no registry in this scan, so there are no answers from the registry and the vendor.",
};
pub(crate) const QUESTION: Text = Text { da: "Spørgsmål", en: "Question" };
pub(crate) const LEAK: Text = Text { da: "Lækage", en: "Leak" };
pub(crate) const FROM_ACCOUNT: Text = Text { da: "fra redegørelsen", en: "from the account" };
pub(crate) const NOBODY: Text = Text { da: "Ingen har svaret.", en: "Nobody has answered." };
pub(crate) const OTHER_ANSWERS: Text =
    Text { da: "Svar, der ikke vedrører en af lækagerne", en: "Answers that concern none of the leaks" };

pub(crate) const PERSONS: Counted =
    Counted { one: Text { da: "person", en: "person" }, many: Text { da: "personer", en: "persons" } };

/// The question in words.
pub(crate) fn question(question: Question) -> Text {
    match question {
        Question::Agreement => Text {
            da: "Er der en databehandleraftale med modtageren?",
            en: "Is there a processing agreement with the recipient?",
        },
        Question::Correspondence => Text {
            da: "Hvilken korrespondance er der med modtageren om sagen?",
            en: "What correspondence is there with the recipient on the matter?",
        },
        Question::AlsoSent => Text {
            da: "Blev der sendt andet med, der kan knytte nummer og borger sammen, f.eks. IP-adressen?",
            en: "Was anything else sent along that could link number and citizen, such as the IP address?",
        },
        Question::TransferStart => {
            Text { da: "Hvornår begyndte overførslerne?", en: "When did the transfers begin?" }
        }
        Question::StartCause => Text { da: "Hvad skete der, da de begyndte?", en: "What happened when they began?" },
        Question::Encrypted => Text { da: "Var overførslerne krypterede?", en: "Were the transfers encrypted?" },
        Question::CleanUp => {
            Text { da: "Hvad er der ryddet op hos modtageren?", en: "What was cleaned up at the recipient?" }
        }
        Question::SubProcessorAgreement => Text {
            da: "Er der en databehandleraftale med underdatabehandleren?",
            en: "Is there a processing agreement with the sub-processor?",
        },
        Question::CitizensTold => {
            Text { da: "Har de berørte borgere fået besked?", en: "Were the affected citizens told?" }
        }
        Question::Corrected => Text { da: "Hvornår blev fejlen rettet?", en: "When was the fault corrected?" },
        Question::Persons => Text { da: "Hvor mange borgere er berørt?", en: "How many citizens are affected?" },
        Question::Purpose => Text { da: "Hvad bruges modtageren til?", en: "What is the recipient used for?" },
        Question::Risk => Text {
            da: "Hvilken risiko er der for de berørte borgere?",
            en: "What is the risk to the affected citizens?",
        },
        Question::OtherSystems => Text {
            da: "Er alle øvrige systemer gennemgået, og er ingen af dem berørt?",
            en: "Were all other systems reviewed, and is none of them affected?",
        },
    }
}

/// What became of a question.
pub(crate) fn state(state: State) -> Text {
    match state {
        State::Answered => Text { da: "Besvaret", en: "Answered" },
        State::Contradicted => Text { da: "Modsagt", en: "Contradicted" },
        State::Unanswered => Text { da: "Ubesvaret", en: "Unanswered" },
    }
}

/// Whose an answer is, as a mark beside it.
pub(crate) fn source(source: Source) -> Text {
    match source {
        Source::Scanner => Text { da: "Scanning", en: "Scanner" },
        Source::Registry => Text { da: "Register", en: "Registry" },
        Source::Vendor => Text { da: "Leverandør", en: "Vendor" },
        Source::Authority => Text { da: "Myndighed", en: "Authority" },
    }
}

/// A side of a contradiction, before what it says.
pub(crate) fn side(source: Source) -> Text {
    match source {
        Source::Scanner => Text { da: "Scanningen så", en: "The scan saw" },
        Source::Registry => Text { da: "Registret oplyser", en: "The registry says" },
        Source::Vendor => Text { da: "Leverandøren svarer", en: "The vendor answers" },
        Source::Authority => Text { da: "Myndigheden svarer", en: "The authority answers" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::said_in_both;

    #[test]
    fn all_is_said_in_both_languages() {
        for one in Question::ALL {
            said_in_both(question(one));
            assert!(question(one).da.ends_with('?') && question(one).en.ends_with('?'));
        }
        for one in State::ALL {
            said_in_both(state(one));
        }
        for one in Source::ALL {
            said_in_both(source(one));
            said_in_both(side(one));
        }
        let others = [QUESTIONS, INTRODUCTION, NO_LEAK, NO_ANSWERS_DECLARED, LEAK, FROM_ACCOUNT, NOBODY, OTHER_ANSWERS];
        others.into_iter().for_each(said_in_both);
    }
}
