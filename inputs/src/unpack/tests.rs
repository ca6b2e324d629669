//! Tests of the unpacking: each packing, one in another, and what is cut, damaged or a bomb.

use std::io::Write as _;

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};

use super::*;

const LOG: &[u8] = b"one line\nanother line\n";

/// `one line\nanother line\n` as xz writes it.
const XZ: &str = "fd377a585a000004e6d6b4460200210116000000742fe5a30100156f6e65206c696e650a616e6f74686572206c\
    696e650a000000b2bd77742bedf69900012e16560955df1fb6f37d010000000004595a";

/// The names without packings and texts in `file`, and the faults told.
fn unpacked(name: &str, mut file: &[u8]) -> (Vec<(String, Vec<u8>)>, Vec<BlindSpot>) {
    let mut plain = Vec::new();
    let whole = file;
    let faults = unpack(name, &mut file, &mut |member, input| {
        let mut text = Vec::new();
        input.read_to_end(&mut text).unwrap();
        assert!(member.name.starts_with(name) && member.is_unpacked == (text != whole), "{member:?}");
        plain.push((member.plain.clone(), text));
        ControlFlow::Continue(())
    });
    (plain, faults)
}

#[track_caller]
fn case(name: &str, file: &[u8], plain_name: &str) {
    let (plain, faults) = unpacked(name, file);
    assert_eq!(plain, [(plain_name.to_owned(), LOG.to_vec())]);
    assert_eq!(faults, []);
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(text: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

fn brotli(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 4096, 5, 20).write_all(text).unwrap();
    packed
}

fn xz() -> Vec<u8> {
    data_encoding::HEXLOWER.decode(XZ.as_bytes()).unwrap()
}

/// A tar block of a header with its checksum.
fn tar_header(name: &[u8], size: usize, kind: u8) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name);
    header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    header[156] = kind;
    header[257..263].copy_from_slice(b"ustar\0");
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header
}

fn tar_entry(name: &[u8], text: &[u8], kind: u8) -> Vec<u8> {
    let padding = vec![0; text.len().next_multiple_of(512) - text.len()];
    [tar_header(name, text.len(), kind), text.to_vec(), padding].concat()
}

/// A zip member; `is_behind` puts its sizes behind it.
fn zip_member(name: &str, text: &[u8], method: u16, is_behind: bool) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(text);
    let packed = if method == 8 {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    } else {
        text.to_vec()
    };
    let sizes = [crc.sum().to_le_bytes(), len(&packed).to_le_bytes(), len(text).to_le_bytes()].concat();
    let mut member = b"PK\x03\x04\x14\0".to_vec();
    member.extend(if is_behind { [8, 0] } else { [0, 0] });
    member.extend(method.to_le_bytes());
    member.extend([0; 4]);
    member.extend(if is_behind { vec![0; 12] } else { sizes.clone() });
    member.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    member.extend([0; 2]);
    member.extend(name.as_bytes());
    member.extend(packed);
    if is_behind {
        member.extend(b"PK\x07\x08");
        member.extend(sizes);
    }
    member
}

fn len(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap()
}

#[test]
fn a_plain_file_is_handed_on_as_it_is() {
    case("a.log", LOG, "a.log");
}

#[test]
fn every_compression_is_told_by_its_mark_and_undone() {
    case("a.log.gz", &gzip(LOG), "a.log");
    case("a.log", &gzip(LOG), "a.log");
    case("a.log.zst", &zstd(LOG), "a.log");
    case("a.log.bz2", &bzip2(LOG), "a.log");
    case("a.log.xz", &xz(), "a.log");
    case("a.log.br", &brotli(LOG), "a.log");
}

#[test]
fn what_was_appended_is_read_too() {
    let (begin, end) = LOG.split_at(9);
    case("a.gz", &[gzip(begin), gzip(end)].concat(), "a");
    case("a.bz2", &[bzip2(begin), bzip2(end)].concat(), "a");
    let skippable = b"\x53\x2a\x4d\x18\x03\0\0\0xyz";
    case("a.zst", &[&skippable[..], &zstd(begin), skippable, &zstd(end)].concat(), "a");
    let twice = unpacked("a.xz", &[xz(), xz()].concat());
    assert_eq!((twice.0[0].1.len(), twice.1), (2 * LOG.len(), Vec::new()));
}

