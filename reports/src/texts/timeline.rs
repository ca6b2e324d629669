//! What is said of when findings were seen.

use crate::lang::{Counted, Text};

pub(crate) const HEADING: Text = Text { da: "Tidslinje", en: "Timeline" };
pub(crate) const CAPTION: Text = Text {
    da: "Hvert fund: første og sidste gang set, og hvad denne undersøgelse siger. Figurens indhold som tabel",
    en: "Each finding: when it was first and last seen, and what this scan says. The figure as a table",
};
pub(crate) const FIGURE: Text = Text { da: "Hvornår hvert fund blev set", en: "When each finding was seen" };
pub(crate) const LEGEND: Text = Text {
    da: "Udfyldt cirkel: set. Åben cirkel: samme sted undersøgt, og ikke set. Rude: ikke undersøgt der, så intet vides. \
         Lodret streg: en undersøgelse. Mellem undersøgelserne vides intet; den prikkede linje viser kun, at fundet er det samme.",
    en: "Filled circle: seen. Open circle: the same place was looked at, and it was not seen. Diamond: not looked at there, \
         so nothing is known. Upright line: a scan. Between scans nothing is known; the dotted line only shows that it is \
         the same finding.",
};
pub(crate) const ONE_SCAN: Text = Text {
    da: "Kun denne undersøgelse er med. Hvad der skete før den, siger tidslinjen intet om.",
    en: "Only this scan is in it. Of what happened before it the timeline says nothing.",
};
pub(crate) const FIRST: Text = Text { da: "Første gang set", en: "First seen" };
pub(crate) const LAST: Text = Text { da: "Sidste gang set", en: "Last seen" };
pub(crate) const NOW: Text = Text { da: "I denne undersøgelse", en: "In this scan" };
pub(crate) const SEEN: Text = Text { da: "set", en: "seen" };
pub(crate) const NEW: Text = Text { da: "set, nyt", en: "seen, new" };
pub(crate) const MAY_BE_OLD: Text =
    Text { da: "set; kunne ikke være set sidst", en: "seen; could not have been seen last time" };
pub(crate) const STILL: Text = Text { da: "set, består", en: "seen, still there" };
pub(crate) const ACCEPTED: Text = Text { da: "set, accepteret", en: "seen, accepted" };
pub(crate) const GONE: Text = Text { da: "undersøgt, ikke set: rettet", en: "looked for, not seen: mended" };
pub(crate) const NOT_COVERED: Text = Text { da: "ikke undersøgt igen", en: "not looked at again" };
pub(crate) const SCANS: Counted =
    Counted { one: Text { da: "undersøgelse", en: "scan" }, many: Text { da: "undersøgelser", en: "scans" } };
