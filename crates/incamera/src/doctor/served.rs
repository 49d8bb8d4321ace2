//! What a house serves, byte by byte against what is in this program.

use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use incamera_protocol::{MeetingId, limits};
use incamera_server::{WebFile, web_client};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, DATE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};

use super::bundle::sha256;
use super::finding::Finding;
use super::written;

const OF: &str = "served";
/// The codings in which a file may be sent, and what browsers ask for.
const CODINGS: [&str; 3] = ["identity", "gzip", "br"];

/// Fetches everything, in every coding. One finding for each difference.
pub(super) async fn compare(url: &str, ca: Option<&Path>) -> Result<Vec<Finding>> {
    let base = url.trim_end_matches('/');
    let client = client(ca)?;
    let mut findings = Vec::new();
    let mut same = 0;
    let mut clock = None;
    for file in web_client() {
        for path in file.paths() {
            for coding in CODINGS {
                let address = format!("{base}{path}");
                let answer = match client.get(&address).header(ACCEPT_ENCODING, coding).send().await {
                    Ok(answer) => answer,
                    Err(error) => {
                        let why = anyhow::Error::from(error.without_url());
                        findings.push(Finding::bad(OF, format!("{address} cannot be fetched: {why:#}.")));
                        return Ok(findings);
                    }
                };
                clock = clock.or_else(|| clock_of(&answer));
                match difference(&file, coding, answer).await {
                    None => same += 1,
                    Some(what) => findings.push(Finding::bad(OF, format!("{path} ({coding}) {what}"))),
                }
            }
        }
    }
    // What the house writes itself: the schedule, and the page of a meeting that there is not.
    let nobody = format!("/m/{}", MeetingId([0; 32]));
    for path in ["/", &nobody] {
        let answer = client.get(format!("{base}{path}")).send().await;
        let page = match answer {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        match written::foreign(&page) {
            _ if page.is_empty() => findings.push(Finding::bad(OF, format!("{path} is not answered."))),
            None => same += 1,
            Some(tag) => {
                findings.push(Finding::bad(
                    OF,
                    format!("{path} has what this program does not write: {tag}"),
                ));
            }
        }
    }
    if findings.is_empty() && same > 0 {
        let said =
            format!("{base} has answered {same} times with what is in this program, and never with anything else.");
        findings.push(Finding::good(OF, said));
    }
    findings.extend(clock);
    Ok(findings)
}

pub(crate) fn client(ca: Option<&Path>) -> Result<Client> {
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .timeout(Duration::from_millis(limits::DOCTOR_WAIT_MS));
    if let Some(file) = ca {
        let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let trusted = Certificate::from_pem_bundle(&pem);
        builder = builder.tls_certs_merge(trusted.with_context(|| format!("{} is no certificate", file.display()))?);
    }
    builder.build().context("cannot make an HTTP client")
}

/// What is different in this answer from what this program would give.
async fn difference(file: &WebFile, coding: &str, answer: Response) -> Option<String> {
    let status = answer.status();
    if !status.is_success() {
        return Some(format!("is answered with {status}."));
    }
    let sent_in = answer.headers().get(CONTENT_ENCODING);
    let sent_in = sent_in
        .map_or("identity", |value| value.to_str().unwrap_or("?"))
        .to_owned();
    let expected = match sent_in.as_str() {
        "br" => file.br,
        "gzip" => file.gzip,
        "identity" => Some(file.identity),
        _ => None,
    };
    if sent_in != coding && sent_in != "identity" {
        return Some(format!("comes as {sent_in}, which was not asked for."));
    }
    let Some(expected) = expected else {
        return Some(format!("comes as {sent_in}, which this program does not have."));
    };
    let body = match answer.bytes().await {
        Ok(body) => body,
        Err(error) => return Some(format!("breaks off: {}.", error.without_url())),
    };
    let (is, should) = (sha256(&body), sha256(expected));
    (is != should).then(|| format!("has sha256 {is}; in this program {should}."))
}

/// How far the house's clock is from this machine's.
fn clock_of(answer: &Response) -> Option<Finding> {
    let date = answer.headers().get(DATE)?.to_str().ok()?;
    let theirs = httpdate::parse_http_date(date).ok()?;
    let ours = SystemTime::now();
    let apart = ours.duration_since(theirs).unwrap_or_else(|error| error.duration());
    let seconds = apart.as_secs();
    let finding = if apart > Duration::from_millis(limits::CLOCK_SKEW_MS_MAX) {
        Finding::bad(
            "clock",
            format!("The house's clock and this machine's are {seconds} s apart."),
        )
    } else {
        Finding::good(
            "clock",
            format!("The house's clock and this machine's agree to {seconds} s."),
        )
    };
    Some(finding)
}