#[test]
fn archives_give_their_files_by_name() {
    let long = "d/".repeat(100) + "long.log";
    let pax = format!("{} path=pax.log\n", 17);
    let tar = [
        tar_entry(b"dir/", b"", b'5'),
        tar_entry(b"./a.log", b"1", b'0'),
        tar_entry(b"././@LongLink", long.as_bytes(), b'L'),
        tar_entry(b"cut", b"2", b'0'),
        tar_entry(b"x", pax.as_bytes(), b'x'),
        tar_entry(b"short", &gzip(b"3"), b'0'),
        vec![0; 1024],
    ]
    .concat();
    let expected = [
        ("t.tar/a.log".to_owned(), b"1".to_vec()),
        (format!("t.tar/{long}"), b"2".to_vec()),
        ("t.tar/pax.log".to_owned(), b"3".to_vec()),
    ];
    assert_eq!(unpacked("t.tar", &tar), (expected.to_vec(), Vec::new()));

    let zip = [
        zip_member("a.log", b"1", 0, false),
        zip_member("b.log", LOG, 8, false),
        zip_member("c.log", LOG, 8, true),
        zip_member("d.log.zst", &zstd(LOG), 93, false),
        b"PK\x01\x02 the list".to_vec(),
    ]
    .concat();
    let (plain, faults) = unpacked("z.zip", &zip);
    let names: Vec<(&str, usize)> = plain.iter().map(|(name, text)| (name.as_str(), text.len())).collect();
    assert_eq!(names, [("z.zip/a.log", 1), ("z.zip/b.log", 22), ("z.zip/c.log", 22), ("z.zip/d.log", 22)]);
    assert_eq!(faults, []);
}

#[test]
fn a_file_has_one_name_whatever_is_undone() {
    let name = |name: &str, file: &[u8]| {
        let mut names = Vec::new();
        unpack(name, &mut &file[..], &mut |member, _| {
            names.push((member.name.clone(), member.plain.clone(), member.is_unpacked));
            ControlFlow::Continue(())
        });
        names.pop().unwrap()
    };
    let told = |name: &str, plain: &str, is_unpacked| (name.to_owned(), plain.to_owned(), is_unpacked);
    assert_eq!(name("d/a.log", LOG), told("d/a.log", "d/a.log", false));
    assert_eq!(name("d/a.log.gz", &gzip(LOG)), told("d/a.log.gz", "d/a.log", true));
    assert_eq!(name("a.log", &gzip(LOG)), told("a.log", "a.log", true));
    let tar = tar_entry(b"x/b.log.zst", &zstd(LOG), b'0');
    assert_eq!(name("t.tar.gz", &gzip(&tar)), told("t.tar.gz/x/b.log.zst", "t.tar/x/b.log", true));
    // What is told of it is told under that name.
    let mut cut = gzip(LOG);
    cut.truncate(cut.len() - 4);
    let (_, faults) = unpacked("t.tar", &tar_entry(b"b.log.gz", &cut, b'0'));
    assert_eq!(faults[0].place, "t.tar/b.log.gz");
}

#[test]
fn three_packings_deep_is_read_and_four_are_told() {
    let three = gzip(&bzip2(&zstd(LOG)));
    case("a.zst.bz2.gz", &three, "a");
    let (plain, faults) = unpacked("a", &gzip(&three));
    assert_eq!(plain[0].1, zstd(LOG));
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].kind, BlindSpotKind::DecodeLimit);
}

#[test]
fn a_bad_tail_is_told_with_its_place_and_what_stands_before_it_is_read() {
    // Not to be compressed much, so that half of it is half of the text.
    let text: Vec<u8> = (0..200_000_u32).map(|n| b'a' + (n.wrapping_mul(2_654_435_761) >> 27) as u8 % 26).collect();
    for (name, packed) in [("a.gz", gzip(&text)), ("a.bz2", bzip2(&text)), ("a.br", brotli(&text))] {
        let cut = &packed[..packed.len() * 9 / 10];
        let (plain, faults) = unpacked(name, cut);
        assert!(text.starts_with(&plain[0].1), "{name}");
        assert!(name == "a.bz2" || plain[0].1.len() > 100_000, "{name}: {}", plain[0].1.len());
        assert_eq!(faults.len(), 1, "{name}: {faults:?}");
        assert_eq!((faults[0].kind, faults[0].place.as_str()), (BlindSpotKind::InputBroken, name));
        assert!(faults[0].detail.contains(&format!("near byte {}", cut.len())), "{name}: {faults:?}");
    }
    for (name, packed) in [("a.zst", zstd(LOG)), ("a.xz", xz())] {
        let (_, faults) = unpacked(name, &packed[..packed.len() - 5]);
        assert_eq!(faults.len(), 1, "{name}: {faults:?}");
    }
}

#[test]
fn what_stands_behind_a_gzip_is_told_as_such() {
    let (begin, end) = LOG.split_at(9);
    let (plain, faults) = unpacked("a.gz", &[&gzip(LOG)[..], b"garbage!"].concat());
    assert_eq!((plain[0].1.as_slice(), faults.len()), (LOG, 1));
    assert!(
        faults[0].detail.contains("behind the end of its text is no gzip, and is not read; 22 bytes before were read")
    );
    // Zeros are no text, between members neither.
    case("a.gz", &[gzip(begin), vec![0; 700], gzip(end), vec![0; 70_000]].concat(), "a");
    // A member that is cut in its header is one that is cut.
    let (plain, faults) = unpacked("a.gz", &[gzip(LOG), gzip(LOG)[..5].to_vec()].concat());
    assert_eq!((plain[0].1.as_slice(), faults.len()), (LOG, 1));
    assert!(!faults[0].detail.contains("is no gzip"), "{faults:?}");
}

