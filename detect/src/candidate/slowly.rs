//! The finder against a slow look at every run of digits, on pieces of numbers and on any bytes.

use super::*;

/// What [`find`] finds, slowly: every run of digits is looked at, and nothing is told in advance.
fn slowly(bytes: &[u8]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for run in 0..bytes.len() {
        let is_start = bytes[run].is_ascii_digit() && !(run > 0 && bytes[run - 1].is_ascii_digit());
        if !is_start || found.last().is_some_and(|last| run < last.range.end) {
            continue;
        }
        let read = |start: usize| {
            let count = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            candidate_of(bytes, start, count)
        };
        let readings = openings(bytes, run).into_iter().flatten().filter_map(read);
        found.extend(readings.max_by_key(|candidate| candidate.range.end));
    }
    found
}

/// Bytes by chance, the same each time (xorshift).
fn random() -> impl FnMut(usize) -> usize {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |limit| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % limit
    }
}

#[test]
fn nothing_is_missed_that_a_slow_look_finds() {
    // What numbers are made of, and what stands before and between.
    const PIECES: &[&str] = &[
        "01",
        "01",
        "90",
        "45",
        "19",
        "20",
        "1234",
        "5001",
        "010190",
        "010145",
        "01011990",
        "19900101",
        "0101901234",
        "0101455001",
        "010119901234",
        "1990",
        "2045",
        "2037",
        "7",
        "0",
        "%",
        "%20",
        "%25",
        "%2D",
        "%2F",
        "%2f",
        "%C2%A0",
        "%252D",
        "%E2%80%93",
        "-",
        "-",
        "-",
        " ",
        " - ",
        ".",
        "/",
        "_",
        "+",
        "\\/",
        "\\u2013",
        "\\u00a0",
        "\\u1e90",
        "\\u201a",
        "\\x2d",
        "\\xa0",
        "%u2013",
        "%5Cu2013",
        "=",
        "=20",
        "=2D",
        "=E2=80=93",
        "=A0",
        "&",
        "&#45;",
        "&ndash;",
        "&amp;",
        "&nbsp;",
        "\u{2013}",
        "\u{a0}",
        "a",
        "u",
        "x",
        "F",
        "5C",
        "25",
        ",",
        "\"",
        "(",
    ];
    let mut random = random();
    let mut seen = 0;
    for length in (1..40).chain([100, 200, 700]).cycle().take(12_000) {
        let text: String = (0..length).map(|_| PIECES[random(PIECES.len())]).collect();
        let found = slowly(text.as_bytes());
        seen += found.len();
        assert_eq!(candidates(text.as_bytes()), found, "{text}");
    }
    assert!(seen > 10_000, "{seen}");
}

#[test]
fn nothing_is_missed_in_any_bytes() {
    const TELLING: &[u8] = b"0101901201190%&=\\-./ _+uxaF\x80\xe2\x93\xc2\xa0";
    let mut random = random();
    for length in (0..200).chain([1_000, 1_100, 2_200]).cycle().take(10_000) {
        let any: Vec<u8> = (0..length).map(|_| u8::try_from(random(256)).unwrap()).collect();
        let telling: Vec<u8> = (0..length).map(|_| TELLING[random(TELLING.len())]).collect();
        for bytes in [any, telling] {
            assert_eq!(candidates(&bytes), slowly(&bytes), "{}", bytes.escape_ascii());
        }
    }
}
