//! What a service reads in the log of a step: its commands, undone as it undoes them.

/// An annotation of GitHub's, or an issue of Azure's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) kind: String,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<String>,
    pub(crate) message: String,
}

/// As GitHub's runner reads them: a line that begins with `::`, blanks aside.
pub(crate) fn of_github(log: &str) -> Vec<Issue> {
    let undone = |text: &str| {
        let text = text.replace("%3A", ":").replace("%2C", ",");
        data(&text, "%25")
    };
    let read = |line: &str| {
        let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
        let (kind, properties) = head.split_once(' ').unwrap_or((head, ""));
        let of = |name: &str| value(properties, ',', name).map(|text| undone(&text));
        Some(Issue { kind: kind.to_owned(), file: of("file"), line: of("line"), message: data(message, "%25") })
    };
    log.lines().filter_map(read).collect()
}

/// As Azure's agent reads them: what follows `##vso[`, wherever it stands in a line.
pub(crate) fn of_azure(log: &str) -> Vec<Issue> {
    let undone = |text: &str| {
        let text = text.replace("%3B", ";").replace("%5D", "]");
        data(&text, "%AZP25")
    };
    let read = |line: &str| {
        let (head, message) = line.split_once("##vso[")?.1.split_once(']')?;
        let properties = head.strip_prefix("task.logissue ")?;
        let of = |name: &str| value(properties, ';', name).map(|text| undone(&text));
        let kind = of("type").unwrap_or_default();
        Some(Issue { kind, file: of("sourcepath"), line: of("linenumber"), message: data(message, "%AZP25") })
    };
    log.lines().filter_map(read).collect()
}

/// The sign that escapes comes last.
fn data(text: &str, percent: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace(percent, "%")
}

fn value(properties: &str, separator: char, name: &str) -> Option<String> {
    let mut all = properties.split(separator).filter_map(|property| property.split_once('='));
    all.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
}
