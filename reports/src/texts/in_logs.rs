//! What could not be seen in a log, or is told in numbers alone.

use super::blind_spots::BlindSpotText;
use crate::lang::Text;

pub(super) const LOG_GAP: BlindSpotText = BlindSpotText {
    title: Text { da: "Dage, som loggen intet siger om", en: "Days of which a log says nothing" },
    meaning: Text {
        da: "Det vides ikke, om personnumre blev sendt de dage: loggen kan mangle, eller ingen brugte systemet.",
        en: "It is not known whether personal numbers were sent on those days: the log may be missing, or nobody \
             used the system.",
    },
    action: Text {
        da: "Find de manglende logfiler, og scan dem sammen med de andre; eller få bekræftet, at systemet var lukket.",
        en: "Find the missing log files and scan them with the others; or have it confirmed that the system was \
             closed.",
    },
};

pub(super) const SIGHTINGS_COUNTED: BlindSpotText = BlindSpotText {
    title: Text {
        da: "Observationer, der er talt med og ikke opregnet",
        en: "Sightings that are counted and not listed",
    },
    meaning: Text {
        da: "Alle er med i fundenes antal: overførsler, personer, dage. Kun de første er opregnet hver for sig.",
        en: "All are in the numbers of their findings: transmissions, persons, days. Only the first are listed one \
             by one.",
    },
    action: Text {
        da: "Ingenting. Scan en enkelt dags log, hvis hver observation skal ses.",
        en: "Nothing. Scan the log of a single day where each sighting is to be seen.",
    },
};
