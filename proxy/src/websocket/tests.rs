//! One side of a WebSocket, from bytes to messages.

use std::sync::Arc;

use flate2::{Compress, Compression, FlushCompress};
use model::{Clock, Headers, Sender};
use proptest::collection::vec;
use proptest::prelude::*;

use super::extensions::Deflate;
use super::gathered::{Batch, Gathered, Lost};
use super::messages::Side;
use crate::emitter::Emitter;
use crate::recorder::{Held, Recorder};

const LONGEST: usize = 4 << 20;
const TAKES_OVER: &str = "permessage-deflate";
const EACH_ALONE: &str = "permessage-deflate; client_no_context_takeover; server_no_context_takeover";

/// What was told: messages, what was lost, and whether it ended within a message.
type Told = (Vec<Vec<u8>>, Vec<String>, bool);

fn agreed(extensions: &str) -> Option<Deflate> {
    Deflate::agreed(&Headers(vec![("sec-websocket-extensions".to_owned(), extensions.into())])).unwrap()
}

fn recorder() -> Arc<Recorder> {
    Arc::new(Recorder::new(Clock::fixed(jiff::Timestamp::UNIX_EPOCH), LONGEST, Emitter::new().0))
}

fn hear_with(recorder: &Arc<Recorder>, mut side: Side, pieces: &[&[u8]]) -> Told {
    let mut gathered = Gathered::new(Held::new(Arc::clone(recorder)));
    for piece in pieces {
        side.hear(piece, &mut gathered);
    }
    let is_within = side.end(&mut gathered);
    let Batch { messages, lost } = gathered.take();
    let messages = messages.into_iter().map(|message| message.bytes).collect();
    (messages, lost.into_iter().map(|Lost(words)| words).collect(), is_within)
}

fn hear(sender: Sender, extensions: &str, pieces: &[&[u8]]) -> Told {
    hear_with(&recorder(), Side::new(sender, agreed(extensions), LONGEST), pieces)
}

/// A frame of the site's, which is not masked.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(u8::try_from(short).unwrap()),
        long => {
            frame.push(127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

/// The same from a client.
fn masked(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut frame = frame(first, payload);
    frame[1] |= 0x80;
    let at = frame.len() - payload.len();
    frame.iter_mut().skip(at).zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    frame.splice(at..at, mask);
    frame
}

/// A message compressed as browsers do: flushed, and without the end that each has (RFC 7692 §7.2.1).
fn deflated(compress: &mut Compress, text: &[u8]) -> Vec<u8> {
    if text.is_empty() {
        // The library has nothing to flush then; this is what the standard says to send (§7.2.3.6).
        return vec![0];
    }
    let mut bytes = Vec::with_capacity(text.len() + 1024);
    compress.compress_vec(text, &mut bytes, FlushCompress::Sync).unwrap();
    assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]) && bytes.len() < bytes.capacity());
    bytes.truncate(bytes.len() - 4);
    bytes
}

#[track_caller]
fn case(sender: Sender, extensions: &str, bytes: &[u8], messages: &[&str]) {
    let told = hear(sender, extensions, &[bytes]);
    let expected = messages.iter().map(|text| text.as_bytes().to_vec()).collect();
    assert_eq!(told, (expected, Vec::new(), false));
    let one_by_one: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(hear(sender, extensions, &one_by_one), told, "byte by byte");
}

#[test]
fn a_message_is_put_together_from_its_frames() {
    let fragments = [frame(0x01, b"cpr=0101"), frame(0x89, b"ping"), frame(0x00, b""), frame(0x80, b"901234")].concat();
    case(Sender::Server, "", &fragments, &["cpr=0101901234"]);
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let fragments = [
        masked(0x02, b"cpr=0", mask),
        masked(0x8a, b"", mask),
        masked(0x00, b"1019", [0; 4]),
        masked(0x80, b"01234", mask),
        masked(0x81, b"", mask),
    ];
    case(Sender::Client, "", &fragments.concat(), &["cpr=0101901234", ""]);
}

#[test]
fn the_compressed_examples_of_the_standard_are_read() {
    let hello = b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00";
    case(Sender::Server, TAKES_OVER, hello, &["Hello"]);
    case(Sender::Server, TAKES_OVER, b"\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00", &["Hello"]);
    let with_takeover = [hello.as_slice(), b"\xc1\x05\xf2\x00\x11\x00\x00"].concat();
    case(Sender::Server, TAKES_OVER, &with_takeover, &["Hello", "Hello"]);
    case(Sender::Server, EACH_ALONE, &[hello, hello.as_slice()].concat(), &["Hello", "Hello"]);
    let stored = b"\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00";
    let two_blocks = b"\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00";
    let ended = b"\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00";
    let all = [stored.as_slice(), two_blocks, ended, hello, b"\x81\x05plain"].concat();
    case(Sender::Server, TAKES_OVER, &all, &["Hello", "Hello", "Hello", "Hello", "plain"]);
}

