//! What is said of the logs of a scan.

use jiff::civil::Date;

use crate::lang::{Counted, Lang, Text};

pub(crate) const HEADING: Text = Text { da: "Logfiler", en: "Logs" };
pub(crate) const PERSONS: Counted = Counted {
    one: Text { da: "persons nummer", en: "person's number" },
    many: Text { da: "forskellige personers numre", en: "different persons' numbers" },
};
pub(crate) const SENT: Counted = Counted {
    one: Text { da: "overførsel", en: "transmission" },
    many: Text { da: "overførsler", en: "transmissions" },
};
pub(crate) const DAYS: Counted = Counted { one: Text { da: "dag", en: "day" }, many: Text { da: "dage", en: "days" } };
pub(crate) const LINES: Counted =
    Counted { one: Text { da: "linje", en: "line" }, many: Text { da: "linjer", en: "lines" } };
pub(crate) const FILES: Counted =
    Counted { one: Text { da: "logfil", en: "log" }, many: Text { da: "logfiler", en: "logs" } };
pub(crate) const MORE_FILES: Counted =
    Counted { one: Text { da: "logfil", en: "more log" }, many: Text { da: "logfiler", en: "more logs" } };
pub(crate) const ONLY_TEST_PERSONS: Text =
    Text { da: "kun opgivne testpersoners numre", en: "only declared test persons' numbers" };

pub(crate) const UNDATED: Text =
    Text { da: "ukendt hvornår: ingen linje siger det", en: "nobody knows when: no line tells it" };

pub(crate) const NOTHING: Text =
    Text { da: "Ingen af fundene her er fra loggene.", en: "None of the findings here is from the logs." };

pub(crate) const FIGURE: Text = Text { da: "Overførsler over tid", en: "Transmissions over time" };
pub(crate) const OTHERS: Text = Text { da: "Til andre", en: "To others" };
pub(crate) const OWN: Text =
    Text { da: "Hos systemet selv (egne adresser og logfiler)", en: "With the system itself (own addresses and logs)" };
pub(crate) const NO_LOG: Text =
    Text { da: "Ingen log har en linje fra de dage", en: "No log has a line of those days" };
pub(crate) const AS_TABLE: Text = Text { da: "Figuren som tabel", en: "The figure as a table" };
pub(crate) const WHEN: Text = Text { da: "Hvornår", en: "When" };
pub(crate) const SUM: Text = Text { da: "I alt", en: "In all" };
pub(crate) const WHAT_IS_COUNTED: Text = Text {
    da: "Dage er i UTC. En forespørgsel med numre flere steder er talt med hvert sted. Hvor det er skraveret, kan intet \
         siges: loggen kan mangle, eller ingen brugte systemet.",
    en: "Days are in UTC. A request with numbers in several places is counted in each. Where it is hatched nothing can \
         be said: the log may be missing, or nobody used the system.",
};

pub(crate) const FINDINGS_CAPTION: Text = Text {
    da: "Hvert fund i loggene. Personer er forskellige personer i fundet; den samme kan være i flere. Svar er, hvad \
         serveren svarede: 2xx leveret, 3xx sendt videre, 4xx afvist, 5xx serverfejl",
    en: "Each finding in the logs. Persons are the different persons of the finding; the same one may be in several. \
         Answers are what the server answered: 2xx delivered, 3xx sent on, 4xx refused, 5xx a fault of the server",
};
pub(crate) const FIRST_DAY: Text = Text { da: "Første dag", en: "First day" };
pub(crate) const LAST_DAY: Text = Text { da: "Sidste dag", en: "Last day" };
pub(crate) const DAYS_WITH: Text = Text { da: "Dage med", en: "Days with" };
pub(crate) const BY_ROBOTS: Text = Text { da: "Fra programmer", en: "By programs" };
pub(crate) const ANSWERS: Text = Text { da: "Svar", en: "Answers" };
pub(crate) const OTHER_ANSWERS: Text = Text { da: "andre", en: "others" };

