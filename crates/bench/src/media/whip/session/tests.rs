//! Against real HTTP servers, of which most answer as they should not.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response as Answer};

use super::*;

/// What a server was asked: method, path, token, body.
type Seen = Arc<Mutex<Vec<(String, String, Option<String>, String)>>>;

struct Server {
    base: String,
    seen: Seen,
}

impl Server {
    /// A server that answers everything by its path.
    async fn start(answer: impl Fn(&str) -> Answer<Body> + Clone + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen = Seen::default();
        let noted = seen.clone();
        let router = Router::new().fallback(move |request: Request<Body>| async move {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1_000).await.unwrap();
            let token = parts
                .headers
                .get(AUTHORIZATION)
                .map(|token| token.to_str().unwrap().to_owned());
            let path = parts.uri.path().to_owned();
            let given = answer(&path);
            let said = String::from_utf8(body.to_vec()).unwrap();
            noted
                .lock()
                .unwrap()
                .push((parts.method.to_string(), path, token, said));
            given
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, seen }
    }

    async fn open(&self, path: &str) -> Result<(String, Session), Refusal> {
        let at = Endpoint::new(&format!("{}{path}", self.base), Some("secret")).unwrap();
        Http::new().unwrap().open(&at, "the offer".into()).await
    }

    async fn why_not(&self, path: &str) -> String {
        match self.open(path).await {
            Ok((answer, _)) => panic!("taken: {answer}"),
            Err(refusal) => refusal.why,
        }
    }

    /// What was asked, without the bodies.
    fn asked(&self) -> Vec<(String, String, Option<String>)> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .map(|(method, path, token, _)| (method.clone(), path.clone(), token.clone()))
            .collect()
    }
}

fn asked(method: &str, path: &str, token: Option<&str>) -> (String, String, Option<String>) {
    (method.into(), path.into(), token.map(Into::into))
}

fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer<Body> {
    let mut answer = Answer::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    answer.body(body.into()).unwrap()
}

fn created(location: &str) -> Answer<Body> {
    answer(201, &[("content-type", SDP), ("location", location)], "the answer")
}

const BEARER: Option<&str> = Some("Bearer secret");

#[tokio::test]
async fn an_offer_is_answered_and_its_session_ended_where_location_says_with_the_token() {
    let server = Server::start(|path| match path {
        "/in/here/whip" => created("../sessions/7"),
        _ => answer(200, &[], ""),
    })
    .await;
    let (said, session) = server.open("/in/here/whip").await.unwrap();
    assert_eq!(said, "the answer");
    Http::new().unwrap().close(session).await.unwrap();
    let begun = asked("POST", "/in/here/whip", BEARER);
    assert_eq!(server.asked(), [begun, asked("DELETE", "/in/sessions/7", BEARER)]);
    assert_eq!(server.seen.lock().unwrap()[0].3, "the offer");
}

#[tokio::test]
async fn a_session_that_the_server_has_ended_by_itself_is_ended_and_one_that_it_keeps_is_not() {
    let server = Server::start(|path| match path {
        "/gone" | "/kept" => created(&format!("{path}/session")),
        "/gone/session" => answer(404, &[], "no such session"),
        _ => answer(500, &[], "busy"),
    })
    .await;
    let http = Http::new().unwrap();
    let (_, session) = server.open("/gone").await.unwrap();
    http.close(session).await.unwrap();
    let (_, session) = server.open("/kept").await.unwrap();
    let why = http.close(session).await.unwrap_err();
    assert_eq!(why, "DELETE /kept/session: 500 Internal Server Error: busy");
}

#[tokio::test]
async fn a_token_stays_with_the_server_for_which_it_is() {
    let other = Server::start(|_| created("/session")).await;
    let base = other.base.clone();
    let server = Server::start(move |path| match path {
        "/moved" => answer(307, &[("location", &format!("{base}/whip"))], ""),
        _ => created(&format!("{base}/elsewhere")),
    })
    .await;
    let http = Http::new().unwrap();
    let (_, session) = server.open("/moved").await.unwrap();
    http.close(session).await.unwrap();
    let (_, session) = server.open("/whip").await.unwrap();
    http.close(session).await.unwrap();
    let without = |method, path| asked(method, path, None);
    assert_eq!(
        other.asked(),
        [
            without("POST", "/whip"),
            without("DELETE", "/session"),
            without("DELETE", "/elsewhere")
        ]
    );
    // The offer itself went along.
    assert_eq!(other.seen.lock().unwrap()[0].3, "the offer");
}