#[test]
fn a_stream_that_ends_without_a_last_block_does_not_spoil_the_next_message() {
    let ended = b"\xc1\x07\xf3\x48\xcd\xc9\xc9\x07\x00";
    case(Sender::Server, TAKES_OVER, &[ended, ended.as_slice()].concat(), &["Hello", "Hello"]);
}

#[test]
fn compressed_messages_are_read_with_and_without_what_came_before() {
    let texts =
        ["{\"cpr\":\"0101901234\"}", "{\"cpr\":\"0101901234\",\"side\":\"indsigt\"}", "", "{\"cpr\":\"0101901234\"}"];
    for extensions in [TAKES_OVER, EACH_ALONE] {
        let mut compress = Compress::new(Compression::default(), false);
        let mut bytes = Vec::new();
        for text in texts {
            if extensions == EACH_ALONE {
                compress.reset();
            }
            let whole = deflated(&mut compress, text.as_bytes());
            let (head, tail) = whole.split_at(whole.len() / 2);
            bytes.extend(masked(0x41, head, [1, 2, 3, 4]));
            bytes.extend(masked(0x89, b"still here", [5, 6, 7, 8]));
            bytes.extend(masked(0x80, tail, [9, 10, 11, 12]));
        }
        let with_pings: Vec<&str> = texts.iter().flat_map(|text| ["still here", text]).collect();
        case(Sender::Client, extensions, &bytes, &with_pings);
    }
}

#[test]
fn the_reason_of_a_close_is_a_message_when_a_number_could_stand_in_it() {
    case(Sender::Server, "", &frame(0x88, b"\x03\xe8cpr 0101901234"), &["cpr 0101901234"]);
    case(Sender::Server, "", &frame(0x88, b"\x03\xe8farvel"), &[]);
    case(Sender::Server, "", &frame(0x88, b""), &[]);
}

#[track_caller]
fn given_up(sender: Sender, extensions: &str, bytes: &[u8], messages: &[&str], why: &str) {
    let (told, lost, is_within) = hear(sender, extensions, &[bytes, b"\x81\x05after"]);
    assert_eq!(told, messages.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
    assert!(!is_within && lost.len() == 1 && lost[0].ends_with(why), "{lost:?}");
}

#[test]
fn a_side_that_cannot_be_read_says_so_once() {
    let site = |bytes: &[u8], messages: &[&str], why| given_up(Sender::Server, TAKES_OVER, bytes, messages, why);
    site(
        b"\x81\x01a\x91\x00",
        &["a"],
        "messages from the site were not read: a frame has bits set that nobody agreed on",
    );
    site(b"\x01\x01a\x01\x01b", &["a"], "a message begins within another, or goes on without having begun");
    site(b"\x80\x01a", &[], "a message begins within another, or goes on without having begun");
    site(b"\xc1\x04\xff\xff\xff\xff", &[], "a message cannot be decompressed");
    let client = "messages to the site were not read: a frame is masked, or is not, where it must be otherwise";
    given_up(Sender::Client, "", b"\x81\x01a", &[], client);
    given_up(Sender::Server, "", b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", &[], "bits set that nobody agreed on");
}

#[test]
fn what_is_too_long_is_cut_and_told_for_the_client_alone() {
    let side = |sender| Side::new(sender, agreed(TAKES_OVER), 10);
    let mut compress = Compress::new(Compression::default(), false);
    let long = deflated(&mut compress, b"0123456789abcdef");
    let next = deflated(&mut compress, b"abcdef");
    let bytes = [
        masked(0x81, b"0123456789abc", [7; 4]),
        masked(0xc1, &long, [7; 4]),
        masked(0xc1, &next, [7; 4]),
        masked(0x81, b"0123456789", [7; 4]),
    ];
    let (messages, lost, _) = hear_with(&recorder(), side(Sender::Client), &[&bytes.concat()]);
    assert_eq!(messages, [b"0123456789".as_slice(), b"0123456789", b"abcdef", b"0123456789"]);
    assert_eq!(lost, ["messages to the site that were longer than is kept: 2; of the first, 10 of 13 bytes were read"]);
    let long = frame(0x82, &vec![b'x'; 1 << 20]);
    let (messages, lost, _) = hear_with(&recorder(), side(Sender::Server), &[&long, b"\x81\x01a"]);
    assert_eq!((messages[0].len(), messages[1].as_slice(), lost.len()), (64 << 10, b"a".as_slice(), 0));
}

#[test]
fn an_end_within_a_message_keeps_what_came_of_it() {
    let open = masked(0x01, b"cpr=0101901234", [1; 4]);
    assert_eq!(hear(Sender::Client, "", &[&open]), (vec![b"cpr=0101901234".to_vec()], Vec::new(), true));
    let (cut, _) = open.split_at(open.len() - 2);
    assert_eq!(hear(Sender::Client, "", &[cut]), (vec![b"cpr=01019012".to_vec()], Vec::new(), true));
}

#[test]
fn memory_is_shared_by_all_and_given_back() {
    let recorder = recorder();
    let side = || Side::new(Sender::Server, agreed(TAKES_OVER), LONGEST);
    let hello = b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00".as_slice();
    let everything = recorder.take(usize::MAX / 2);
    let client = Side::new(Sender::Client, None, LONGEST);
    let (messages, lost, _) = hear_with(&recorder, client, &[&masked(0x81, b"plain", [1; 4])]);
    assert_eq!(messages, [b""]);
    assert_eq!(lost, ["messages to the site that found no memory: 1; of the first, 0 of 5 bytes were read"]);
    let (messages, lost, _) = hear_with(&recorder, side(), &[b"\x81\x05plain", hello]);
    assert_eq!(messages, [b""]);
    assert!(lost[0].ends_with("not read: too many compressed WebSockets are open at once"), "{lost:?}");
    recorder.release(everything);
    assert_eq!(hear_with(&recorder, side(), &[hello]), (vec![b"Hello".to_vec()], Vec::new(), false));
    assert_eq!(recorder.take(usize::MAX / 2), everything);
}

#[test]
fn a_bomb_is_left_alone() {
    let mut compress = Compress::new(Compression::best(), false);
    let bomb = masked(0xc1, &deflated(&mut compress, &vec![0; 8 << 20]), [3; 4]);
    let bombs: Vec<&[u8]> = std::iter::repeat_n(bomb.as_slice(), 9).collect();
    let (messages, lost, _) = hear_with(&recorder(), Side::new(Sender::Client, agreed(EACH_ALONE), 100), &bombs);
    assert_eq!(messages.len(), 9);
    assert!(lost[0].ends_with("its messages decompress to far more than was sent"), "{lost:?}");
}

/// Frames as a sender would make them, some of them wrong.
fn frames(sender: Sender) -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        Just(0x81_u8),
        Just(0x01),
        Just(0x00),
        Just(0x80),
        Just(0xc1),
        Just(0x41),
        Just(0x89),
        Just(0x88),
        any::<u8>()
    ];
    let text = "[a-c]{0,300}".prop_map(String::into_bytes);
    let payload = prop_oneof![
        text.clone(),
        text.prop_map(|text| deflated(&mut Compress::new(Compression::default(), false), &text)),
        vec(any::<u8>(), 0..40),
    ];
    let one = (first, payload, any::<[u8; 4]>()).prop_map(move |(first, payload, mask)| match sender {
        Sender::Client => masked(first, &payload, mask),
        Sender::Server => frame(first, &payload),
    });
    vec(one, 0..12).prop_map(|frames| frames.concat())
}

