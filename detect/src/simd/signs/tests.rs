//! Each kind of sign wherever it stands in a block, and every kernel against the one that looks at bytes one by one.

use std::collections::BTreeSet;

use super::*;

const NAMES: Initials = Initials::of(&[(1, b"cpr"), (1, b"civil"), (1 << 3, b"dob"), (1 << 7, "f\u{f8}d".as_bytes())]);

type Told = (Vec<(Sign, Range<usize>)>, Others);

fn found(bytes: &[u8]) -> Told {
    let mut found = Vec::new();
    let others = signs(bytes, &NAMES, &mut |sign, place| found.push((sign, place)));
    (found, others)
}

/// Asks each kernel that this processor has, and tells what they all say.
#[track_caller]
fn same(bytes: &[u8], why: &str) -> Told {
    let mut scalar = Vec::new();
    let others = scan(scalar::Scalar, bytes, &NAMES, &mut |sign, place| scalar.push((sign, place)));
    let scalar = (scalar, others);
    assert!(found(bytes) == scalar, "{why}: {:?}, and one by one {:?}", found(bytes), scalar);
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = Avx2::detected() {
        let mut found = Vec::new();
        let others = avx2::scan_wide(kernel, bytes, &NAMES, &mut |sign, place| found.push((sign, place)));
        assert!((&found, &others) == (&scalar.0, &scalar.1), "{why}: {found:?}, and one by one {scalar:?}");
    }
    scalar
}

#[track_caller]
fn case(text: &str, expected: &[Sign]) {
    for before in 0..3 * BLOCK {
        let bytes = [&vec![b'.'; before], text.as_bytes(), b"...."].concat();
        let (told, _) = same(&bytes, text);
        let kinds: BTreeSet<Sign> = told.into_iter().map(|(sign, _)| sign).collect();
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected, "{before} before {text}");
    }
}

#[test]
fn words_dates_and_addresses_are_no_signs() {
    for text in [
        "selvbetjening/borger/aarsopgoerelse",
        "192.168.100.200",
        "[10/Oct/2024:13:55:36 +0200]",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
        "Safari/537.36",
        "x=12;nr=70000;y=2024",
        "https://www.borger.test/Hjem/Side",
    ] {
        case(text, &[]);
    }
}

#[test]
fn tokens_are_signs_wherever_they_stand() {
    case("MDEwMTkwMTIzNA", &[Sign::Run]);
    case("30313031393031323334", &[Sign::Run]);
    case("3031303139303132333a", &[Sign::Run]);
    case("GEYTAMJZGAYTEMZUA", &[Sign::Run]);
    case("GAYTAMJZGAYTEMZU", &[Sign::Run]);
    case("N4IgLgpg", &[]);
    case("N4IgLgpgTAjABDOAOA", &[Sign::Run]);
    case("=30=31=30", &[Sign::Start, Sign::Quoted]);
    case("a%2Fselvbetjening", &[Sign::Escape]);
    case("\u{e6}", &[Sign::High]);
    case("\\x", &[Sign::Escape]);
}

#[test]
fn numbers_and_names_are_signs_wherever_they_stand() {
    case("0101455001", &[Sign::Start]);
    case(" 010145-5001", &[Sign::Start]);
    case("01.01.45 5001", &[Sign::Start]);
    case("?CPR=", &[Sign::Name]);
    case("?Civil=", &[Sign::Name]);
    case("?dob=", &[Sign::Name]);
    case("?cir=", &[Sign::Name]);
    case("?crr=", &[]);
    case("F\u{f8}d", &[Sign::High, Sign::Name]);
}

#[test]
fn a_run_is_told_whole() {
    let run = "abcDEF123ghiJKL456mno";
    for before in 0..3 * BLOCK {
        for length in [11, 15, 21] {
            let run = run.get(..length).unwrap();
            let text = format!("{}{run}{}", ".".repeat(before), ".".repeat(before % 7));
            let (told, _) = same(text.as_bytes(), run);
            assert!(
                !told.is_empty() && told.iter().all(|told| *told == (Sign::Run, before..before + length)),
                "{told:?}"
            );
        }
    }
    // At the least 64 characters to either side of where it is found.
    let text = format!("{}{}.", ".".repeat(10), run.repeat(20));
    for (_, place) in same(text.as_bytes(), "long").0 {
        assert!(place.start >= 10 && place.end < text.len() && place.len() >= BLOCK);
        assert!(place.len() == 2 * BLOCK - 1 || place.start == 10 || place.end == text.len() - 1, "{place:?}");
    }
}

#[test]
fn lines_and_nul_bytes_are_seen() {
    for length in [0, 1, 63, 64, 65, 2_000, 2_048, 4_000, 10_000] {
        let mut bytes = vec![b'a'; length];
        assert_eq!(same(&bytes, "none").1, Others::default(), "{length}");
        let mut ends = 0;
        for at in (0..length).step_by(37) {
            bytes[at] = b'\n';
            ends += 1;
        }
        assert_eq!(same(&bytes, "ends").1, Others { line_ends: ends, has_nul: false }, "{length}");
        if let Some(last) = bytes.last_mut() {
            *last = 0;
            assert!(same(&bytes, "NUL").1.has_nul);
        }
    }
}

#[test]
fn all_kernels_find_the_same() {
    let mut state = 88_172_645_463_325_252_u64;
    let lengths = (0..6 * BLOCK).chain([BATCH * BLOCK - 1, BATCH * BLOCK, WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW]);
    for length in lengths {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let telling = b"aZ09%\\#=+-/_$\x80\xff xyzABC123.&01cCpPrRdob\n\0";
                if state & 1 << 40 == 0 {
                    state.to_le_bytes()[3]
                } else {
                    telling[usize::try_from(state >> 33).unwrap() % telling.len()]
                }
            })
            .collect();
        same(&bytes, "random");
    }
}

#[test]
fn starts_are_those_of_the_finder() {
    let mut state = 1_234_567_u64;
    for length in (0..400).chain([2_100, 5_000]) {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                b"0123456789019%&=\\-./ uxaD"[usize::try_from(state >> 33).unwrap() % 25]
            })
            .collect();
        let told = found(&bytes).0.into_iter().filter(|(sign, _)| *sign == Sign::Start).map(|(_, place)| place.start);
        let mut expected = Vec::new();
        crate::simd::starts(&bytes, &mut |at| expected.push(at));
        // Short text with too few digits is passed over there.
        let told: Vec<usize> = told.collect();
        assert!(
            told == expected || (expected.is_empty() && length <= BLOCK),
            "{length}: {told:?}, and not {expected:?}"
        );
    }
}
