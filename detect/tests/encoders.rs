//! Every encoding that the detector undoes, as senders write it: what each takes, and what it makes of that.

use std::io::Write as _;

use data_encoding::{BASE32, BASE64, BASE64_MIME, BASE64URL_NOPAD, HEXLOWER};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number as somebody writes it, and nothing else.
    Number,
    /// Printable ASCII that is read as a whole, and not amid other text: lz-string and base32.
    Token,
    /// Printable ASCII and line ends.
    Ascii,
    /// Text in UTF-8 without control characters.
    Printable,
    /// Characters of any script in any order, and nothing else.
    Foreign,
    /// Text in UTF-8, control characters among it.
    Text,
    /// Bytes that show what they are: with the magic of a compressor, or UTF-16.
    Signed,
    /// Any other bytes.
    Unsigned,
    /// Bytes among text, made to be sent as they are, or compressed as a whole.
    Body,
}

/// An encoding that a sender may apply.
#[derive(Clone, Copy)]
pub(crate) struct Encoder {
    pub(crate) name: &'static str,
    pub(crate) takes: &'static [Kind],
    /// What it makes; `None` where that is what it took, in something of its own.
    gives: Option<Kind>,
    /// `None` where no sender would, whatever the kind: the encoder says why.
    encode: fn(&[u8]) -> Option<Vec<u8>>,
}

const ALL: &[Kind] =
    &[Kind::Number, Kind::Token, Kind::Ascii, Kind::Printable, Kind::Foreign, Kind::Text, Kind::Signed, Kind::Unsigned];

/// Whatever a string of a script can hold.
const TEXTS: &[Kind] = &[Kind::Number, Kind::Token, Kind::Ascii, Kind::Printable, Kind::Foreign, Kind::Text];

/// What is written in ASCII again. lz-string in UTF-16 is not: it has spellings in ASCII of its own.
const NOT_FOREIGN: &[Kind] =
    &[Kind::Number, Kind::Token, Kind::Ascii, Kind::Printable, Kind::Text, Kind::Signed, Kind::Unsigned];
const FAMILIAR: &[Kind] = &[Kind::Number, Kind::Token, Kind::Ascii, Kind::Printable, Kind::Text];

/// Guesses of short strings: what comes out must show what it is, since a guess upon a guess finds text in any noise.
const SIGNED: &[Kind] = &[Kind::Number, Kind::Token, Kind::Ascii, Kind::Printable, Kind::Text, Kind::Signed];

/// What markup may hold.
const PRINTABLE: &[Kind] = &[Kind::Number, Kind::Token, Kind::Ascii, Kind::Printable];

/// Text that is worth compressing without a magic: a message, and neither a number alone nor what is compressed already.
const MESSAGE: &[Kind] = &[Kind::Ascii, Kind::Printable];

/// Shortest message.
const SHORTEST_MESSAGE: usize = 24;

