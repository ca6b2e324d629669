//! Escapes read where they stand, in text that is not decoded: what one says, and where the text behind it begins.
//!
//! For [`crate::candidate`] alone, which looks at a few bytes around some digits. Decoding is for [`crate::decoders`].

/// Layers of percent-encoding read at once, as `%2525252D` has four; more is no traffic but a test of ours.
const MAX_PERCENT: usize = 64;

/// Backslashes before one escape: JSON in JSON doubles them each time.
const MAX_BACKSLASHES: usize = 16;

/// Escapes that say how the next begins, as in `&amp;#45;`.
const MAX_NESTED: usize = 4;

/// Longest name of an entity here, and most digits of a numbered one.
const MAX_ENTITY: usize = 8;

/// Entities that stand between date and serial, or begin another.
const ENTITIES: [(&[u8], u32); 13] = [
    (b"amp", 0x26),
    (b"dash", 0x2010),
    (b"horbar", 0x2015),
    (b"hyphen", 0x2010),
    (b"lowbar", 0x5f),
    (b"mdash", 0x2014),
    (b"minus", 0x2212),
    (b"nbsp", 0xa0),
    (b"ndash", 0x2013),
    (b"period", 0x2e),
    (b"plus", 0x2b),
    (b"shy", 0xad),
    (b"sol", 0x2f),
];

/// Whether one of these may begin so: parameters that begin otherwise are many, and told at a glance.
#[inline]
pub(crate) fn begins_entity(three: [u8; 3]) -> bool {
    matches!(
        &three,
        b"amp"
            | b"das"
            | b"hor"
            | b"hyp"
            | b"low"
            | b"mda"
            | b"min"
            | b"nbs"
            | b"nda"
            | b"per"
            | b"plu"
            | b"shy"
            | b"sol"
    )
}

/// A byte or a character, however it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Below 0x100 a byte, from there on a character.
    pub(crate) code: u32,
    /// Where what is behind it begins.
    pub(crate) end: usize,
}

/// What stands at `at`: the byte, or what the escape that begins there says.
pub(crate) fn unit(bytes: &[u8], at: usize) -> Option<Unit> {
    let mut unit = byte(bytes, at)?;
    for _ in 0..MAX_NESTED {
        let inner = match unit.code {
            0x25 => percent(bytes, unit.end),
            0x26 => entity(bytes, unit.end),
            0x3d => hex(bytes, unit.end, 2),
            0x5c => backslash(bytes, unit.end),
            _ => None,
        };
        match inner {
            Some(inner) => unit = inner,
            None => break,
        }
    }
    Some(unit)
}

/// Whether the digits at `run`, the first of a run, may begin with those of an escape: else they open where they stand.
#[inline]
pub(crate) fn may_open_later(bytes: &[u8], run: usize) -> bool {
    let before = run.checked_sub(1).and_then(|at| bytes.get(at));
    match before {
        Some(b'%' | b'u' | b'x' | b'a'..=b'f' | b'A'..=b'F') => true,
        // The most frequent by far: only what `quoted` reads.
        Some(b'=') => matches!(bytes.get(run..), Some([b'2', b'0', ..] | [b'8' | b'9', ..])),
        _ => false,
    }
}

/// Where the text of the digits at `run` begins, the first of a run: not at the hex digits of an escape that stands glued
/// before it. Twice where it can be read in two ways.
pub(crate) fn openings(bytes: &[u8], run: usize) -> [Option<usize>; 2] {
    let before = |by: usize| run.checked_sub(by).and_then(|at| bytes.get(at)).copied();
    let escape = match before(1) {
        Some(b'%') => percent(bytes, run),
        Some(b'u') if before(2) == Some(b'%') || is_backslash_before(bytes, run - 1) => hex(bytes, run, 4),
        Some(b'x') if is_backslash_before(bytes, run - 1) => hex(bytes, run, 2),
        Some(b'=') => return [Some(run), quoted(bytes, run)],
        Some(b'a'..=b'f' | b'A'..=b'F') => half_read(bytes, run),
        _ => return [Some(run), None],
    };
    match escape {
        None => [Some(run), None],
        // What is behind is another run, or the digit goes on with another digit.
        Some(unit) if !is_digits(bytes, run, unit.end) || is_digit(unit) => [None, None],
        Some(unit) => [Some(unit.end), None],
    }
}

/// Whether an escape at `at` says a digit: then digits before it go on.
pub(crate) fn goes_on(bytes: &[u8], at: usize) -> bool {
    // `=` is what stands behind a value far more often than the start of a digit in quoted-printable.
    matches!(bytes.get(at), Some(b'%' | b'&' | b'\\')) && unit(bytes, at).is_some_and(is_digit)
}

