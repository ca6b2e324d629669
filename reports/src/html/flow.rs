//! The data-flow figure: page -> channel -> recipient as inline SVG, and the same as rows of a table.

use std::collections::BTreeMap;

use model::{Finding, Standing};

use super::address::Address;
use crate::inert::Inert;
use crate::lang::Lang;
use crate::naming::count;
use crate::operator::declared_place;
use crate::summary::{Extract, is_number, was_only_tried};
use crate::texts::{page, terms};

/// Nodes drawn per column; a figure with more is a thicket. The table below it has them all.
const MAX_NODES: usize = 12;

/// Characters of a node's label that fit its box.
const MAX_LABEL: usize = 36;

const WIDTH: u32 = 1000;
const HEAD: u32 = 34;
const NODE_HEIGHT: u32 = 50;
const ROW: u32 = 66;

/// Left edge and width of the columns: pages, channels, recipients.
const COLUMNS: [(u32, u32); 3] = [(2, 300), (390, 190), (688, 310)];

/// The figure and its table.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) description: String,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// What the lines mean, as far as the figure has them, and how many are in the table only.
    pub(super) legend: String,
    /// Whether the table has more than the figure: then it is printed too.
    pub(super) is_parted: bool,
    pub(super) rows: Vec<FlowRow>,
    pub(super) column_starts: [u32; 3],
}

/// A box with two lines.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) class: &'static str,
    pub(super) first: String,
    pub(super) second: String,
    pub(super) full: String,
}

/// A line between two boxes.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) path: String,
    pub(super) width: u32,
    pub(super) class: &'static str,
}

/// A row of the table.
#[derive(Clone, Debug)]
pub(super) struct FlowRow {
    pub(super) page: Address,
    pub(super) channel: String,
    pub(super) recipient: String,
    pub(super) transmissions: String,
    pub(super) persons: String,
}

/// One way from page to recipient.
struct Way<'a> {
    finding: &'a Finding,
    transmissions: u64,
    persons: u64,
    persons_at_least: bool,
    undelivered: u64,
    blocked: u64,
    kind: Kind,
}

/// What a line stands for; the surest of its ways counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A mere date.
    #[default]
    Possible,
    /// A number that never got there.
    Tried,
    /// A number.
    Sent,
}

/// Boxes of one column by what they stand for, in order of appearance.
#[derive(Default)]
struct Column {
    keys: Vec<String>,
}

