//! What is made to exhaust a reader: it is read to a bound, the bound is told, and what stands before it is found.

use data_encoding::BASE64;
use detect::Inspector;
use flate2::{Compress, Compression, FlushCompress};
use model::{BlindSpotKind, Channel, Exchange, Identity};

use crate::kit::{self, CANARY, With as _, plain_inspector};
use crate::random::Random;

/// Bytes of each bomb, compressed.
const SIZE: usize = 10 << 20;

/// Zeros compressed at a time.
const RUN: usize = 1 << 20;

/// How the text of a bomb begins.
fn beginning() -> String {
    format!("{{\"cpr\":\"{CANARY}\",\"data\":\"")
}

/// What a compressor that is flushed after each `run` makes: the beginning's bytes, and those of one run among many.
fn flushed(mut compress: impl FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let head = [compress(beginning().as_bytes()), compress(&vec![b'0'; RUN])].concat();
    let run = compress(&vec![b'0'; RUN]);
    assert_eq!(run, compress(&vec![b'0'; RUN]), "runs are not alike: they cannot be repeated");
    let count = SIZE / run.len() + 1;
    [head, run.repeat(count)].concat()
}

fn deflated() -> Vec<u8> {
    let mut compressor = Compress::new(Compression::best(), false);
    flushed(|bytes| {
        let mut out = Vec::with_capacity(bytes.len() + 1_000);
        compressor.compress_vec(bytes, &mut out, FlushCompress::Full).unwrap();
        out
    })
}

fn brotli_compressed() -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), RUN, 1, 18);
    let mut done = 0;
    flushed(|bytes| {
        encoder.write_all(bytes).unwrap();
        encoder.flush().unwrap();
        let made = encoder.get_ref()[done..].to_vec();
        done += made.len();
        made
    })
}

/// A frame (RFC 8878 §3.1.1) of a raw block and blocks of one byte over and over.
fn zstd_compressed() -> Vec<u8> {
    let block = |kind: usize, size: usize| (kind << 1 | size << 3).to_le_bytes()[..3].to_vec();
    let text = beginning();
    let zeros = [block(1, 128 << 10), vec![b'0']].concat();
    [b"\x28\xb5\x2f\xfd\x00\x58".to_vec(), block(0, text.len()), text.into_bytes(), zeros.repeat(SIZE / zeros.len())]
        .concat()
}

/// Writes the codes of lz-string, six bits to a character of base64.
struct Codes {
    text: Vec<u8>,
    bits: u32,
    count: u32,
    width: u32,
    /// Codes until they grow by a bit.
    left: usize,
    entries: usize,
}

impl Codes {
    fn push(&mut self, code: usize, width: u32) {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for place in 0..width {
            self.bits = self.bits << 1 | u32::from(code >> place & 1 == 1);
            self.count += 1;
            if self.count == 6 {
                self.text.push(ALPHABET[self.bits as usize]);
                (self.bits, self.count) = (0, 0);
            }
        }
    }

    /// One entry more.
    fn count(&mut self) {
        self.entries += 1;
        self.left -= 1;
        if self.left == 0 {
            self.left = 1 << self.width;
            self.width += 1;
        }
    }
}

/// Characters spelt out, and then codes of which each stands for a stretch that is one longer than the last.
fn lz_string_compressed() -> Vec<u8> {
    let mut codes = Codes { text: Vec::new(), bits: 0, count: 0, width: 2, left: 1, entries: 3 };
    for (at, character) in beginning().bytes().enumerate() {
        codes.push(0, codes.width);
        codes.push(character.into(), 8);
        if at == 0 {
            (codes.width, codes.left, codes.entries) = (3, 4, 4);
            continue;
        }
        // An entry for the character, and one for it and the one before.
        codes.count();
        codes.count();
    }
    while codes.text.len() < SIZE {
        codes.push(codes.entries, codes.width);
        codes.count();
    }
    codes.text
}

fn numbers(inspector: &mut Inspector, exchange: &Exchange) -> (Vec<Channel>, Vec<BlindSpotKind>) {
    let inspection = inspector.inspect("bomb", exchange, None);
    let is_it = |identity: &Identity| *identity == Identity::Canary(kit::number(CANARY));
    let found = inspection.sightings.iter().filter(|sighting| is_it(&sighting.identity));
    let told = inspection.blind_spots.iter().map(|blind_spot| blind_spot.kind);
    (found.map(|sighting| sighting.channel).collect(), told.collect())
}

/// That a body's bound is told, and a number found in its beginning and beside it.
#[track_caller]
fn case(body: Vec<u8>) {
    let exchange = kit::get(&format!("https://maaling.test/c?cpr={CANARY}")).body(body);
    let (found, told) = numbers(&mut plain_inspector(), &exchange);
    assert!(told.contains(&BlindSpotKind::DecodeLimit), "{told:?}");
    assert!(found.contains(&Channel::UrlQuery) && found.contains(&Channel::Body), "{found:?}");
}

#[test]
fn a_bomb_of_deflate_is_bounded_in_every_wrapper() {
    let deflated = deflated();
    assert!(deflated.len() >= SIZE);
    case([b"\x1f\x8b\x08\0\0\0\0\0\0\xff", deflated.as_slice()].concat());
    case([b"\x78\xda", deflated.as_slice()].concat());
    case(deflated);
}

#[test]
fn a_bomb_of_brotli_is_bounded() {
    case(brotli_compressed());
}

#[test]
fn a_bomb_of_zstandard_is_bounded() {
    case(zstd_compressed());
}

#[test]
fn a_bomb_of_lz_string_is_bounded() {
    case(lz_string_compressed());
}

#[test]
fn a_header_of_fifty_megabytes_is_read_to_its_end() {
    let value = format!("{}cpr={CANARY}", "ord og flere ".repeat(4 << 20));
    let (found, _) = numbers(&mut plain_inspector(), &kit::get("https://maaling.test/c").header("X-Log", &value));
    assert_eq!(found, [Channel::Header]);
}

#[test]
fn ten_thousand_arrays_hide_nothing() {
    let body = format!("{}\"{CANARY}\"{}", "[".repeat(10_000), "]".repeat(10_000));
    let (found, told) = numbers(&mut plain_inspector(), &kit::get("https://maaling.test/c").body(body));
    assert_eq!((found, told), (vec![Channel::Body], vec![BlindSpotKind::DecodeLimit]));
}

#[test]
fn two_hundred_thousand_strings_are_told() {
    let strings: Vec<String> = (0..200_000).map(|at| format!("\"en tekst til {at:06} i alt\"")).collect();
    let body = format!("[{},\"{CANARY}\"]", strings.join(","));
    assert!(body.len() >= 5 << 20);
    let (found, told) = numbers(&mut plain_inspector(), &kit::get("https://maaling.test/c").body(body));
    assert_eq!((found, told), (vec![Channel::Body], vec![BlindSpotKind::DecodeLimit]));
}

#[test]
fn twenty_megabytes_of_noise_in_base64_end() {
    let mut random = Random::new();
    let noise: Vec<u8> = (0..15 << 17).flat_map(|_| random.next().to_le_bytes()).collect();
    let encoded = BASE64.encode(&noise);
    let exchange = kit::get("https://maaling.test/c").body(format!("a={encoded}&cpr={CANARY}"));
    assert_eq!(numbers(&mut plain_inspector(), &exchange).0, [Channel::Body]);
}
