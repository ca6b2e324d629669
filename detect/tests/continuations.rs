//! More of an exchange that was handed over while it still went on.

use model::{Body, BodyState, Channel, Continuation, Exchange, Identity, Message, ResponseRecord, Sender};

use crate::kit::{CANARY, With as _, get, plain_inspector};

#[test]
fn the_head_of_a_continuation_is_not_judged_again() {
    let mut more = get(&format!("https://maaling.test/c?cpr={CANARY}")).header("referer", "https://sag.test/a");
    more.continues = Some(Continuation::default());
    let inspection = plain_inspector().inspect("live", &more, None);
    assert!(inspection.sightings.is_empty());
    assert_eq!(inspection.page.map(|page| page.to_string()).as_deref(), Some("https://sag.test/a"));
}

#[test]
fn messages_are_numbered_on_from_those_before() {
    let mut more = get("https://maaling.test/ws");
    more.continues = Some(Continuation { messages: 7, body_bytes: 0 });
    let message = |sender, text: &str| Message { sender, bytes: text.as_bytes().to_vec() };
    more.messages = vec![message(Sender::Server, "hello"), message(Sender::Client, &format!("cpr={CANARY}"))];
    let sightings = plain_inspector().inspect("live", &more, None).sightings;
    let told: Vec<_> = sightings.iter().map(|told| (told.channel, told.trail.to_string())).collect();
    assert_eq!(told, [(Channel::Websocket, "message[8] > form[cpr]".to_owned())]);
}

#[test]
fn a_piece_of_a_body_is_judged() {
    let mut more = get("https://maaling.test/upload").body(format!("..., cpr: {CANARY}, ..."));
    more.continues = Some(Continuation { messages: 0, body_bytes: 4 << 20 });
    let sightings = plain_inspector().inspect("live", &more, None).sightings;
    assert_eq!(sightings.iter().map(|told| told.channel).collect::<Vec<_>>(), [Channel::Body]);
}

/// The pieces of `text`, each `length` bytes long and beginning with the last 40 of the one before.
fn pieces(text: &str, length: usize) -> Vec<Exchange> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let to = (from + length).min(text.len());
        let mut piece = get("https://maaling.test/upload");
        piece.continues = (from > 0).then_some(Continuation { messages: 0, body_bytes: from as u64 });
        let bytes = text.as_bytes()[from.saturating_sub(40)..to].to_vec();
        piece.request.body = Body { bytes, wire_length: to as u64, state: BodyState::Cut };
        pieces.push(piece);
        from = to;
    }
    pieces
}

#[test]
fn pitfall_22_a_number_across_two_pieces_is_told_once() {
    let text = format!("{}cpr: {CANARY}, cpr: {CANARY};{}cpr: 070761-4285", "x ".repeat(60), " y".repeat(60));
    for length in 45..200 {
        let mut inspector = plain_inspector();
        let inspections: Vec<_> =
            pieces(&text, length).iter().map(|piece| inspector.inspect("live", piece, None)).collect();
        let told = inspections.iter().flat_map(|inspection| &inspection.sightings);
        let canaries = told.clone().filter(|told| matches!(told.identity, Identity::Canary(_))).count();
        assert_eq!((canaries, told.count()), (2, 3), "{length}");
    }
}

#[test]
fn a_number_told_before_and_sent_again_is_told_again() {
    let text = format!("cpr: {CANARY}, cpr: {CANARY}");
    let mut more = get("https://maaling.test/upload");
    more.continues = Some(Continuation { messages: 0, body_bytes: 17 });
    more.request.body = Body { wire_length: text.len() as u64, ..Body::whole(text) };
    assert_eq!(plain_inspector().inspect("live", &more, None).sightings.len(), 1);
}

#[test]
fn the_answer_comes_with_the_end_of_a_body() {
    let mut more = get("https://sag.test/upload");
    let headers = [("location".to_owned(), format!("https://maaling.test/?cpr={CANARY}").into_bytes())];
    more.response = Some(ResponseRecord { status: 302, headers: model::Headers(headers.into()), body_bytes: 0 });
    for (body_bytes, channels) in [(0, &[][..]), (4 << 20, &[Channel::Redirect])] {
        more.continues = Some(Continuation { messages: 0, body_bytes });
        let sightings = plain_inspector().inspect("live", &more, None).sightings;
        assert_eq!(sightings.iter().map(|told| told.channel).collect::<Vec<_>>(), channels);
    }
}

#[test]
fn pieces_that_no_text_is_in_are_told_with_the_beginning() {
    let mut more = get("https://maaling.test/upload");
    let noise: Vec<u8> = (0..4000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[1] | 0x80).collect();
    more.request.body = Body { state: BodyState::Cut, ..Body::whole(noise) };
    let kinds = |more: &Exchange| plain_inspector().inspect("live", more, None).blind_spots.len();
    assert_eq!(kinds(&more), 2);
    more.continues = Some(Continuation { messages: 0, body_bytes: 4 << 20 });
    assert_eq!(kinds(&more), 0);
}