#[test]
fn a_damaged_archive_is_read_up_to_the_damage() {
    let tar = [tar_entry(b"a", b"1", b'0'), vec![b'?'; 512]].concat();
    let (plain, faults) = unpacked("t", &tar);
    assert_eq!((plain.len(), faults.len()), (1, 1));
    let tar = tar_entry(b"a", &[b'x'; 2000], b'0');
    let (plain, faults) = unpacked("t", &tar[..1000]);
    assert_eq!((plain[0].1.len(), faults.len()), (488, 1), "{faults:?}");
    assert_eq!(faults[0].place, "t/a");
    assert!(faults[0].detail.ends_with("cut in the midst of this member, or just after it"), "no name: {faults:?}");

    let zip = zip_member("a", &[b'x'; 2000], 0, false);
    let (plain, faults) = unpacked("z", &zip[..1031]);
    assert_eq!(plain[0].1.len(), 1000);
    assert!(!faults.is_empty());
    let mut zip = zip_member("a", LOG, 0, false);
    zip[14] ^= 1;
    assert!(unpacked("z", &zip).1[0].detail.contains("checksum"));
}

#[test]
fn what_is_not_unpacked_is_told() {
    let mut encrypted = zip_member("a", LOG, 8, false);
    encrypted[6] = 1;
    let zip = [encrypted, zip_member("b", LOG, 8, false), b"PK\x01\x02".to_vec()].concat();
    let (plain, faults) = unpacked("z", &zip);
    assert_eq!((plain.len(), faults.len(), faults[0].kind), (1, 1, BlindSpotKind::EncodingUnknown));
    for mark in [&b"\x1f\x9d\x90"[..], b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01"] {
        let (plain, faults) = unpacked("x", mark);
        assert_eq!((plain.len(), faults.len(), faults[0].kind), (0, 1, BlindSpotKind::EncodingUnknown));
    }
}

#[test]
fn a_bomb_is_read_as_a_stream() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(&mut std::io::repeat(0).take(8 << 20), &mut encoder).unwrap();
    let bomb = gzip(&encoder.finish().unwrap());
    let mut length = 0;
    let faults = unpack("bomb.gz.gz", &mut &bomb[..], &mut |_, input| {
        length += std::io::copy(input, &mut std::io::sink()).unwrap();
        ControlFlow::Continue(())
    });
    assert_eq!((length, faults.len()), (8 << 20, 0));
}

#[test]
fn a_break_stops_the_reading_and_what_is_left_unread_is_passed_over() {
    let tar = [tar_entry(b"a", LOG, b'0'), tar_entry(b"b", LOG, b'0')].concat();
    let mut taken = Vec::new();
    let _ = unpack("t", &mut &tar[..], &mut |member, _| {
        taken.push(member.name.clone());
        ControlFlow::Continue(())
    });
    assert_eq!(taken, ["t/a", "t/b"]);
    taken.clear();
    let _ = unpack("t", &mut &tar[..], &mut |member, _| {
        taken.push(member.name.clone());
        ControlFlow::Break(())
    });
    assert_eq!(taken, ["t/a"]);
}

#[test]
fn an_input_that_breaks_is_told() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let mut input = (&b"a line\n"[..]).chain(Broken);
    let faults = unpack("a", &mut input, &mut |_, input| {
        assert_eq!(std::io::read_to_string(input).unwrap(), "a line\n");
        ControlFlow::Continue(())
    });
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].detail, "not read beyond byte 7: gone");
}

proptest::proptest! {
    #[test]
    fn any_bytes_return(mark in 0_usize..12, bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..800)) {
        let mark = MARKS.get(mark).map_or(&b"BZh9\x31\x41\x59\x26\x53\x59"[..], |(mark, _)| *mark);
        let (_, faults) = unpacked("a", &[mark, &bytes].concat());
        // The mark of a zip's end alone is a zip without members.
        assert!(!faults.is_empty() || bytes_of_zip_end(mark));
    }
}

fn bytes_of_zip_end(mark: &[u8]) -> bool {
    mark == b"PK\x05\x06"
}

#[test]
fn a_name_that_says_what_the_bytes_are_not_is_told() {
    let told = |name: &str, bytes: &[u8]| {
        let mut read = Vec::new();
        let blind_spots = unpack(name, &mut &bytes[..], &mut |member, plain| {
            read.push((member.name.clone(), std::io::read_to_string(plain).unwrap()));
            ControlFlow::Continue(())
        });
        assert_eq!(read, [(name.to_owned(), String::from_utf8_lossy(bytes).into_owned())], "nothing is lost");
        blind_spots.into_iter().map(|spot| spot.detail).collect::<String>()
    };
    for name in ["a.log.gz", "a.ZIP", "a.tar", "a.pcap", "a.pcapng"] {
        let ending = name.rsplit('.').next().unwrap();
        let detail = told(name, b"plain text");
        assert!(detail.starts_with(&format!("its name ends with .{ending}, its bytes say otherwise")), "{detail}");
        assert!(is_packed(name, b"plain text"));
        assert_eq!(told(name, b""), "");
    }
    assert_eq!(told("a.log", b"plain text") + &told("gz", b"plain text"), "");
}
