//! The bytes that are searched: a web server's log, made up from a seed, and recorded HAR files end to end.

use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;

/// Text with the places of the numbers planted in it.
pub struct Text {
    pub bytes: Vec<u8>,
    pub planted: Vec<Planted>,
}

/// A number put into the text.
pub struct Planted {
    pub range: Range<usize>,
    /// Whether its dash is `%2D`.
    pub is_encoded: bool,
}

/// Bytes from one leak to the next: some 50 in 256 MB.
const LEAK_EVERY: usize = 5 << 20;

/// Made-up numbers: nobody's, or published as examples.
const NUMBERS: [(&str, &str); 4] = [("010145", "5001"), ("010190", "1234"), ("070761", "4285"), ("251248", "9996")];

/// How a leaked number is written; every fourth has its dash encoded.
const SEPARATORS: [&str; 4] = ["%2D", "-", "", "-"];

/// Chance from a seed (splitmix64): the same text on each run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, a & 0xffff, b & 0xfff, b >> 52, b >> 16)
    }

    fn word(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        (0..length).map(|_| char::from(LETTERS[self.below(64) as usize])).collect()
    }
}

/// Combined log lines with what telemetry puts into them: ids, stamps, uuids, click ids, pages as parameters.
pub fn log(length: usize) -> Text {
    let mut chance = Chance(20_261_122);
    let mut text = Text { bytes: Vec::with_capacity(length + 1_000), planted: Vec::new() };
    while text.bytes.len() < length {
        let leak = (text.bytes.len() / LEAK_EVERY >= text.planted.len()).then_some(text.planted.len());
        line(&mut chance, leak, &mut text);
    }
    text
}

fn line(chance: &mut Chance, leak: Option<usize>, text: &mut Text) {
    let Text { bytes, planted } = text;
    let (a, b, c) = (chance.below(223) + 1, chance.below(256), chance.below(256));
    let (hour, minute, second) = (chance.below(24), chance.below(60), chance.below(60));
    let stamp = 1_764_000_000 + chance.below(20_000_000);
    let id = chance.below(1 << 31);
    let mut put = |piece: String| bytes.write_all(piece.as_bytes()).expect("memory takes all");
    put(format!("{a}.{b}.{c}.{} - - [22/Nov/2026:{hour:02}:{minute:02}:{second:02} +0100] ", chance.below(256)));
    match chance.below(4) {
        0 => {
            put(format!("\"GET /g/collect?v=2&tid=G-{}&_p={}&cid={id}.{stamp}", chance.word(10), chance.below(1 << 31)))
        }
        1 => put(format!(
            "\"GET /side?gclid={}&_ga=2.{}.{}.{stamp}-{id}.{stamp}",
            chance.word(60),
            chance.below(1 << 28),
            chance.below(1 << 31)
        )),
        2 => put(format!("\"POST /api/v1/sager/{}?ts={stamp}{:03}", chance.uuid(), chance.below(1000))),
        _ => put(format!("\"GET /static/app.{:08x}.js?v={}", chance.below(1 << 32), chance.below(100_000))),
    }
    put(format!("&dl=https%3A%2F%2Fwww.selvbetjening.test%2Fside%2F{}%3Fid%3D{}", chance.below(10_000), chance.uuid()));
    if let Some(number) = leak {
        let ((date, serial), separator) = (NUMBERS[number / 4 % 4], SEPARATORS[number % 4]);
        put(if number % 8 < 4 { "%26cpr%3D".to_owned() } else { "&cpr=".to_owned() });
        let start = bytes.len();
        bytes.extend([date, separator, serial].concat().bytes());
        planted.push(Planted { range: start..bytes.len(), is_encoded: separator == "%2D" });
    }
    let mut put = |piece: String| bytes.write_all(piece.as_bytes()).expect("memory takes all");
    put(format!(" HTTP/1.1\" 200 {} \"https://www.selvbetjening.test/?u={id}\" ", chance.below(100_000)));
    put(format!(
        "\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{}.0.0.0 Safari/537.36\"\n",
        110 + chance.below(46)
    ));
}

/// All HAR files of `folder`, end to end, until there are `length` bytes. Nothing is planted there.
pub fn hars(folder: &Path, length: usize) -> std::io::Result<Text> {
    let mut files = Vec::new();
    for path in har_files(folder)? {
        files.push(fs::read(path)?);
    }
    let once = files.concat();
    if once.is_empty() {
        return Err(std::io::Error::other(format!("no HAR files in {}", folder.display())));
    }
    Ok(Text { bytes: once.repeat(length.div_ceil(once.len())), planted: Vec::new() })
}

/// The HAR files of a folder, in order.
pub fn har_files(folder: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut paths: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "har"));
    paths.sort();
    Ok(paths)
}