/// All of them.
pub(crate) const ENCODERS: &[Encoder] = &[
    new("percent", ALL, Some(Kind::Ascii), |bytes| Some(escaped(bytes)).filter(|escaped| escaped != bytes)),
    new("percent-u", &[Kind::Number, Kind::Printable, Kind::Foreign, Kind::Text], Some(Kind::Ascii), |bytes| {
        // `escape()` writes `%u` for what is not Latin-1; without such a character it is plain percent.
        let number = text(bytes).bytes().next().is_some_and(|first| first.is_ascii_digit());
        let text = if number { format!("{} –", text(bytes)) } else { text(bytes).to_owned() };
        let escape = |unit| if unit < 0x100 { format!("%{unit:02X}") } else { format!("%u{unit:04X}") };
        text.contains(|c| c > '\u{ff}').then(|| by_unit(&text, escape))
    }),
    new("form", ALL, Some(Kind::Ascii), |bytes| Some([b"a=1&cpr=", &*escaped(bytes), b"&b=2"].concat())),
    new("url", ALL, Some(Kind::Ascii), |bytes| {
        Some([b"https://www.selvbetjening.test/side?a=1&cpr=", &*escaped(bytes), b"#top"].concat())
    }),
    new("json", TEXTS, None, |bytes| Some(json(text(bytes)).into_bytes())),
    new("json-escapes", TEXTS, Some(Kind::Ascii), |bytes| {
        let units = text(bytes).encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        Some(format!("{{\"cpr\":\"{}\"}}", units.collect::<String>()).into_bytes())
    }),
    new("json-lines", TEXTS, None, |bytes| Some(format!("{{\"a\":1}}\n{}\n", json(text(bytes))).into_bytes())),
    new("jsonp", TEXTS, None, |bytes| Some(format!("callback({});", json(text(bytes))).into_bytes())),
    new("events", TEXTS, None, |bytes| Some(format!("event: x\ndata: {}\n\n", json(text(bytes))).into_bytes())),
    new("escapes", TEXTS, Some(Kind::Ascii), |bytes| {
        Some(by_unit(text(bytes), |unit| format!("\\u{unit:04x}"))).filter(|escaped| escaped != bytes)
    }),
    new("hex-escapes", TEXTS, Some(Kind::Ascii), |bytes| {
        let escape = |unit| if unit < 0x100 { format!("\\x{unit:02x}") } else { format!("\\u{unit:04x}") };
        Some(text(bytes).encode_utf16().map(escape).collect::<String>().into_bytes())
    }),
    new("entities", PRINTABLE, Some(Kind::Ascii), |bytes| {
        let write = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("&#x{:x};", u32::from(c)) };
        Some(text(bytes).chars().map(write).collect::<String>().into_bytes()).filter(|escaped| escaped != bytes)
    }),
    new("xml", PRINTABLE, None, |bytes| {
        Some(format!("<?xml version=\"1.0\"?><a><cpr>{}</cpr></a>", markup(bytes)).into_bytes())
    }),
    new("attribute", PRINTABLE, None, |bytes| {
        Some(format!("<p><input name=\"cpr\" value=\"{}\"></p>", markup(bytes)).into_bytes())
    }),
    new("multipart", ALL, None, |bytes| Some(multipart(bytes))),
    new("envelope", &[Kind::Signed, Kind::Unsigned], Some(Kind::Body), |bytes| {
        // What is text goes as a line, and that is another encoder.
        let is_blob = std::str::from_utf8(bytes).is_err();
        is_blob.then(|| [b"{\"type\":\"x\"}\n{\"id\":7}\n", bytes].concat())
    }),
    new("gzip", ALL, Some(Kind::Signed), |bytes| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()
    }),
    new("zlib", ALL, Some(Kind::Signed), |bytes| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()
    }),
    new("deflate", MESSAGE, Some(Kind::Unsigned), |bytes| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        (bytes.len() >= SHORTEST_MESSAGE).then_some(())?;
        encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()
    }),
    new("brotli", MESSAGE, Some(Kind::Unsigned), |bytes| {
        let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 16);
        (bytes.len() >= SHORTEST_MESSAGE).then_some(())?;
        encoder.write_all(bytes).ok()?;
        Some(encoder.into_inner())
    }),
    new("zstd", ALL, Some(Kind::Signed), |bytes| Some(compress_to_vec(bytes, CompressionLevel::Fastest))),
    new("base64", NOT_FOREIGN, Some(Kind::Ascii), |bytes| Some(BASE64.encode(bytes).into_bytes())),
    new("base64url", NOT_FOREIGN, Some(Kind::Ascii), |bytes| Some(BASE64URL_NOPAD.encode(bytes).into_bytes())),
    new("base64-lines", NOT_FOREIGN, Some(Kind::Ascii), |bytes| Some(BASE64_MIME.encode(bytes).into_bytes())),
    new("base64-in-sentence", SIGNED, Some(Kind::Ascii), |bytes| {
        Some(format!("Sagen har koden {} i arkivet.", BASE64.encode(bytes)).into_bytes())
    }),
    new("base32", SIGNED, Some(Kind::Token), |bytes| Some(BASE32.encode(bytes).into_bytes())),
    new("hex", SIGNED, Some(Kind::Ascii), |bytes| Some(HEXLOWER.encode(bytes).into_bytes())),
    new("jwt", TEXTS, Some(Kind::Ascii), |bytes| {
        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let claims = serde_json::json!({ "iss": "https://a.test", "cpr": text(bytes) }).to_string();
        Some(format!("{}.{}.{}", part("{\"alg\":\"RS256\"}"), part(&claims), part("underskrift")).into_bytes())
    }),
    new("lz-string-uri", FAMILIAR, Some(Kind::Token), |bytes| {
        Some(lz_str::compress_to_encoded_uri_component(text(bytes)).into_bytes())
    }),
    new("lz-string-base64", FAMILIAR, Some(Kind::Token), |bytes| {
        Some(lz_str::compress_to_base64(text(bytes)).into_bytes())
    }),
    new("lz-string-utf16", FAMILIAR, Some(Kind::Foreign), |bytes| {
        Some(lz_str::compress_to_utf16(text(bytes)).into_bytes())
    }),
    new("utf16", &[Kind::Number, Kind::Token, Kind::Ascii], Some(Kind::Signed), |bytes| {
        Some(text(bytes).encode_utf16().flat_map(u16::to_le_bytes).collect())
    }),
    new("utf16-with-mark", FAMILIAR, Some(Kind::Signed), |bytes| {
        Some(format!("\u{feff}{}", text(bytes)).encode_utf16().flat_map(u16::to_be_bytes).collect())
    }),
    new("latin1-in-json", &[Kind::Signed], Some(Kind::Text), |bytes| {
        // Scripts put compressed bytes into strings so, and no others.
        let is_compressed = [&b"\x1f\x8b"[..], b"\x78\x9c", b"\x28\xb5\x2f\xfd"].iter().any(|m| bytes.starts_with(m));
        is_compressed.then(|| json(&bytes.iter().copied().map(char::from).collect::<String>()).into_bytes())
    }),
    new("binary", PRINTABLE, Some(Kind::Unsigned), |bytes| {
        let field = |tag: u8, bytes: &[u8]| [&[tag], varint(bytes.len()).as_slice(), bytes].concat();
        Some(
            [
                &b"\x08\x96\x01"[..],
                &field(0x12, b"klik"),
                &field(0x1a, bytes),
                &field(0x22, b"/borger/side/oversigt"),
                b"\x28\xff\xff\x03",
            ]
            .concat(),
        )
    }),
    // Somebody who types in another script: no program does.
    new("full-width", &[Kind::Number], Some(Kind::Printable), |bytes| {
        let wide = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0xff10 + digit)).unwrap_or(c);
        let number: String = text(bytes).chars().map(wide).collect();
        Some(
            format!("Hej. Mit personnummer er {number}, og jeg kan ikke logge ind i dag. Venlig hilsen Jens")
                .into_bytes(),
        )
    }),
];

