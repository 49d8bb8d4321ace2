use std::io::Read as _;

use flate2::read::GzDecoder;
use incamera_protocol::ErrorCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::House;

const EVERYWHERE: [(&str, &str); 13] = [
    ("GET", "/"),
    ("GET", "/m/x"),
    ("GET", "/m/x/join"),
    ("GET", "/m/x/booth"),
    ("GET", "/convene"),
    ("GET", "/assets/none.js"),
    ("GET", "/healthz"),
    ("GET", "/api/meetings"),
    ("GET", "/api/meetings/x"),
    ("GET", "/api/none"),
    ("GET", "/none/../etc/passwd"),
    ("DELETE", "/api/meetings"),
    ("POST", "/"),
];

#[tokio::test]
async fn every_answer_bears_the_headers_that_keep_a_page_to_itself() {
    let house = House::start().await;
    for (method, path) in EVERYWHERE {
        let answer = house.request(method, path, &[], b"").await;
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"),
            "{path}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains('*'), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            Some("same-origin"),
            "{path}"
        );
        let permissions = answer.header("permissions-policy").unwrap();
        assert!(
            permissions.contains("camera=(self), microphone=(self), display-capture=(self)"),
            "{path}"
        );
        assert!(answer.header("cache-control").is_some(), "{path}");
        assert_eq!(answer.header("strict-transport-security"), None, "plain HTTP, {path}");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_route_says_so_in_the_language_of_who_asks() {
    let house = House::start().await;
    let api = house.get("/api/none").await;
    assert_eq!((api.status, api.code()), (404, ErrorCode::NotFound));
    let meeting = house.get("/api/meetings/none").await;
    assert_eq!((meeting.status, meeting.code()), (404, ErrorCode::NotFound));
    let unknown = format!("/api/meetings/{}", incamera_protocol::MeetingId([9; 32]));
    assert_eq!(house.get(&unknown).await.code(), ErrorCode::NotFound);
    let method = house.request("DELETE", "/api/meetings", &[], b"").await;
    assert_eq!((method.status, method.code()), (405, ErrorCode::NotAllowed));
}

#[tokio::test]
async fn an_address_where_nothing_is_has_a_page_like_any_other_with_a_way_home() {
    let house = House::start().await;
    for path in ["/none", "/m/x/none", "/assets/none.js", "/none?lang=%"] {
        let (head, body) = asked(&house, path, "accept-language: de").await;
        let body = String::from_utf8(body).unwrap();
        assert!(
            head.starts_with("HTTP/1.0 404") || head.starts_with("HTTP/1.1 404"),
            "{path}: {head}"
        );
        assert!(head.contains("content-type: text/html"), "{path}: {head}");
        assert!(
            body.contains("lang=\"de\"") && body.contains("<h1>Nicht gefunden</h1>"),
            "{path}: {body}"
        );
        assert!(
            body.contains("href=\"/") && body.contains("class=\"languages"),
            "{path}: {body}"
        );
    }
    let arabic = house.get("/none?lang=ar").await;
    assert!(arabic.body.contains("dir=\"rtl\""), "{}", arabic.body);
}

#[tokio::test]
async fn the_house_says_that_it_is_well() {
    let house = House::start().await;
    let answer = house.get("/healthz").await;
    assert_eq!((answer.status, answer.body.contains("ok")), (200, true));
}

/// Heads, and the body as it is on the wire.
async fn asked(house: &House, path: &str, header: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nhost: house\r\n{header}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let body = bytes.split_off(end + 4);
    (String::from_utf8(bytes).unwrap(), body)
}

#[tokio::test]
async fn what_the_server_writes_for_the_public_is_compressed_and_nothing_else() {
    let house = House::start().await;
    let convocation = house.convene().await;
    let meeting = format!("/m/{}", convocation.id());
    for path in ["/", &meeting, &format!("{meeting}/feed.atom"), "/calendar.ics"] {
        let (plain_head, plain) = asked(&house, path, "accept-encoding: identity").await;
        assert!(!plain_head.contains("content-encoding"), "{plain_head}");
        let (head, body) = asked(&house, path, "accept-encoding: gzip, br").await;
        assert!(head.contains("content-encoding: gzip"), "{path}: {head}");
        assert!(head.to_lowercase().contains("accept-encoding"), "{path}: {head}");
        assert!(body.len() < plain.len(), "{path}");
        let mut opened = Vec::new();
        GzDecoder::new(body.as_slice()).read_to_end(&mut opened).unwrap();
        assert!(opened == plain, "{path}");
        // Whoever has it is told that it has not changed.
        let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
        assert!(tag.starts_with("W/"), "{tag}");
        let (head, _) = asked(&house, path, &format!("accept-encoding: gzip\r\nif-none-match: {tag}")).await;
        assert!(head.contains(" 304 "), "{path}: {head}");
    }
    let api = format!("/api/meetings/{}", convocation.id());
    for path in [api.as_str(), "/api/meetings", "/record/key"] {
        let (head, _) = asked(&house, path, "accept-encoding: gzip").await;
        assert!(
            head.contains(" 200 OK") && !head.contains("content-encoding"),
            "{path}: {head}"
        );
    }
}
