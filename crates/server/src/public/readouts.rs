//! What the delegations have said, side by side in the order in which they first came.

use std::collections::BTreeMap;

use incamera_meeting::{Claim, JointStatement, PublishedReadout, Signed};
use incamera_protocol::public::PublicState;
use maud::{Markup, html};

use super::prose::texts;
use super::time::moment;
use crate::published::PublicView;

/// The section of the public page; nothing while nothing was published.
pub(super) fn section(view: &PublicView) -> Markup {
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
            h2 #readouts-title { "Readouts" }
            p.quiet.small {
                "Each delegation’s own account, signed with its key, in the order in which they came. They need not agree."
            }
            @for (index, joint) in view.joints.iter().enumerate() { (joint_statement(view, index, joint)) }
            div.beside {
                @for delegation in order {
                    (readout(view, delegation, versions.get(&delegation).map_or(&[], Vec::as_slice)))
                }
            }
        }
    }
}

fn readout(view: &PublicView, delegation: u16, versions: &[&PublishedReadout]) -> Markup {
    let Some((last, before)) = versions.split_last() else {
        return html! {};
    };
    let name = name_of(&view.state, delegation);
    let version = last.readout.body.version;
    html! {
        article aria-labelledby={"readout-" (delegation)} data-readout=(delegation) {
            h3 #{"readout-" (delegation)} { (name) }
            p.quiet.small {
                @if version > 1 { "Version " (version) ", published " } @else { "Published " }
                (moment(last.at_ms))
            }
            (texts(&format!("readout-{delegation}-{version}"), &last.readout.body.texts))
            (signed_with(view, &[delegation], &format!("readout {delegation} {version}")))
            @if !before.is_empty() {
                details.versions {
                    summary { "Earlier versions (" (before.len()) ")" }
                    @for earlier in before.iter().rev() {
                        @let number = earlier.readout.body.version;
                        h4 { "Version " (number) ", published " (moment(earlier.at_ms)) }
                        (texts(&format!("readout-{delegation}-{number}"), &earlier.readout.body.texts))
                    }
                }
            }
        }
    }
}

fn joint_statement(view: &PublicView, index: usize, joint: &JointStatement) -> Markup {
    let signers: Vec<u16> = joint.signatures.keys().copied().collect();
    let absent: Vec<&str> = (0u16..)
        .zip(&view.state.delegations)
        .filter(|(delegation, _)| !signers.contains(delegation))
        .map(|(_, side)| side.name.as_str())
        .collect();
    let names: Vec<&str> = signers.iter().map(|signer| name_of(&view.state, *signer)).collect();
    html! {
        article.joint aria-labelledby={"joint-" (index)} data-joint=(index) {
            h3 #{"joint-" (index)} { "Joint statement of " (listed(&names)) }
            p.quiet.small {
                @if let Some(at_ms) = joint.public_at_ms { "Public since " (moment(at_ms)) }
                @if !absent.is_empty() { ". Not signed by " (listed(&absent)) "." }
            }
            (texts(&format!("joint-{index}"), &joint.joint.texts))
            (signed_with(view, &signers, &format!("joint {index}")))
        }
    }
}

/// With whose keys. The page's script checks it, and says so.
fn signed_with(view: &PublicView, signers: &[u16], what: &str) -> Markup {
    html! {
        details.signed data-check=(what) {
            summary { "Signed" @if signers.len() > 1 { " by each of them" } }
            @for signer in signers {
                p.small {
                    "With the key of " (name_of(&view.state, *signer)) ": "
                    span.print { (fingerprint(view, *signer)) }
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

fn listed(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}
