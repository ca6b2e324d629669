//! What of an exchange there is no reading.

use model::{BlindSpot, BlindSpotKind, BodyState, Exchange};

/// What of the exchange there is no reading.
pub(crate) fn unread(exchange: &Exchange) -> Vec<BlindSpot> {
    let request = &exchange.request;
    let mut blind_spots = Vec::new();
    // That it comes in pieces was said with its beginning.
    if exchange.continues.is_some() {
        return blind_spots;
    }
    let body = &request.body;
    let told = |kind| exchange.blind_spots.iter().any(|blind_spot| blind_spot.kind == kind);
    match body.state {
        BodyState::Whole => {}
        BodyState::Cut if told(BlindSpotKind::BodyCut) || told(BlindSpotKind::ConnectionBroken) => {}
        BodyState::Cut => {
            let detail = format!("{} of {} bytes were recorded", body.bytes.len(), body.wire_length);
            blind_spots.push(blind_spot(exchange, BlindSpotKind::BodyCut, detail));
        }
        BodyState::Missing => {
            let detail = format!("a body of {} bytes is not in the recording", body.wire_length);
            blind_spots.push(blind_spot(exchange, BlindSpotKind::BodyMissing, detail));
        }
    }
    blind_spots
}

/// One at the exchange's address.
pub(crate) fn blind_spot(exchange: &Exchange, kind: BlindSpotKind, detail: String) -> BlindSpot {
    BlindSpot::new(kind, exchange.request.target.to_string(), detail).in_visit(exchange.visit)
}