impl Flow {
    /// The figure of `part`; `None` when no number went anywhere.
    pub(super) fn new(part: &Extract<'_>, lang: Lang) -> Option<Self> {
        let ways = ways(part);
        if ways.is_empty() {
            return None;
        }
        let mut columns = [Column::default(), Column::default(), Column::default()];
        let mut nodes: [Vec<(String, String, String, &'static str)>; 3] = Default::default();
        let mut lines: BTreeMap<(usize, usize, usize), (u64, Kind)> = BTreeMap::new();
        let mut drawn = 0;
        for way in &ways {
            let keys = keys(way.finding);
            let places: Vec<Option<usize>> = columns.iter().zip(&keys).map(|(column, key)| column.place(key)).collect();
            let [Some(from), Some(by), Some(to)] = places.as_slice() else { continue };
            let (from, by, to) = (*from, *by, *to);
            drawn += 1;
            for ((column, nodes), (key, label)) in
                columns.iter_mut().zip(&mut nodes).zip(keys.into_iter().zip(labels(way.finding, lang)))
            {
                if column.add(key) {
                    nodes.push(label);
                }
            }
            for line in [(0, from, by), (1, by, to)] {
                let entry = lines.entry(line).or_default();
                *entry = (entry.0.saturating_add(way.transmissions), entry.1.max(way.kind));
            }
        }
        let tallest = nodes.iter().map(Vec::len).max().unwrap_or_default();
        let height = HEAD + as_u32(tallest) * ROW;
        let heaviest = lines.values().map(|(weight, _)| *weight).max().unwrap_or_default();
        let sizes = nodes.each_ref().map(Vec::len);
        let edges: Vec<Edge> =
            lines.iter().map(|(line, weight)| edge(*line, *weight, heaviest, &sizes, height)).collect();
        Some(Self {
            width: WIDTH,
            height,
            description: description(&sizes, lang),
            legend: legend(&edges, ways.len() - drawn, lang),
            is_parted: ways.len() > drawn,
            edges,
            nodes: boxes(nodes, height),
            rows: ways.iter().map(|way| row(way, lang)).collect(),
            column_starts: COLUMNS.map(|(x, _)| x),
        })
    }
}

impl Column {
    /// Where `key` is or would be; `None` when the column is full.
    fn place(&self, key: &str) -> Option<usize> {
        let found = self.keys.iter().position(|known| known == key);
        found.or_else(|| (self.keys.len() < MAX_NODES).then_some(self.keys.len()))
    }

    fn add(&mut self, key: String) -> bool {
        let is_new = !self.keys.contains(&key);
        if is_new {
            self.keys.push(key);
        }
        is_new
    }
}

/// Whether numbers went somewhere by it, and are told by no other finding.
fn carried_number(finding: &Finding) -> bool {
    let is_sent = !finding.rule.is_of_page() && !finding.rule.is_counted_elsewhere();
    is_sent && finding.channel.is_some() && finding.evidence.is_some()
}

/// The findings that carried a number, those alike in page, channel and recipient as one, worst first.
fn ways<'a>(part: &Extract<'a>) -> Vec<Way<'a>> {
    let mut ways: Vec<Way<'a>> = Vec::new();
    let mut places: BTreeMap<[String; 3], usize> = BTreeMap::new();
    for finding in part.findings.iter().copied().filter(|finding| carried_number(finding)) {
        let place = *places.entry(keys(finding)).or_insert(ways.len());
        if let Some(way) = ways.get_mut(place) {
            way.transmissions = way.transmissions.saturating_add(finding.transmissions);
            way.persons = way.persons.max(finding.persons);
            way.persons_at_least = true;
            way.undelivered = way.undelivered.saturating_add(finding.undelivered);
            way.blocked = way.blocked.saturating_add(finding.blocked);
            way.kind = way.kind.max(kind(finding));
        } else {
            ways.push(Way {
                finding,
                transmissions: finding.transmissions,
                persons: finding.persons,
                persons_at_least: false,
                undelivered: finding.undelivered,
                blocked: finding.blocked,
                kind: kind(finding),
            });
        }
    }
    ways
}

fn kind(finding: &Finding) -> Kind {
    match (is_number(finding), was_only_tried(finding)) {
        (false, _) => Kind::Possible,
        (true, true) => Kind::Tried,
        (true, false) => Kind::Sent,
    }
}

fn keys(finding: &Finding) -> [String; 3] {
    [
        finding.page.as_str().to_owned(),
        finding.channel.map_or("", |channel| channel.as_str()).to_owned(),
        finding.recipient.domain.as_str().to_owned(),
    ]
}