/// The byte at `at`, percent-encoding undone.
fn byte(bytes: &[u8], at: usize) -> Option<Unit> {
    let raw = *bytes.get(at)?;
    let escaped = if raw == b'%' { percent(bytes, at + 1) } else { None };
    Some(escaped.unwrap_or(Unit { code: raw.into(), end: at + 1 }))
}

/// What a `%` before `at` says, in any depth: `2D`, `252D`.
fn percent(bytes: &[u8], mut at: usize) -> Option<Unit> {
    for _ in 0..MAX_PERCENT {
        let unit = hex(bytes, at, 2)?;
        if unit.code != 0x25 || hex(bytes, unit.end, 2).is_none() {
            return Some(unit);
        }
        at = unit.end;
    }
    None
}

/// What a `\` before `at` says: `u2013`, `x2d`, `/`.
fn backslash(bytes: &[u8], at: usize) -> Option<Unit> {
    let mut unit = byte(bytes, at)?;
    for _ in 0..MAX_BACKSLASHES {
        match unit.code {
            0x5c => unit = byte(bytes, unit.end)?,
            0x75 => return hex(bytes, unit.end, 4),
            0x78 => return hex(bytes, unit.end, 2),
            0x2f => return Some(unit),
            _ => return None,
        }
    }
    None
}

/// What an `&` before `at` says: `#45;`, `#x2d;`, `ndash;`.
fn entity(bytes: &[u8], at: usize) -> Option<Unit> {
    let first = byte(bytes, at)?;
    let (radix, name_at) = match first.code {
        0x23 if matches!(bytes.get(first.end), Some(b'x' | b'X')) => (16, first.end + 1),
        0x23 => (10, first.end),
        _ => (0, at),
    };
    let rest = bytes.get(name_at..)?;
    let name: &[u8] = rest.get(..rest.iter().take(MAX_ENTITY).take_while(|b| b.is_ascii_alphanumeric()).count())?;
    let end = byte(bytes, name_at + name.len()).filter(|unit| unit.code == 0x3b)?.end;
    let code = match radix {
        0 => ENTITIES.iter().find(|(known, _)| *known == name)?.1,
        radix => u32::from_str_radix(std::str::from_utf8(name).ok()?, radix).ok()?,
    };
    char::from_u32(code).map(|_| Unit { code, end })
}

/// So many hex digits at `at`.
fn hex(bytes: &[u8], at: usize, count: usize) -> Option<Unit> {
    let end = at.checked_add(count)?;
    let code =
        bytes.get(at..end)?.iter().try_fold(0, |code, byte| Some(code * 16 + char::from(*byte).to_digit(16)?))?;
    Some(Unit { code, end })
}

/// Where the text behind `=20` begins, or behind `=E2=80=93`. Other digits behind `=` are a value's own.
fn quoted(bytes: &[u8], run: usize) -> Option<usize> {
    let unit = hex(bytes, run, 2)?;
    let continues = || {
        let introducer = run.checked_sub(4).and_then(|at| bytes.get(at));
        introducer == Some(&b'=') && hex(bytes, run - 3, 2).is_some_and(|before| before.code >= 0x80)
    };
    let is_escape = unit.code == 0x20 || (unit.code >= 0x80 && continues());
    (is_escape && is_digits(bytes, run, unit.end)).then_some(unit.end)
}

/// The escape that the letter before `run` belongs to: `%A0`, `=A0`, `\xa0`, `\u00a0`.
fn half_read(bytes: &[u8], run: usize) -> Option<Unit> {
    let letter = run.checked_sub(1)?;
    let introducer = *bytes.get(letter.checked_sub(1)?)?;
    let is_of_two = match introducer {
        b'=' => true,
        b'x' => is_backslash_before(bytes, letter - 1),
        _ => is_percent_before(bytes, letter),
    };
    if is_of_two {
        return hex(bytes, letter, 2);
    }
    (1..4).find_map(|read| {
        let u = run.checked_sub(read + 1).filter(|at| bytes.get(*at) == Some(&b'u'))?;
        let is_escape = is_backslash_before(bytes, u) || u.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'%');
        if is_escape { hex(bytes, u + 1, 4) } else { None }
    })
}

/// Whether `at` stands behind `%`, or behind `%25`, `%2525` ...
fn is_percent_before(bytes: &[u8], mut at: usize) -> bool {
    for _ in 0..MAX_PERCENT {
        let head = bytes.get(..at).unwrap_or_default();
        if head.ends_with(b"%") {
            return true;
        }
        if !head.ends_with(b"25") {
            return false;
        }
        at -= 2;
    }
    false
}

