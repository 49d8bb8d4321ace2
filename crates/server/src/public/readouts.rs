//! What the delegations have said, side by side in the order in which they first came.

use std::collections::BTreeMap;

use incamera_meeting::{Claim, JointStatement, PublishedReadout, Signed};
use incamera_protocol::public::PublicState;
use maud::{Markup, html};

use super::course::listed;
use super::prose::texts;
use super::time::moment;
use super::words::{Arg, Reader};
use crate::published::PublicView;

/// The section of the public page; nothing while nothing was published.
pub(super) fn section(view: &PublicView, reader: Reader) -> Markup {
    let mut order: Vec<u16> = Vec::new();
    let mut versions: BTreeMap<u16, Vec<&PublishedReadout>> = BTreeMap::new();
    for published in &view.readouts {
        let delegation = published.readout.body.delegation;
        if !order.contains(&delegation) {
            order.push(delegation);
        }
        versions.entry(delegation).or_default().push(published);
    }
    let empty = order.is_empty() && view.joints.is_empty();
    html! {
        section #readouts aria-labelledby="readouts-title" hidden[empty] data-published=(view.state.published) {
            h2 #readouts-title { (reader.say("readouts")) }
            p.quiet.small { (reader.say("readouts-what")) }
            @for (index, joint) in view.joints.iter().enumerate() { (joint_statement(view, index, joint, reader)) }
            div.beside {
                @for delegation in order {
                    (readout(view, delegation, versions.get(&delegation).map_or(&[], Vec::as_slice), reader))
                }
            }
        }
    }
}

fn readout(view: &PublicView, delegation: u16, versions: &[&PublishedReadout], reader: Reader) -> Markup {
    let Some((last, before)) = versions.split_last() else {
        return html! {};
    };
    let name = name_of(&view.state, delegation);
    let version = last.readout.body.version;
    html! {
        article aria-labelledby={"readout-" (delegation)} data-readout=(delegation) {
            h3 #{"readout-" (delegation)} { (reader.name(name)) }
            p.quiet.small {
                @if version > 1 { (published(version, last.at_ms, reader)) }
                @else { (reader.html("published-when", &[("when", Arg::Html(moment(last.at_ms, reader)))])) }
            }
            (texts(&format!("readout-{delegation}-{version}"), &last.readout.body.texts))
            (signed_with(view, &[delegation], &format!("readout {delegation} {version}"), reader))
            @if !before.is_empty() {
                details.versions {
                    summary { (reader.text("earlier-versions", &[("number", Arg::Number(before.len() as u64))])) }
                    @for earlier in before.iter().rev() {
                        @let number = earlier.readout.body.version;
                        h4 { (published(number, earlier.at_ms, reader)) }
                        (texts(&format!("readout-{delegation}-{number}"), &earlier.readout.body.texts))
                    }
                }
            }
        }
    }
}

fn published(version: u16, at_ms: u64, reader: Reader) -> Markup {
    let number = Arg::Number(u64::from(version));
    let when = Arg::Html(moment(at_ms, reader));
    reader.html("version-published", &[("number", number), ("when", when)])
}

fn joint_statement(view: &PublicView, index: usize, joint: &JointStatement, reader: Reader) -> Markup {
    let signers: Vec<u16> = joint.signatures.keys().copied().collect();
    let absent: Vec<&str> = (0u16..)
        .zip(&view.state.delegations)
        .filter(|(delegation, _)| !signers.contains(delegation))
        .map(|(_, side)| side.name.as_str())
        .collect();
    let names: Vec<&str> = signers.iter().map(|signer| name_of(&view.state, *signer)).collect();
    html! {
        article.joint aria-labelledby={"joint-" (index)} data-joint=(index) {
            h3 #{"joint-" (index)} { (reader.html("joint", &[("names", Arg::Said(&listed(&names, reader)))])) }
            p.quiet.small {
                @if let Some(at_ms) = joint.public_at_ms {
                    (reader.html("joint-since", &[("when", Arg::Html(moment(at_ms, reader)))]))
                }
                @if !absent.is_empty() {
                    br;
                    (reader.html("joint-absent", &[("names", Arg::Said(&listed(&absent, reader)))]))
                }
            }
            (texts(&format!("joint-{index}"), &joint.joint.texts))
            (signed_with(view, &signers, &format!("joint {index}"), reader))
        }
    }
}

/// With whose keys. The page's script checks it, and says so.
fn signed_with(view: &PublicView, signers: &[u16], what: &str, reader: Reader) -> Markup {
    html! {
        details.signed data-check=(what) {
            summary { (reader.say(if signers.len() > 1 { "signed-each" } else { "signed" })) }
            @for signer in signers {
                p.small {
                    (reader.html("signed-key", &[("name", Arg::Text(name_of(&view.state, *signer)))])) " "
                    span.print dir="ltr" { (fingerprint(view, *signer)) }
                }
            }
        }
    }
}

/// The digits that people read to each other, as the room and the desk show them.
fn fingerprint(view: &PublicView, delegation: u16) -> String {
    let claim = view.claims.get(usize::from(delegation)).and_then(Option::as_ref);
    let Some(claim) = claim.and_then(|bytes| Signed::<Claim>::read(&bytes.0).ok()) else {
        return String::new();
    };
    claim.body.delegation_key.fingerprint_digits().join(" ")
}

fn name_of(state: &PublicState, delegation: u16) -> &str {
    state
        .delegations
        .get(usize::from(delegation))
        .map_or("", |side| side.name.as_str())
}