#[tokio::test]
async fn redirects_that_repeat_the_request_are_followed_a_few_times_and_no_others() {
    let server = Server::start(|path| match path {
        "/1" => answer(308, &[("location", "/2")], ""),
        "/2" => answer(307, &[("location", "/3")], ""),
        "/3" => created("session"),
        "/post-to-get" => answer(303, &[("location", "/3")], ""),
        _ => answer(307, &[("location", "/round")], ""),
    })
    .await;
    let (_, session) = server.open("/1").await.unwrap();
    assert_eq!(session.url.path(), "/session");
    assert_eq!(server.asked().len(), 3);
    assert_eq!(server.why_not("/post-to-get").await, "POST /post-to-get: 303 See Other");
    assert_eq!(server.asked().len(), 4);
    let why = server.why_not("/round").await;
    assert!(why.ends_with("more than 3 redirects"), "{why}");
    assert_eq!(server.asked().len(), 8);
}

#[tokio::test]
async fn a_refusal_is_told_in_the_servers_own_words_as_far_as_they_are_words() {
    let server = Server::start(|path| match path {
        "/problem" => answer(
            403,
            &[("content-type", "application/problem+json")],
            "{\"title\": \"No publishing here\",\n \"detail\": \"ask \u{1b}[31mred\u{7}\"}",
        ),
        "/long" => answer(400, &[], "word ".repeat(1_000)),
        "/endless" => answer(400, &[], endless()),
        _ => answer(503, &[], ""),
    })
    .await;
    let problem = server.why_not("/problem").await;
    assert_eq!(
        problem,
        "POST /problem: 403 Forbidden: {\"title\": \"No publishing here\", \"detail\": \"ask [31mred\"}"
    );
    assert_eq!(
        server.why_not("/nothing").await,
        "POST /nothing: 503 Service Unavailable"
    );
    for path in ["/long", "/endless"] {
        let why = server.why_not(path).await;
        assert!(why.chars().count() < QUOTED_CHARS_MAX + 50, "{}", why.len());
    }
}

#[tokio::test]
async fn what_is_no_answer_is_not_taken() {
    let server = Server::start(|path| match path {
        "/counter-offer" => answer(406, &[("content-type", SDP), ("location", "/s")], "v=0"),
        "/nowhere" => answer(201, &[("content-type", SDP)], "the answer"),
        "/no-address" => created("mailto:somebody@example.org"),
        "/page" => answer(201, &[("content-type", "text/html"), ("location", "/s")], "<html>"),
        "/unnamed" => answer(201, &[("location", "/s")], "v=0"),
        "/only-ok" => answer(200, &[("content-type", SDP), ("location", "/s")], "v=0"),
        "/bytes" => answer(201, &[("content-type", SDP), ("location", "/s")], vec![0xff_u8, 0xfe]),
        "/endless" => answer(201, &[("content-type", SDP), ("location", "/s")], endless()),
        _ => answer(
            201,
            &[("content-type", "Application/SDP; charset=utf-8"), ("location", "/s")],
            "v=0",
        ),
    })
    .await;
    for (path, why) in [
        ("/counter-offer", "406 with an offer of the server's own"),
        ("/nowhere", "without Location"),
        ("/no-address", "Location is not an address of HTTP"),
        ("/page", "not application/sdp"),
        ("/unnamed", "not application/sdp"),
        ("/only-ok", "200 OK: v=0"),
        ("/bytes", "not text"),
        ("/endless", "more than 65536 bytes"),
    ] {
        let said = server.why_not(path).await;
        assert!(
            said.starts_with(&format!("POST {path}: ")) && said.contains(why),
            "{said}"
        );
    }
    assert_eq!(server.open("/good").await.unwrap().0, "v=0");
}

#[tokio::test]
async fn a_stream_that_is_not_there_yet_is_asked_for_again_and_a_refusal_is_not() {
    let server = Server::start(|path| match path {
        "/soon" => answer(409, &[("retry-after", "2")], ""),
        "/never" => answer(409, &[("retry-after", "18446744073709551615")], ""),
        "/unknown" => answer(404, &[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")], ""),
        _ => answer(403, &[("retry-after", "2")], ""),
    })
    .await;
    let again = async |path| server.open(path).await.map(drop).unwrap_err().again_after;
    assert_eq!(again("/soon").await, Some(Duration::from_secs(2)));
    assert_eq!(again("/never").await, Some(SIGNALLING_PATIENCE));
    assert_eq!(again("/unknown").await, Some(AGAIN_AFTER));
    assert_eq!(again("/forbidden").await, None);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_be_so_without_the_address() {
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let at = Endpoint::new(&format!("http://name:word@{nobody}/whip?jwt=secret"), None).unwrap();
    let opened = Http::new().unwrap().open(&at, "the offer".into()).await;
    let why = opened.map(drop).unwrap_err().why;
    assert!(why.starts_with("POST /whip: ") && why.contains("refused"), "{why}");
    assert!(!why.contains("secret") && !why.contains("word"), "{why}");
}

/// A body that does not end.
fn endless() -> Body {
    Body::from_stream(futures_util::stream::repeat_with(|| {
        Ok::<_, std::io::Error>("endless ".repeat(1_000))
    }))
}
