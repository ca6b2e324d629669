//! `cprvagt redact`: nothing is found in what it writes, and all else is byte for byte as it was.

mod kit;

use std::io::Write as _;
use std::process::Stdio;

use data_encoding::{BASE32, BASE64, BASE64URL_NOPAD, HEXLOWER};
use flate2::Compression;
use flate2::write::GzEncoder;
use kit::{Bench, NOW, Ran, assert_absent};
use sha2::{Digest as _, Sha256};

/// Date-valid and mod-11-valid, declared nowhere; born in 1961, and the example of a Danish authority.
const UNDECLARED: &str = "0707614285";

/// Declared in these tests.
const DECLARED: &str = "0101901234";

fn line(target: &str) -> String {
    format!(
        "192.0.2.1 - - [22/Nov/2026:04:00:00 +0100] \"GET {target} HTTP/1.1\" 200 2326 \
         \"https://www.selvbetjening.test/borger\" \"Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.6099.224 Safari/537.36\"\n"
    )
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("made up here");
    encoder.finish().expect("made up here")
}

fn unzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes), &mut plain).expect("made up here");
    plain
}

/// As `detect/tests/synthetic/encodings.rs` has them, as values of a parameter.
fn encodings(cpr: &str) -> Vec<(&'static str, String)> {
    let every = |write: &dyn Fn(u8) -> String| cpr.bytes().map(write).collect::<Vec<_>>().concat();
    let json = format!("{{\"hændelse\":\"klik\",\"bruger\":{{\"cpr\":\"{cpr}\",\"aar\":2023}}}}");
    let url = format!("https://www.selvbetjening.test/borger/side?aar=2023&cpr={cpr}&fane=2");
    let events: String = (1..=200_u32)
        .map(|n| format!("{{\"id\":\"{:08x}\"}},", n.wrapping_mul(2_654_435_761)))
        .collect::<Vec<_>>()
        .concat();
    let events = format!("[{events}{{\"cpr\":\"{cpr}\"}}]");
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(events.as_bytes()).expect("made up here");
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(events.as_bytes()).expect("made up here");
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let jwt = format!(
        "{}.{}.{}",
        part("{\"alg\":\"RS256\"}"),
        part(&format!("{{\"dk.cpr\":\"{cpr}\"}}")),
        part("underskrift")
    );
    let utf_16: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let digest = |text: &str| HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    let moved = |zero: u32| {
        cpr.chars()
            .map(|c| c.to_digit(10).map_or(c, |d| char::from_u32(zero + d).expect("made up here")))
            .collect::<String>()
    };
    vec![
        ("none", cpr.to_owned()),
        ("sentence", percent(&format!("Borger {cpr} kan ikke logge på"))),
        ("URL", percent(&url)),
        ("percent twice", percent(&percent(&url))),
        ("percent three times", percent(&percent(&percent(&url)))),
        ("percent four times", percent(&percent(&percent(&percent(&url))))),
        ("percent, every character", every(&|byte| format!("%{byte:02X}"))),
        ("form", percent(&format!("navn=A+B&cpr={cpr}"))),
        ("JSON", percent(&json)),
        ("JSON, bare", json.replace('"', "\\\"")),
        ("JSON number", percent(&format!("{{\"cpr\":{}}}", cpr.replace('-', "").trim_start_matches('0')))),
        ("\\u escapes", percent(&every(&|byte| format!("\\u{byte:04x}")))),
        ("\\x escapes", every(&|byte| format!("\\x{byte:02x}"))),
        ("%u escapes", cpr.replace('-', "%u002d")),
        ("HTML entities", percent(&every(&|byte| format!("&#{byte};")))),
        ("HTML entities, hexadecimal", every(&|byte| format!("&#x{byte:x};"))),
        ("base64", BASE64.encode(json.as_bytes())),
        ("base64, escaped", percent(&BASE64.encode(json.as_bytes()))),
        ("base64 of the number alone", BASE64.encode(cpr.as_bytes())),
        ("base64url", BASE64URL_NOPAD.encode(url.as_bytes())),
        ("base64 twice", BASE64.encode(BASE64.encode(json.as_bytes()).as_bytes())),
        ("base32", BASE32.encode(cpr.as_bytes())),
        ("hex", HEXLOWER.encode(json.as_bytes())),
        ("hex of the number alone", HEXLOWER.encode(cpr.as_bytes())),
        ("JWT", jwt),
        ("UTF-16, base64", BASE64.encode(&utf_16)),
        ("gzip, base64", BASE64.encode(&gzip(events.as_bytes()))),
        ("zlib, base64url", BASE64URL_NOPAD.encode(&zlib.finish().expect("made up here"))),
        ("deflate, base64", BASE64.encode(&deflate.finish().expect("made up here"))),
        ("quoted-printable", cpr.replace('-', "=2D")),
        ("XML", percent(&format!("<person><cpr>{cpr}</cpr></person>"))),
        ("JSONP", percent(&format!("/**/jsonp_17({json});"))),
        ("MD5", HEXLOWER.encode(&<md5::Md5 as md5::Digest>::digest(cpr.as_bytes()))),
        ("SHA-256", digest(cpr)),
        ("SHA-256, base64", BASE64.encode(&Sha256::digest(cpr.as_bytes()))),
        ("space", cpr.replace('-', "%20")),
        ("plus", cpr.replace('-', "+")),
        ("no-break space", cpr.replace('-', "%C2%A0")),
        ("en dash", cpr.replace('-', "\u{2013}")),
        ("full-width digits", percent(&moved(0xff10))),
        ("Arabic-Indic digits", moved(0x660)),
        (
            "two parameters",
            format!(
                "x&foedselsdato={}&loebenr={}",
                cpr.get(..6).expect("made up here"),
                cpr.get(cpr.len() - 4..).expect("made up here")
            ),
        ),
        (
            "two path segments",
            percent(&format!(
                "/sag/{}/{}/",
                cpr.get(..6).expect("made up here"),
                cpr.get(cpr.len() - 4..).expect("made up here")
            )),
        ),
    ]
}

