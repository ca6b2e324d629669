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
# What is found of made-up traffic

Written by `UPDATE_DOCS=1 cargo test -p detect synthetic`; the test fails when it is no longer true. A generator with a
fixed seed puts numbers into requests to somebody else: every encoding in every place that can hold it, every written form
likewise. Each cell is requests found of requests made, for the number that was planted.

- **declared**: the number is a declared test number. **undeclared**: nobody declared it; told at all (E1 to E4), and told as
  more than possible (E1 to E3).
- **pattern**: `\\b\\d{6}-?\\d{4}\\b` over the raw request, line by line. That is what ripgrep finds: its engine is the one that
  was run. **+ date**: what it finds that begins with a date. **+ mod-11**: that passes the check digit too.

The numbers are of persons born 2037 to 2057, with a seventh digit of 5 to 8, so nobody's; half of them pass the check digit.
Judged on 2058-06-01, when they could be somebody's, so that undeclared ones are treated as real ones are today.
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
    for (title, rows) in
        [("Encodings", encodings), ("Written forms", forms), ("Places, over all written forms", places)]
    {
        pieces.push(format!("\n## {title}\n| | {COLUMNS} |\n|---|---|---|---|---|---|---|\n"));
        pieces.extend(rows.iter().map(Row::line));
        pieces.push(total(rows).line());
    }
    for Alarms { today, count, kinds } in alarms {
        pieces.push(format!(
            "\n## Alarms at look-alikes, {today}\nRequests at which each rings, of {count} that hold no number.\n\n\
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