/// Whether `at` stands behind a backslash, which may be percent-encoded.
fn is_backslash_before(bytes: &[u8], at: usize) -> bool {
    let head = bytes.get(..at).unwrap_or_default();
    head.ends_with(b"\\") || head.ends_with(b"5C") || head.ends_with(b"5c")
}

fn is_digits(bytes: &[u8], from: usize, to: usize) -> bool {
    bytes.get(from..to).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
}

fn is_digit(unit: Unit) -> bool {
    (0x30..0x3a).contains(&unit.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_is_told_by_its_beginning() {
        for (name, _) in ENTITIES {
            assert!(name.first_chunk().is_some_and(|three| begins_entity(*three)), "{}", name.escape_ascii());
        }
        assert!(!begins_entity(*b"sor") && !begins_entity(*b"AMP"));
    }

    #[track_caller]
    fn case(text: &[u8], code: u32) {
        assert_eq!(unit(text, 0), Some(Unit { code, end: text.len() - 1 }), "{text:?}");
    }

    /// `text` begins with what stands before the run of digits.
    #[track_caller]
    fn opening(before: &str, digits: &str, expected: [Option<usize>; 2]) {
        let found = openings(format!("{before}{digits} ").as_bytes(), before.len());
        assert_eq!(found, expected.map(|glued| glued.map(|glued| before.len() + glued)), "{before}{digits}");
    }

    #[test]
    fn an_escape_says_what_it_means() {
        case(b"-1", 0x2d);
        case(b"%2D1", 0x2d);
        case(b"%25252d1", 0x2d);
        case(b"\\u20131", 0x2013);
        case(b"\\\\\\\\u20131", 0x2013);
        case(b"\\x2d1", 0x2d);
        case(b"\\/1", 0x2f);
        case(b"&#45;1", 0x2d);
        case(b"&#x2D;1", 0x2d);
        case(b"&ndash;1", 0x2013);
        case(b"=2D1", 0x2d);
    }

    #[test]
    fn escapes_within_escapes_are_undone() {
        case(b"%5Cu20131", 0x2013);
        case(b"%26%2345%3B1", 0x2d);
        case(b"&amp;ndash;1", 0x2013);
        case(b"\\u0026#45;1", 0x2d);
        case(b"\\u00252D1", 0x2d);
        case(b"%3D2D1", 0x2d);
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        for text in [&b"%"[..], b"%2", b"%zz", b"\\u20", b"\\n", b"&#45", b"&#;", b"&euro;", b"=", b"&#99999999;"] {
            assert_eq!(unit(text, 0), Some(Unit { code: u32::from(text[0]), end: 1 }), "{text:?}");
        }
        assert_eq!(unit(b"", 0), None);
    }

    #[test]
    fn a_run_opens_behind_the_escape_glued_before_it() {
        opening("?a=b ", "0101901234", [Some(0), None]);
        opening("%", "200101901234", [Some(2), None]);
        opening("%", "25200101901234", [Some(4), None]);
        opening("%E2%80%", "930101901234", [Some(2), None]);
        opening("%C2%A", "00101901234", [Some(1), None]);
        opening("%25C2%25A", "00101901234", [Some(1), None]);
        opening("\\u", "20130101901234", [Some(4), None]);
        opening("%5Cu", "20130101901234", [Some(4), None]);
        opening("%u", "20130101901234", [Some(4), None]);
        opening("\\u00a", "00101901234", [Some(1), None]);
        opening("\\u1e", "900101901234", [Some(2), None]);
        opening("\\x", "200101901234", [Some(2), None]);
        opening("=", "200101901234", [Some(0), Some(2)]);
        opening("=E2=80=", "930101901234", [Some(0), Some(2)]);
        opening("x=", "930101901234", [Some(0), None]);
        opening("%3D", "0101901234", [Some(0), None]);
        opening("%2F", "0101901234", [Some(0), None]);
        opening("id:a", "0101901234", [Some(0), None]);
        opening("menu", "2012345678", [Some(0), None]);
    }

    #[test]
    fn a_run_within_an_escape_opens_nowhere() {
        opening("%", "2F", [None, None]);
        opening("\\u", "20ac", [None, None]);
        opening("%", "310101901234", [None, None]);
        opening("\\u", "00310101901234", [None, None]);
    }

    #[test]
    fn a_digit_in_an_escape_goes_on_with_the_digits() {
        for text in [&b"%31"[..], b"%2531", b"\\u0031", b"\\x31", b"&#49;"] {
            assert!(goes_on(text, 0), "{text:?}");
        }
        for text in [&b""[..], b"%20", b"&b=1", b"\\n", b"=31", b"1"] {
            assert!(!goes_on(text, 0), "{text:?}");
        }
    }
}
