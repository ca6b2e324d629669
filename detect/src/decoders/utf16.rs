//! UTF-16, with its mark or without: known by the NULs beside ASCII.

use super::json_value::push;
use super::{Decoded, Decoder, Piece, RawStep, SHORTEST_NUMBER};
use crate::glance::{Glance, HIGH, NUL};
use crate::opaque::is_opaque;
use crate::seek::count;

/// The marks of both byte orders (RFC 2781 §3.2).
const LITTLE: [u8; 2] = [0xff, 0xfe];
const BIG: [u8; 2] = [0xfe, 0xff];

/// Units whose high byte is NUL, at least, in percent, where no mark tells: Danish has nearly all.
const LEAST_LATIN: usize = 80;

/// Units whose low byte is NUL, at most, in percent: numbers in binary have them, text has none.
const MOST_NUL: usize = 5;

pub(crate) struct Utf16;

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Decoder for Utf16 {
    fn id(&self) -> &'static str {
        "utf16"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(NUL | HIGH) || view.bytes.len() < SHORTEST_NUMBER * 2 {
            return None;
        }
        let marked = marked(view.bytes);
        let (order, bytes) = marked.or_else(|| Some((guessed(view)?, view.bytes)))?;
        let (pairs, odd) = bytes.as_chunks::<2>();
        let units = pairs.iter().map(|pair| match order {
            Order::Little => u16::from_le_bytes(*pair),
            Order::Big => u16::from_be_bytes(*pair),
        });
        let mut text = Vec::with_capacity(pairs.len());
        let mut faults = 0_usize;
        for character in char::decode_utf16(units) {
            faults += usize::from(character.is_err());
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            if marked.is_none() && character.is_control() && !character.is_whitespace() {
                return None;
            }
            push(character, &mut text);
        }
        // A mark can be there by chance, and then NULs or halves of characters mostly are, too. Without either it is believed
        // whatever else comes out: scripts keep compressed bytes as characters, many of them control characters.
        let is_sure = marked.is_some() && faults == 0 && !text.contains(&0);
        if faults * 100 > pairs.len() * MOST_NUL || (!is_sure && is_opaque(&text)) {
            return None;
        }
        let is_all = odd.is_empty() && faults == 0;
        Some(Decoded { pieces: vec![Piece::new(vec![RawStep::Undo(self.id())], text)], is_all, problem: None })
    }
}

fn marked(bytes: &[u8]) -> Option<(Order, &[u8])> {
    let little = bytes.strip_prefix(&LITTLE).map(|text| (Order::Little, text));
    little.or_else(|| bytes.strip_prefix(&BIG).map(|text| (Order::Big, text)))
}

fn guessed(view: &Glance<'_>) -> Option<Order> {
    if !view.has(NUL) {
        return None;
    }
    let (pairs, _) = view.bytes.as_chunks::<2>();
    // In either order there are so many at least.
    if count(view.bytes, |byte| byte == 0) * 100 < pairs.len() * LEAST_LATIN {
        return None;
    }
    let count = |test: fn(&[u8; 2]) -> bool| pairs.iter().filter(|pair| test(pair)).count() * 100;
    let first = count(|[first, _]| *first == 0);
    let second = count(|[_, second]| *second == 0);
    let (most, least) = (pairs.len() * LEAST_LATIN, pairs.len() * MOST_NUL);
    match (first, second) {
        _ if second >= most && first <= least => Some(Order::Little),
        _ if first >= most && second <= least => Some(Order::Big),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[track_caller]
    fn case(bytes: &[u8], expected: Option<&str>) {
        let decoded = Utf16.decode(&Glance::new(bytes));
        let text = decoded.map(|decoded| String::from_utf8(decoded.pieces[0].bytes.clone()).unwrap());
        assert_eq!(text.as_deref(), expected);
    }

    #[test]
    fn both_orders_are_read_with_and_without_mark() {
        let text = "Årsopgørelse cpr=010190–1234 😀";
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            case(&encoded(text, bytes), Some(text));
            case(&encoded(&format!("\u{feff}{text}"), bytes), Some(text));
        }
        case(&encoded("\u{feff}年末調整 ٠١٠١٩٠١٢٣٤", u16::to_le_bytes), Some("年末調整 ٠١٠١٩٠١٢٣٤"));
    }

    #[test]
    fn behind_a_mark_compressed_bytes_may_be_characters() {
        let text = "{\"cpr\":\"x\u{9c}ÓØªÿ\u{97}Á¢\u{96}\u{81}\u{83}\u{81}¡\u{81}¡\u{89}©®©\u{81}\u{99}\"}";
        assert!(is_opaque(text.as_bytes()));
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            case(&encoded(&format!("\u{feff}{text}"), bytes), Some(text));
            case(&encoded(text, bytes), None);
        }
    }

    #[test]
    fn a_cut_character_is_left_to_the_raw_bytes() {
        let mut bytes = encoded("cpr=0101901234", u16::to_le_bytes);
        bytes.push(b'5');
        let decoded = Utf16.decode(&Glance::new(&bytes)).unwrap();
        assert_eq!(decoded.pieces[0].bytes, b"cpr=0101901234");
        assert!(!decoded.is_all);
    }

    #[test]
    fn other_bytes_are_not_it() {
        case("cpr=0101901234 æøå and so on".as_bytes(), None);
        case(&[0; 100], None);
        case(b"\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04", None);
        case(b"\xff\xfe\x00\xd8\x00\xd8\x00\xd8\x00\xd8\x00\xd8\x00\xd8\x00\xd8\x00\xd8\x00\xd8", None);
        let utf_32: Vec<u8> = "\u{feff}0101901234".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        case(&utf_32, None);
        let image = [&b"\x00\x00"[..], &encoded("a wide string", u16::to_le_bytes)].concat();
        case(&image, None);
        case(b"0101901234\x00 and text that is no UTF-16 at all", None);
    }
}