/// First line, second line, full text and class of the three boxes of a way.
fn labels(finding: &Finding, lang: Lang) -> [(String, String, String, &'static str); 3] {
    let address = Inert::from(&finding.page);
    let (host, path) = split_page(address.as_str());
    let channel = finding.channel.map_or("", |channel| terms::channel(channel).to(lang));
    let recipient = &finding.recipient;
    let domain = Inert::from(&recipient.domain);
    let name = recipient.legal_name.as_deref().map_or_else(|| domain.clone(), Inert::new);
    let standing = terms::standing_short(recipient.standing).to(lang);
    let place = declared_place(recipient, lang);
    let class = match recipient.standing {
        Standing::Own => "own",
        Standing::Public | Standing::Approved => "known",
        Standing::Unlisted | Standing::Unknown => "stranger",
    };
    [
        (Inert::short(&path, MAX_LABEL), Inert::short(&host, MAX_LABEL), address.to_string(), "page"),
        (Inert::short(channel, 24), String::new(), channel.to_owned(), "channel"),
        (
            Inert::short(name.as_str(), MAX_LABEL),
            Inert::short(&format!("{standing}{place}"), MAX_LABEL),
            format!("{name} ({domain})"),
            class,
        ),
    ]
}

fn split_page(page: &str) -> (String, String) {
    match page.split_once("://").and_then(|(_, rest)| rest.split_once('/')) {
        Some((host, path)) => (host.to_owned(), format!("/{path}")),
        None => (String::new(), page.to_owned()),
    }
}

fn boxes(nodes: [Vec<(String, String, String, &'static str)>; 3], height: u32) -> Vec<Node> {
    let mut boxes = Vec::new();
    for (column, (x, width)) in nodes.into_iter().zip(COLUMNS) {
        let all = column.len();
        for (at, (first, second, full, class)) in column.into_iter().enumerate() {
            boxes.push(Node { x, y: top(at, all, height), width, height: NODE_HEIGHT, class, first, second, full });
        }
    }
    boxes
}

/// The upper edge of a box; columns with fewer boxes spread over the same height.
fn top(at: usize, of: usize, height: u32) -> u32 {
    let slot = (height - HEAD) / as_u32(of).max(1);
    HEAD + as_u32(at) * slot + slot.saturating_sub(NODE_HEIGHT) / 2
}

fn edge(
    (gap, from, to): (usize, usize, usize),
    (weight, kind): (u64, Kind),
    heaviest: u64,
    sizes: &[usize; 3],
    height: u32,
) -> Edge {
    let [pages, channels, recipients] = *sizes;
    let [page_column, channel_column, recipient_column] = COLUMNS;
    let (left, right, of_left, of_right) = if gap == 0 {
        (page_column, channel_column, pages, channels)
    } else {
        (channel_column, recipient_column, channels, recipients)
    };
    let (x1, x2) = (left.0 + left.1, right.0);
    let (y1, y2) = (top(from, of_left, height) + NODE_HEIGHT / 2, top(to, of_right, height) + NODE_HEIGHT / 2);
    let middle = u32::midpoint(x1, x2);
    Edge {
        path: format!("M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"),
        width: thickness(weight, heaviest),
        class: match kind {
            Kind::Possible => "possible",
            Kind::Tried => "tried",
            Kind::Sent => "sure",
        },
    }
}

/// From 2 to 12, by the square root, so that four times as many are twice as thick and the few are still seen.
fn thickness(weight: u64, heaviest: u64) -> u32 {
    let share = (u128::from(weight) * 100 / u128::from(heaviest.max(1))).isqrt();
    2 + u32::try_from(share.min(10)).unwrap_or(10)
}

/// Says only what the figure shows.
fn legend(edges: &[Edge], left_out: usize, lang: Lang) -> String {
    let mut said = Vec::new();
    if edges.windows(2).any(|pair| matches!(pair, [one, other] if one.width != other.width)) {
        said.push(page::FLOW_THICKNESS.to(lang).to_owned());
    }
    for (class, text) in [("tried", page::FLOW_TRIED), ("possible", page::FLOW_POSSIBLE)] {
        if edges.iter().any(|edge| edge.class == class) {
            said.push(text.to(lang).to_owned());
        }
    }
    if left_out > 0 {
        said.push(left_out_text(count(left_out), lang));
    }
    said.join(" ")
}

fn row(way: &Way<'_>, lang: Lang) -> FlowRow {
    let finding = way.finding;
    let persons = lang.number(way.persons);
    FlowRow {
        page: Address::new(&finding.page, None),
        channel: finding.channel.map_or("", |channel| terms::channel(channel).to(lang)).to_owned(),
        recipient: crate::naming::who(&finding.recipient),
        transmissions: match (way.undelivered, lang) {
            (lost, Lang::Da) if lost > 0 && way.blocked >= lost => {
                format!("{} ({} standset af cprvagt)", lang.number(way.transmissions), lang.number(lost))
            }
            (lost, Lang::En) if lost > 0 && way.blocked >= lost => {
                format!("{} ({} stopped by cprvagt)", lang.number(way.transmissions), lang.number(lost))
            }
            (0, Lang::Da | Lang::En) => lang.number(way.transmissions),
            (lost, Lang::Da) => format!("{} ({} uden forbindelse)", lang.number(way.transmissions), lang.number(lost)),
            (lost, Lang::En) => {
                format!("{} ({} without connection)", lang.number(way.transmissions), lang.number(lost))
            }
        },
        persons: if way.persons_at_least { format!("≥ {persons}") } else { persons },
    }
}

fn description(sizes: &[usize; 3], lang: Lang) -> String {
    let [pages, channels, recipients] = sizes;
    match lang {
        Lang::Da => format!(
            "Figur med {pages} sider til venstre, {channels} kanaler i midten og {recipients} modtagere til højre, forbundet af linjer. Samme indhold står i tabellen nedenfor."
        ),
        Lang::En => format!(
            "A figure with {pages} pages on the left, {channels} channels in the middle and {recipients} recipients on the right, joined by lines. The table below holds the same."
        ),
    }
}

fn left_out_text(left_out: u64, lang: Lang) -> String {
    match lang {
        Lang::Da => format!("{} veje er ikke tegnet; de står i tabellen.", lang.number(left_out)),
        Lang::En => format!("{} ways are not drawn; they are in the table.", lang.number(left_out)),
    }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_figure_and_its_table_hold_the_same_ways() {
        let scan = sample::scan();
        let flow = Flow::new(&Extract::whole(&scan), Lang::En).unwrap();
        assert_eq!(flow.rows.len(), 5);
        assert_eq!(flow.nodes.iter().filter(|node| node.class == "page").count(), 2);
        assert_eq!(flow.nodes.iter().filter(|node| node.class == "channel").count(), 3);
        assert_eq!(flow.nodes.len(), 2 + 3 + 4);
        assert_eq!(flow.legend, format!("{} {}", page::FLOW_THICKNESS.en, page::FLOW_POSSIBLE.en));
        assert_eq!(flow.edges.iter().filter(|edge| edge.class == "possible").count(), 2);
    }

    #[test]
    fn findings_alike_in_page_channel_and_recipient_are_one_way() {
        let mut scan = sample::scan();
        let mut twin = scan.findings[0].clone();
        twin.parameter = sample::own("other");
        scan.findings.push(twin);
        let flow = Flow::new(&Extract::whole(&scan), Lang::Da).unwrap();
        assert_eq!(flow.rows.len(), 5);
        assert_eq!((flow.rows[0].transmissions.as_str(), flow.rows[0].persons.as_str()), ("82", "≥ 1"));
    }

    #[test]
    fn a_thicket_is_not_drawn_and_says_so() {
        let mut scan = sample::scan();
        let base = scan.findings[0].clone();
        for number in 0..40 {
            let mut finding = base.clone();
            finding.recipient.domain = sample::own(format!("r{number}.test"));
            scan.findings.push(finding);
        }
        let flow = Flow::new(&Extract::whole(&scan), Lang::En).unwrap();
        assert!(flow.nodes.len() <= 3 * MAX_NODES);
        assert_eq!(flow.rows.len(), 45);
        assert!(flow.legend.ends_with("32 ways are not drawn; they are in the table."), "{}", flow.legend);
    }

    #[test]
    fn thickness_is_seen_or_not_spoken_of() {
        assert_eq!([1, 3, 12].map(|weight| thickness(weight, 12)), [4, 7, 12]);
        assert_eq!(thickness(u64::MAX, u64::MAX), 12);
        let mut scan = sample::scan();
        scan.findings.truncate(1);
        let flow = Flow::new(&Extract::whole(&scan), Lang::Da).unwrap();
        assert_eq!(flow.legend, "");
        scan.findings[0].undelivered = scan.findings[0].transmissions;
        let flow = Flow::new(&Extract::whole(&scan), Lang::Da).unwrap();
        assert_eq!(flow.legend, page::FLOW_TRIED.da);
        assert_eq!(flow.rows[0].transmissions, "41 (41 uden forbindelse)");
    }

    #[test]
    fn without_numbers_there_is_no_figure() {
        let mut scan = sample::scan();
        scan.findings.retain(|finding| finding.evidence.is_none());
        assert!(Flow::new(&Extract::whole(&scan), Lang::En).is_none());
    }

    #[test]
    fn boxes_stay_inside_and_apart() {
        let scan = sample::scan();
        let flow = Flow::new(&Extract::whole(&scan), Lang::En).unwrap();
        for (at, node) in flow.nodes.iter().enumerate() {
            assert!(node.y >= HEAD && node.y + node.height <= flow.height && node.x + node.width <= flow.width);
            let others = flow.nodes.iter().skip(at + 1).filter(|other| other.x == node.x);
            assert!(others.map(|other| other.y).all(|y| y >= node.y + node.height));
        }
    }
}
