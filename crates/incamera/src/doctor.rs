//! `incamera doctor`: what this program is, whether a house would stand here, and whether a house serves this program's
//! web client and nothing else.

mod bundle;
mod certificate;
mod finding;
mod here;
mod served;
mod written;

pub(crate) use served::client;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;

pub(crate) use bundle::Bundle;
use finding::{Finding, State};

use crate::serve::Place;

/// Says what this program is, and whether a house would stand here. Exit code 1 if something is wrong.
///
/// Every file of the web client in this program is listed with its SHA-256, and the SHA-256 of that list: what
/// `sha256sum` gives for the built files, sorted by name. Whoever built the program from the same source has the same.
///
/// With --url the pages and files of a running house are fetched, in every coding that browsers take, and compared with
/// those in this program. It shows what the house serves to whoever asks like this, at this moment. Ask from where it
/// does not expect you.
#[derive(Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    place: Place,

    /// Compare what the house at this address serves with this program, instead of looking at this machine.
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// A certificate (PEM) to trust besides those of this machine, for --url.
    #[arg(long, value_name = "FILE", requires = "url")]
    ca: Option<PathBuf>,

    /// One JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Report<'a> {
    version: &'static str,
    web_client: &'a Bundle,
    findings: &'a [Finding],
    healthy: bool,
}

impl Doctor {
    /// Looks, prints, and says whether all is well.
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let bundle = Bundle::embedded();
        let mut findings = vec![bundle.finding()];
        match &self.url {
            Some(url) => findings.extend(served::compare(url, self.ca.as_deref()).await?),
            None => findings.extend(here::look(&self.place).await),
        }
        let healthy = findings.iter().all(|finding| finding.state != State::Bad);
        let report = Report {
            version: env!("CARGO_PKG_VERSION"),
            web_client: &bundle,
            findings: &findings,
            healthy,
        };
        if self.json {
            println!(
                "{}",
                serde_json::to_string(&report).context("the report cannot be written")?
            );
        } else {
            print!("{}", text(&report));
        }
        Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn text(report: &Report<'_>) -> String {
    let mut text = format!("incamera {}\n\n", report.version);
    for file in &report.web_client.files {
        text.push_str(&format!("{}  {}\n", file.sha256, file.name));
    }
    text.push_str(&format!("{}  the list above\n\n", report.web_client.sha256()));
    for finding in report.findings {
        text.push_str(&format!(
            "{:<4}  {}: {}\n",
            finding.state.word(),
            finding.of,
            finding.said
        ));
    }
    text
}