const fn new(
    name: &'static str,
    takes: &'static [Kind],
    gives: Option<Kind>,
    encode: fn(&[u8]) -> Option<Vec<u8>>,
) -> Encoder {
    Encoder { name, takes, gives, encode }
}

impl Encoder {
    /// `bytes` in this encoding, and of which kind that is; `None` if no sender makes it.
    pub(crate) fn encode(&self, bytes: &[u8], kind: Kind) -> Option<(Vec<u8>, Kind)> {
        if !self.takes.contains(&kind) {
            return None;
        }
        let gives = self.gives.unwrap_or(match kind {
            Kind::Number | Kind::Token | Kind::Ascii => Kind::Ascii,
            Kind::Printable => Kind::Printable,
            Kind::Foreign | Kind::Text => Kind::Text,
            Kind::Signed | Kind::Unsigned | Kind::Body => Kind::Body,
        });
        Some(((self.encode)(bytes)?, gives))
    }
}

impl Kind {
    /// Whether `bytes` may be of this kind.
    pub(crate) fn holds(self, bytes: &[u8]) -> bool {
        let is_unwritten = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        match self {
            Self::Number => bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-'),
            Self::Token | Self::Ascii => bytes.is_ascii() && !text(bytes).contains(is_unwritten),
            Self::Printable => std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(is_unwritten)),
            Self::Foreign | Self::Text => std::str::from_utf8(bytes).is_ok(),
            Self::Signed | Self::Unsigned | Self::Body => true,
        }
    }
}

/// All but what is never reserved, as in `encodeURIComponent`.
pub(crate) fn escaped(bytes: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(bytes.len() * 3);
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            escaped.push(*byte);
        } else {
            escaped.extend(format!("%{byte:02X}").bytes());
        }
    }
    escaped
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn json(text: &str) -> String {
    serde_json::json!({ "a": 1, "b": [{ "cpr": text }] }).to_string()
}

fn markup(bytes: &[u8]) -> String {
    text(bytes).replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Letters and digits as they are, all else in units of UTF-16 as `escape` writes them.
fn by_unit(text: &str, escape: impl Fn(u16) -> String) -> Vec<u8> {
    let write = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => c.to_string(),
        _ => c.encode_utf16(&mut [0; 2]).iter().map(|unit| escape(*unit)).collect(),
    };
    text.chars().map(write).collect::<String>().into_bytes()
}

/// One part, between boundaries that do not stand in it.
fn multipart(bytes: &[u8]) -> Vec<u8> {
    let mut boundary = "g".to_owned();
    while bytes.windows(boundary.len() + 2).any(|window| window == format!("{boundary}\r\n").as_bytes()) {
        boundary.push('g');
    }
    let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"cpr\"\r\n\r\n");
    [head.as_bytes(), bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat()
}

/// A length as protocol buffers write it.
fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