/// Asserts that a scan of `file` finds nothing, not even what is only possible.
#[track_caller]
fn scan_finds_nothing(bench: &Bench, file: &str) {
    let ran =
        bench.run(&["scan", file, "--no-store", "--format", "jsonl", "--now", NOW, "--sut", "selvbetjening.test"]);
    assert!(ran.sightings().is_empty(), "{}", ran.stdout);
}

#[track_caller]
fn redacted(bench: &Bench, arguments: &[&str]) -> Ran {
    bench.run(&[&["redact", "--now", NOW], arguments].concat())
}

#[test]
fn every_encoding_is_gone_and_a_scan_finds_nothing() {
    let bench = Bench::new();
    let plain = line("/borger/aarsopgoerelse?side=2");
    for cpr in ["070761-4285", UNDECLARED] {
        for (name, value) in encodings(cpr) {
            let planted = line(&format!("/side?a=b&cpr={value}"));
            bench.write("access.log", &format!("{plain}{planted}{plain}"));
            let ran = redacted(&bench, &["--force", "access.log"]);
            ran.ends_with(0);
            let text = std::fs::read_to_string(bench.path("access.redacted.log")).unwrap();
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            assert_eq!((lines.len(), lines[0], lines[2]), (3, plain.as_str(), plain.as_str()), "{name}");
            assert_ne!(lines[1], planted, "{name}");
            assert_eq!(lines[1].len(), planted.len(), "{name}");
            assert!(lines[1].starts_with("192.0.2.1 - - [22/Nov/2026:04:00:00 +0100] \"GET /side?a="), "{name}");
            assert_absent(UNDECLARED, text.as_bytes(), name);
            scan_finds_nothing(&bench, "access.redacted.log");
        }
    }
}

