//! What is said of the steps and notes of a session by hand.

use model::NoteKind;

use crate::lang::Text;

pub(crate) const HEADING: Text = Text { da: "Det gjorde testerne", en: "What the testers did" };
pub(crate) const LEDE: Text = Text {
    da: "Trin, noter og pauser, som testerne skrev undervejs, og de fund, der blev set i hvert trin. Et trin varer, til det \
         næste begynder.",
    en: "Steps, notes and pauses as the testers typed them on the way, and the findings seen in each step. A step lasts \
         until the next begins.",
};
pub(crate) const CAPTION: Text =
    Text { da: "Trin, noter og pauser i tidsfølge", en: "Steps, notes and pauses in order of time" };
pub(crate) const TIME: Text = Text { da: "Tid (UTC)", en: "Time (UTC)" };
pub(crate) const TESTER: Text = Text { da: "Tester", en: "Tester" };
pub(crate) const WHAT: Text = Text { da: "Hvad", en: "What" };
pub(crate) const TEXT: Text = Text { da: "Tekst", en: "Text" };
pub(crate) const FINDINGS: Text = Text { da: "Set i trinnet", en: "Seen in the step" };
/// Of a step in which nothing was found.
pub(crate) const NOTHING: Text = Text { da: "intet fundet", en: "nothing found" };

/// What was done, in a word or three.
pub(crate) fn kind(kind: NoteKind) -> Text {
    match kind {
        NoteKind::Step => Text { da: "Trin", en: "Step" },
        NoteKind::Note => Text { da: "Note", en: "Note" },
        NoteKind::Pause => Text { da: "Pause, intet optaget herfra", en: "Paused, nothing recorded from here" },
        NoteKind::Resume => Text { da: "Optagelsen genoptaget", en: "Recording resumed" },
        NoteKind::FirstParty => Text { da: "Andet domæne undersøgt herfra", en: "Another site under test from here" },
    }
}