pub(crate) const FILES_CAPTION: Text = Text {
    da: "Logfilerne i hele undersøgelsen. Bedømt er de linjer, som et nummer kan stå i; resten er læst og talt",
    en: "The logs of the whole scan. Judged are the lines that a number could stand in; the rest are read and counted",
};
pub(crate) const FILE: Text = Text { da: "Fil", en: "File" };
pub(crate) const FORMAT: Text = Text { da: "Linjernes format", en: "Format" };
pub(crate) const LINES_HEAD: Text = Text { da: "Linjer", en: "Lines" };
pub(crate) const JUDGED: Text = Text { da: "Bedømt", en: "Judged" };
pub(crate) const FIRST_LINE: Text = Text { da: "Første linje", en: "First line" };
pub(crate) const LAST_LINE: Text = Text { da: "Sidste linje", en: "Last line" };
pub(crate) const DAYS_MISSING: Text = Text { da: "Dage uden en linje", en: "Days without a line" };
pub(crate) const ASSUMED: Text = Text { da: "Antaget", en: "Assumed" };
pub(crate) const DAY: Text = Text { da: "Dag (UTC)", en: "Day (UTC)" };

const MONTHS_DA: [&str; 12] =
    ["jan.", "feb.", "mar.", "apr.", "maj", "jun.", "jul.", "aug.", "sep.", "okt.", "nov.", "dec."];

const MONTHS_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The short name of a month, from 1.
pub(crate) fn month(month: i8, lang: Lang) -> &'static str {
    let months = match lang {
        Lang::Da => MONTHS_DA,
        Lang::En => MONTHS_EN,
    };
    let at = usize::try_from(month).unwrap_or_default().saturating_sub(1);
    months.get(at).copied().unwrap_or_default()
}

/// `3. feb. 2025` or `3 Feb 2025`: a day where there is little room.
pub(crate) fn day(day: Date, lang: Lang) -> String {
    let dot = match lang {
        Lang::Da => ".",
        Lang::En => "",
    };
    format!("{}{dot} {} {}", day.day(), month(day.month(), lang), day.year())
}

/// `vært own.test` of `host own.test`: what of a log was assumed is kept in English.
pub(crate) fn assumed(text: &str, lang: Lang) -> String {
    let copied = text.strip_prefix("its lines count, though ").and_then(|rest| rest.strip_suffix(" holds the same"));
    if let (Lang::Da, Some(other)) = (lang, copied) {
        return format!("dens linjer tæller med, selv om {other} indeholder det samme");
    }
    match (lang, text.split_once("host "), text.split_once("time zone ")) {
        (Lang::Da, Some(("", host)), _) => format!("vært {host}"),
        (Lang::Da, _, Some(("", zone))) => format!("tidszone {zone}"),
        (Lang::Da, None, None) if text == "year by the file's date" => "årstal efter filens dato".to_owned(),
        (Lang::Da | Lang::En, _, _) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{said_in_both, said_sentence};

    #[test]
    fn all_is_said_in_both_languages() {
        for text in [HEADING, FIGURE, OTHERS, OWN, NO_LOG, AS_TABLE, WHEN, SUM, FINDINGS_CAPTION, FILES_CAPTION] {
            said_in_both(text);
        }
        for text in [FIRST_DAY, LAST_DAY, DAYS_WITH, BY_ROBOTS, ANSWERS, OTHER_ANSWERS, FILE, FORMAT, LINES_HEAD] {
            said_in_both(text);
        }
        for text in [JUDGED, FIRST_LINE, LAST_LINE, DAYS_MISSING, ASSUMED, DAY, ONLY_TEST_PERSONS] {
            said_in_both(text);
        }
        said_sentence(WHAT_IS_COUNTED);
        said_sentence(NOTHING);
    }

    #[test]
    fn what_was_assumed_is_said_in_danish_too() {
        assert_eq!(assumed("host own.test", Lang::Da), "vært own.test");
        assert_eq!(assumed("time zone UTC", Lang::Da), "tidszone UTC");
        assert_eq!(assumed("year by the file's date", Lang::Da), "årstal efter filens dato");
        assert_eq!(assumed("host own.test", Lang::En), "host own.test");
        assert_eq!(assumed("of a host ", Lang::Da), "of a host ");
    }

    #[test]
    fn months_have_short_names() {
        assert_eq!((month(1, Lang::En), month(12, Lang::Da), month(13, Lang::Da)), ("Jan", "dec.", ""));
        let first = Date::constant(2025, 2, 3);
        assert_eq!((day(first, Lang::Da), day(first, Lang::En)), ("3. feb. 2025".to_owned(), "3 Feb 2025".to_owned()));
    }
}
