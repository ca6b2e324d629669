//! More of an exchange that was handed over while it still went on.

use model::{Channel, Continuation, Message, Sender};

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
