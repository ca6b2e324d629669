//! One entry of a HAR file as the records of an exchange, leniently: what is missing is empty.

use data_encoding::BASE64;
use model::{Body, BodyState, Headers, RequestRecord, ResponseRecord, Target};
use serde_json::Value;

/// A recorded body is cut when it is this many times shorter than it was on the wire.
const LEAST_RECORDED: u64 = 2;

pub(super) fn request_record(request: &Value, target: Target) -> RequestRecord {
    let mut headers = headers(request);
    if headers.get("cookie").is_none()
        && let Some(cookies) = cookie_line(request)
    {
        headers.0.push(("Cookie".to_owned(), cookies.into_bytes()));
    }
    RequestRecord {
        method: text(request, "method").unwrap_or("GET").to_owned(),
        target,
        version: text(request, "httpVersion").unwrap_or_default().to_owned(),
        body: body(request, &headers),
        headers,
    }
}

pub(super) fn response_record(status: u16, response: &Value) -> ResponseRecord {
    let mut headers = headers(response);
    if headers.get("location").is_none()
        && let Some(redirect) = text(response, "redirectURL").filter(|url| !url.is_empty())
    {
        headers.0.push(("Location".to_owned(), redirect.as_bytes().to_vec()));
    }
    let body_bytes = response.get("bodySize").and_then(Value::as_u64).unwrap_or(0);
    ResponseRecord { status, headers, body_bytes }
}

fn headers(message: &Value) -> Headers {
    let lines = message.get("headers").and_then(Value::as_array).into_iter().flatten();
    let pairs = lines.filter_map(|line| {
        Some((text(line, "name")?.to_owned(), text(line, "value").unwrap_or_default().as_bytes().to_vec()))
    });
    // Names that begin with a colon are HTTP/2 pseudo-headers: they repeat the URL.
    Headers(pairs.filter(|(name, _)| !name.starts_with(':')).collect())
}

/// The cookies as one header line, for exporters that list them apart.
fn cookie_line(request: &Value) -> Option<String> {
    let cookies = request.get("cookies")?.as_array()?;
    let pairs: Vec<String> = cookies
        .iter()
        .filter_map(|cookie| Some(format!("{}={}", text(cookie, "name")?, text(cookie, "value")?)))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

/// The body as sent: `postData.text`, undone from base64 where the exporter says so, else its `params`.
fn body(request: &Value, headers: &Headers) -> Body {
    let data = request.get("postData").unwrap_or(&Value::Null);
    let declared = headers.text("content-length").and_then(|length| length.trim().parse().ok());
    let wire_length: u64 = request.get("bodySize").and_then(Value::as_u64).max(declared).unwrap_or(0);
    let bytes =
        text(data, "text").filter(|sent| !sent.is_empty()).map_or_else(|| params(data), |sent| sent_bytes(data, sent));
    let recorded = bytes.len() as u64;
    let state = match (recorded, wire_length) {
        (0, 0) => BodyState::Whole,
        (0, _) => BodyState::Missing,
        // Exporters count characters or bytes, compressed or not: only what is much too short was cut.
        (_, wire) if recorded.saturating_mul(LEAST_RECORDED) < wire => BodyState::Cut,
        _ => BodyState::Whole,
    };
    Body { bytes, wire_length: wire_length.max(recorded), state }
}

fn sent_bytes(data: &Value, sent: &str) -> Vec<u8> {
    let encoded = ["_encoding", "encoding"].iter().any(|key| text(data, key) == Some("base64"));
    let bytes = if encoded { BASE64.decode(sent.as_bytes()).ok() } else { None };
    bytes.unwrap_or_else(|| sent.as_bytes().to_vec())
}

/// A form's fields as the exporter lists them, names of files among them.
fn params(data: &Value) -> Vec<u8> {
    let fields = data.get("params").and_then(Value::as_array).into_iter().flatten();
    let pairs = fields.flat_map(|field| {
        let name = text(field, "name").unwrap_or_default();
        let values = [text(field, "value"), text(field, "fileName")];
        values.into_iter().flatten().map(move |value| format!("{name}={value}"))
    });
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range just before")]
pub(super) fn whole_milliseconds(time: f64) -> Option<u64> {
    (time.is_finite() && (0.0..1e15).contains(&time)).then_some(time as u64)
}
