//! What was found, as `docs/recall.md`.

use jiff::civil::Date;

use super::Outcome;

/// How much of some traffic each tool found.
pub(super) struct Row {
    pub(super) name: &'static str,
    all: usize,
    found: [usize; 6],
}

/// How many of `count` look-alikes of a kind each tool rang at.
pub(super) struct Alarms {
    pub(super) today: Date,
    pub(super) count: usize,
    /// Ours at E1 to E3 and at E4, the pattern, with its date, and with the check digit.
    pub(super) kinds: Vec<(&'static str, [usize; 5])>,
}

const INTRODUCTION: &str = "\
# What is found, and what is not

How much of what leaks does the detector see, and how often does it ring for nothing? This page answers both by trial. A
generator with a fixed seed writes made-up numbers into made-up requests to somebody else: every encoding in every place
that can hold it, and every way in which people write a number. Then it writes requests that hold no number, but what looks
like one. The same is given to the search pattern that most would reach for first.

In short: a **declared** test number (one that the registry knows) is found in nearly every cell, and each gap has a note
below its table. So plant declared numbers before an audit. Of a number that **nobody declared**, nearly as much is told; a
part of it only as possible (E4), since ten digits without a name, a dash or a check digit may be anything.

How to read the tables:

- Each cell is requests found of requests made, for the very number that was planted.
- **declared**: the number is a declared test number. **undeclared**: nobody declared it; told at all (E1 to E4), and told as
  more than possible (E1 to E3).
- A digest of an undeclared number counts when the sweep finds it, which tries every plausible number once after all requests.
- **pattern**: `\\b\\d{6}-?\\d{4}\\b` over the raw request, line by line. That is what ripgrep finds: its engine is the one that
  was run. **+ date**: what it finds that begins with a date. **+ mod-11**: that passes the check digit too.

The numbers are of persons born 2037 to 2057, with a seventh digit of 5 to 8, so nobody's; half of them pass the check digit.
Judged on 2058-06-01, when they could be somebody's, so that undeclared ones are treated as real ones are today.

Written by `UPDATE_DOCS=1 cargo test -p detect synthetic`; the test fails when it is no longer true.
";

/// What is missed under an encoding, and why.
const GAPS_OF_ENCODINGS: &str = "
What is missed, and why:

- **JSON number**: a number of a person born on the 1st to the 9th loses its first zero. Nine digits are read as a number where
  they are a value of their own, not amid a sentence (a page's title, a message, a fragment's path).
- **deflate or Brotli in base64, lz-string**: these have no sign to know them by, so they are tried on whole values, and not on
  each word of a longer text. No sender is known to put them there.
- **lz-string, UTF-16**, in the page's address as well: written there without being escaped, some of its characters are
  blanks, so that it is no address any more. lz-string has a spelling for addresses, which is read.
- Where *E1-E3* is less than *undeclared* (**none**, **sentence**, **HTML entities**, the number alone in base64 or hex and so
  on), all is found; but where nothing names a number without a dash, one whose check digit does not fit is told as possible.
";

/// The same of a written form.
const GAPS_OF_FORMS: &str = "
What is missed, and why:

- **two members of JSON**: two halves are put together where the JSON is a value of its own, not amid a sentence.
- **ten digits, space, dot, slash, underscore, no-break space** fall behind in *E1-E3* only: without a name and a dash, a number
  whose check digit does not fit is told as possible.
";

/// The same of a place.
const GAPS_OF_PLACES: &str = "
What is missed here is *two members of JSON* amid a sentence, as above.
";

/// What the last tables say.
const ON_ALARMS: &str = "
## Alarms at what is no number

The other side: of each kind of look-alike a thousand requests that hold no number, and at how many of them each tool rings.
*E1-E3* is what a supervisor reads and what can break a build: the fewer the better. *E4* is told as possible, never breaks
a build alone, and is counted apart. With at most one in a hundred at E1-E3 hardly anybody is woken for nothing; the pattern rings at
nearly every request, and with the date still at each that is a date by chance.

- **production unit number**: it is shaped like a number in all respects: ten digits, some of them a date, and one in eleven
  of those passes the check digit. Named `pnr`, as here, it is called what people call a person's number.
- **file stamp**, **order number**, **seconds since 1970**: dates by chance; those told as possible are the ones that nothing
  around them gives away.
- The second table is of a day on which seconds since 1970 begin with a date, which comes again every few years.
";

const COLUMNS: &str = "declared | undeclared | of it E1-E3 | pattern | + date | + mod-11";

impl Row {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, all: 0, found: [0; 6] }
    }

    pub(super) fn count(&mut self, outcome: Outcome) {
        self.all += 1;
        for (count, found) in self.found.iter_mut().zip(outcome) {
            *count += usize::from(found);
        }
    }

    fn line(&self) -> String {
        let cells = self.found.map(|found| format!("{found}/{}", self.all));
        format!("| {} | {} |\n", self.name, cells.join(" | "))
    }
}

pub(super) fn render(encodings: &[Row], forms: &[Row], places: &[Row], alarms: &[Alarms]) -> String {
    let mut pieces = vec![INTRODUCTION.to_owned()];
    for (title, rows, gaps) in [
        ("Encodings", encodings, GAPS_OF_ENCODINGS),
        ("Written forms", forms, GAPS_OF_FORMS),
        ("Places, over all written forms", places, GAPS_OF_PLACES),
    ] {
        pieces.push(format!("\n## {title}\n| | {COLUMNS} |\n|---|---|---|---|---|---|---|\n"));
        pieces.extend(rows.iter().map(Row::line));
        pieces.push(total(rows).line());
        pieces.push(gaps.to_owned());
    }
    pieces.push(ON_ALARMS.to_owned());
    for Alarms { today, count, kinds } in alarms {
        pieces.push(format!(
            "\n### Judged on {today}\nRequests at which each rings, of {count} that hold no number.\n\n\
             | | ours, E1-E3 | ours, E4 | pattern | + date | + mod-11 |\n|---|---|---|---|---|---|\n"
        ));
        for (name, counts) in kinds {
            pieces.push(format!("| {name} | {} |\n", counts.map(|count| count.to_string()).join(" | ")));
        }
    }
    pieces.concat()
}

fn total(rows: &[Row]) -> Row {
    let mut total = Row::new("**all**");
    for row in rows {
        total.all += row.all;
        for (sum, found) in total.found.iter_mut().zip(row.found) {
            *sum += found;
        }
    }
    total
}