#[test]
fn all_else_is_byte_for_byte_as_it_was() {
    let bench = Bench::new();
    let odd = [
        b"\xef\xbb\xbfno log line at all\r\n\r\n\0\0\0".as_slice(),
        line("/a").as_bytes(),
        b"\xe5\xf8\xff Latin-1 \x01\x02 200 0.005\r\n",
        line("/borger/12345?side=77").replace('\n', "\r\n").as_bytes(),
        b"{\"ts\":1764000000.123,\"status\":200,\"size\":734521,\"uri\":\"/a?b=1\"}\n",
        b"2026-11-22 04:00:00 192.0.2.1 GET /a b=1 443 - 203.0.113.4 Mozilla/5.0 200 0 0 123\n",
        b"1764000000.123     45 192.0.2.1 TCP_MISS/200 1234 GET http://a.test/ - HIER_DIRECT/203.0.113.9 text/html\n",
        b"last, without end",
    ]
    .concat();
    std::fs::write(bench.path("odd.log"), &odd).unwrap();
    redacted(&bench, &["odd.log"]).ends_with(0).says("9 lines").says("0 masked for certain, 0 for care");
    assert_eq!(std::fs::read(bench.path("odd.redacted.log")).unwrap(), odd);
    std::fs::write(bench.path("empty.log"), b"").unwrap();
    redacted(&bench, &["empty.log", "--in-place"]).ends_with(0);
    assert_eq!(std::fs::read(bench.path("empty.log")).unwrap(), b"");
}

#[test]
fn a_hole_of_nul_bytes_stays_and_the_line_behind_it_fits() {
    let bench = Bench::new();
    let text = |cpr: &str| {
        let line = |at: u32| line(&format!("/{at}?cpr={cpr}"));
        [&[0; 5_000][..], line(1).as_bytes(), &[0; 300], line(2).as_bytes(), b"a\0\0b\n\0\0\0"].concat()
    };
    std::fs::write(bench.path("hole.log"), text(UNDECLARED)).unwrap();
    redacted(&bench, &["hole.log"]).ends_with(0).says("2 masked for certain, 0 for care");
    assert_eq!(std::fs::read(bench.path("hole.redacted.log")).unwrap(), text("xxxxxxxxxx"));
    scan_finds_nothing(&bench, "hole.redacted.log");
    let told = bench.run(&["scan", "hole.redacted.log", "--no-store", "--now", NOW, "--sut", "selvbetjening.test"]);
    assert!(told.stdout.contains("NUL bytes before lines") && !told.stdout.contains("do not fit"), "{}", told.stdout);
}

#[test]
fn declared_numbers_stay_and_the_others_go() {
    let bench = Bench::new();
    bench.write(
        "access.log",
        &format!("{}{}", line(&format!("/?cpr={DECLARED}")), line(&format!("/?cpr={UNDECLARED}"))),
    );
    redacted(&bench, &["access.log", "--test-person", DECLARED, "--format", "json"])
        .ends_with(0)
        .says("\"masked_for_certain\": 1");
    let text = std::fs::read_to_string(bench.path("access.redacted.log")).unwrap();
    assert_eq!(text, format!("{}{}", line(&format!("/?cpr={DECLARED}")), line("/?cpr=xxxxxxxxxx")));
}