fn cut<'b>(bytes: &'b [u8], at: &[prop::sample::Index]) -> Vec<&'b [u8]> {
    let mut at: Vec<usize> = at.iter().map(|at| at.index(bytes.len() + 1)).collect();
    at.sort_unstable();
    let mut from = 0;
    let mut pieces: Vec<&[u8]> = Vec::new();
    for to in at.into_iter().chain([bytes.len()]) {
        pieces.push(&bytes[from..to]);
        from = to;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_it_is_cut_it_says_the_same(
        bytes in prop_oneof![
            vec(any::<u8>(), 0..600), frames(Sender::Client), frames(Sender::Server)
        ],
        at in vec(any::<prop::sample::Index>(), 0..30),
        extensions in prop_oneof![Just(""), Just(TAKES_OVER), Just(EACH_ALONE)],
    ) {
        for sender in [Sender::Client, Sender::Server] {
            let whole = hear(sender, extensions, &[&bytes]);
            prop_assert_eq!(&hear(sender, extensions, &cut(&bytes, &at)), &whole);
        }
    }

    #[test]
    fn whatever_is_sent_is_read(texts in vec("[ -~æøå]{0,400}", 0..10), size in 1_usize..50) {
        for extensions in [TAKES_OVER, EACH_ALONE] {
            let mut compress = Compress::new(Compression::fast(), false);
            let mut bytes = Vec::new();
            for text in &texts {
                if extensions == EACH_ALONE {
                    compress.reset();
                }
                let message = deflated(&mut compress, text.as_bytes());
                let last = message.chunks(size).count().saturating_sub(1);
                for (at, piece) in message.chunks(size).enumerate() {
                    let first = if at == 0 { 0x41 } else { 0 } | if at == last { 0x80 } else { 0 };
                    bytes.extend(masked(first, piece, [1, 2, 3, 4]));
                }
            }
            let (messages, lost, is_within) = hear(Sender::Client, extensions, &[&bytes]);
            prop_assert_eq!((lost.len(), is_within), (0, false));
            let sent: Vec<Vec<u8>> = texts.iter().map(|text| text.clone().into_bytes()).collect();
            prop_assert_eq!(messages, sent);
        }
    }
}