#[test]
fn a_stream_goes_through() {
    let bench = Bench::new();
    for packs in [false, true] {
        let text = line(&format!("/?cpr={UNDECLARED}"));
        let input = if packs { gzip(text.as_bytes()) } else { text.into_bytes() };
        let mut command = bench.command(&["redact", "-"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let written = if packs { unzip(&output.stdout) } else { output.stdout };
        assert_eq!(String::from_utf8(written).unwrap(), line("/?cpr=xxxxxxxxxx"));
    }
}

#[test]
fn packed_logs_stay_packed_or_are_written_unpacked() {
    let bench = Bench::new();
    let text = line(&format!("/?cpr={UNDECLARED}")).repeat(3);
    std::fs::write(bench.path("a.log.gz"), gzip(text.as_bytes())).unwrap();
    redacted(&bench, &["a.log.gz"]).ends_with(0);
    let written = std::fs::read(bench.path("a.redacted.log.gz")).unwrap();
    assert_eq!(String::from_utf8(unzip(&written)).unwrap(), line("/?cpr=xxxxxxxxxx").repeat(3));
    let mut brotli = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut brotli, 4096, 5, 18);
    encoder.write_all(text.as_bytes()).unwrap();
    drop(encoder);
    std::fs::write(bench.path("b.log.br"), &brotli).unwrap();
    redacted(&bench, &["b.log.br", "--in-place"]).ends_with(2).says("help: ");
    redacted(&bench, &["b.log.br"]).ends_with(0).says("written unpacked: ").says("b.redacted.log");
    assert!(bench.path("b.redacted.log").exists());
}

#[cfg(unix)]
#[test]
fn in_place_is_through_a_link_and_no_other_name_keeps_the_numbers() {
    let bench = Bench::new();
    let masked = line("/?cpr=xxxxxxxxxx");
    std::fs::create_dir(bench.path("logs")).unwrap();
    bench.write("logs/real.log", &line(&format!("/?cpr={UNDECLARED}")));
    std::os::unix::fs::symlink("logs/real.log", bench.path("current.log")).unwrap();
    redacted(&bench, &["current.log", "--in-place"]).ends_with(0);
    assert_eq!(std::fs::read_link(bench.path("current.log")).unwrap(), std::path::Path::new("logs/real.log"));
    assert_eq!(std::fs::read_to_string(bench.path("logs/real.log")).unwrap(), masked);
    // As a shell would with >.
    bench.write("a.log", &line(&format!("/b?cpr={UNDECLARED}")));
    redacted(&bench, &["a.log", "--out", "current.log", "--force"]).ends_with(0);
    assert!(bench.path("current.log").is_symlink());
    assert_eq!(std::fs::read_to_string(bench.path("logs/real.log")).unwrap(), masked.replace("/?", "/b?"));
    std::fs::hard_link(bench.path("a.log"), bench.path("b.log")).unwrap();
    redacted(&bench, &["a.log", "--in-place"]).ends_with(2).says("a.log has 2 names (hard links)");
    std::fs::remove_file(bench.path("b.log")).unwrap();
    redacted(&bench, &["a.log", "--in-place"]).ends_with(0);
}

#[test]
fn what_is_no_text_is_refused_and_nothing_is_written() {
    let bench = Bench::new();
    // The number stands in two packets, so that no byte of the file has all of it.
    let capture =
        [&b"\xd4\xc3\xb2\xa1\x02\0\x04\0"[..], &[0; 40], b"GET /?cpr=07076", &[0; 70], b"14285 HTTP/1.1"].concat();
    let flows = format!("90:7:request;70:4:path;38:/?cpr={UNDECLARED},").into_bytes();
    for (bytes, what) in [(capture, "a capture of the network"), (flows, "flows that mitmproxy has saved")] {
        for (name, bytes) in [("a.log", bytes.clone()), ("b.log.gz", gzip(&bytes))] {
            std::fs::write(bench.path(name), &bytes).unwrap();
            bench.write("first.log", &line("/a"));
            let before = bench.files().len();
            for arguments in [&["first.log", name][..], &[name, "--in-place"], &[name, "--out", "o.log"]] {
                redacted(&bench, arguments).ends_with(2).says("is not redacted: it is ").says(what).says("help: ");
                assert_eq!((bench.files().len(), std::fs::read(bench.path(name)).unwrap()), (before, bytes.clone()));
            }
            let mut command = bench.command(&["redact", "-"]);
            let input = std::fs::File::open(bench.path(name)).unwrap();
            let ran = Ran::from(command.stdin(input).output().unwrap());
            ran.ends_with(2).says(what);
            assert_eq!(ran.stdout, "");
        }
    }
}

#[test]
fn a_gzip_with_a_bad_tail_is_written_as_far_as_it_was_read() {
    let bench = Bench::new();
    let text: String = (0..2_000).map(|n| line(&format!("/{}?cpr={UNDECLARED}", n * 7_919 % 10_007))).collect();
    let mut packed = gzip(text.as_bytes());
    packed.truncate(packed.len() - 100);
    std::fs::write(bench.path("a.log.gz"), &packed).unwrap();
    redacted(&bench, &["a.log.gz"]).ends_with(3).says("gzip broken near byte");
    let written = unzip(&std::fs::read(bench.path("a.redacted.log.gz")).unwrap());
    assert!(written.len() > text.len() / 2 && !written.windows(10).any(|ten| ten == UNDECLARED.as_bytes()));
    redacted(&bench, &["a.log.gz", "--in-place"]).ends_with(3).says("left as it was");
    assert_eq!(std::fs::read(bench.path("a.log.gz")).unwrap(), packed);
}

#[test]
fn utf_16_stays_utf_16() {
    let bench = Bench::new();
    for (mark, to_bytes) in [("le", u16::to_le_bytes as fn(u16) -> [u8; 2]), ("be", u16::to_be_bytes)] {
        let name = format!("{mark}.log");
        let bytes = |text: &str| format!("\u{feff}{text}").encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
        let text = |cpr: &str| format!("{}Borger {cpr} på ø\r\n{}", line("/a"), line(&format!("/?cpr={cpr}")));
        std::fs::write(bench.path(&name), bytes(&text("070761-4285"))).unwrap();
        redacted(&bench, &[&name, "--in-place"]).ends_with(0).says("2 masked for certain, 0 for care");
        assert_eq!(std::fs::read(bench.path(&name)).unwrap(), bytes(&text("xxxxxx-xxxx")));
    }
}

#[test]
fn a_line_of_a_hundred_megabytes_is_read_to_its_end() {
    let bench = Bench::new();
    let filler = "abc=d, ".repeat(100_000);
    let mut file = std::io::BufWriter::new(std::fs::File::create(bench.path("long.log")).unwrap());
    let mut length = 0;
    while length < 100_000_000 {
        file.write_all(format!("{filler}070761-4285, ").as_bytes()).unwrap();
        length += filler.len() + 13;
    }
    drop(file);
    redacted(&bench, &["long.log"]).ends_with(0).says("1 lines").says("143 masked for certain, 0 for care");
    let written = std::fs::read(bench.path("long.redacted.log")).unwrap();
    assert_eq!(written.len(), length);
    assert!(!written.iter().any(u8::is_ascii_digit));
    assert!(written.starts_with(filler.as_bytes()));
}

#[test]
fn nothing_is_written_over_without_being_asked() {
    let bench = Bench::new();
    bench.write("a.log", &line("/a"));
    bench.write("a.redacted.log", "kept");
    redacted(&bench, &["a.log"]).ends_with(2).says("there is a file a.redacted.log already");
    redacted(&bench, &["a.log", "--out", "a.log"]).ends_with(2).says("over itself");
    redacted(&bench, &["a.log", "a.log", "--out", "b.log"]).ends_with(2).says("help: ");
    redacted(&bench, &["none.log"]).ends_with(2).says("cannot open none.log");
    std::fs::create_dir(bench.path("logs")).unwrap();
    redacted(&bench, &["logs"]).ends_with(2).says("logs is a folder").says("help: give its files, such as logs/*.log");
    redacted(&bench, &["-", "--format", "json"]).ends_with(2).says("standard output is taken");
    assert_eq!(std::fs::read_to_string(bench.path("a.redacted.log")).unwrap(), "kept");
    redacted(&bench, &["a.log", "--force"]).ends_with(0);
    assert_eq!(std::fs::read_to_string(bench.path("a.redacted.log")).unwrap(), line("/a"));
    assert_eq!(bench.files().iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "log")).count(), 2);
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_is_told() {
    let bench = Bench::new();
    bench.write("a.log", &line(&format!("/?cpr={UNDECLARED}")).repeat(20_000));
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = bench
        .command(&["redact", "-"])
        .stdin(std::fs::File::open(bench.path("a.log")).unwrap())
        .stdout(full)
        .output()
        .unwrap();
    Ran::from(output).ends_with(3).says("not written beyond byte 0");
}
