//! The directions of dependency, and invariant I1 (blind server), on what cargo itself says of the workspace.
//!
//! Judged are normal and build dependencies: what a test pulls in never reaches a server that somebody runs.

use crate::process::Process;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The crates from the ground up: each may depend only on those before it.
const ORDER: [&str; 22] = [
    "incamera-markdown",
    "incamera-markdown-wasm",
    "incamera-protocol",
    "incamera-meeting",
    "incamera-handshake",
    "incamera-record",
    "incamera-frame",
    "incamera-seal",
    "incamera-recording",
    "incamera-record-wasm",
    "incamera-sim",
    "incamera-seal-wasm",
    "incamera-srtp",
    "incamera-sfu",
    "incamera-sfu-io",
    "incamera-store",
    "incamera-endpoint",
    "incamera-server",
    "incamera-client",
    "incamera-recorder",
    "incamera-bench",
    "incamera",
];

/// What the server is built from.
const BLIND: [&str; 10] = [
    "incamera-markdown",
    "incamera-protocol",
    "incamera-meeting",
    "incamera-handshake",
    "incamera-record",
    "incamera-srtp",
    "incamera-sfu",
    "incamera-sfu-io",
    "incamera-store",
    "incamera-server",
];

/// What can open a sealed frame.
const SEEING: [&str; 3] = ["incamera-frame", "incamera-seal", "sframe"];

/// Fails when a crate reaches up, or when the server's side reaches the member's.
pub(crate) fn check() -> Result<()> {
    let metadata = Process::cargo().args(["metadata", "--format-version", "1", "--locked"]);
    let metadata = metadata
        .advice("When Cargo.lock is out of date, run `cargo check` and commit it.")
        .output()?;
    let violations = violations(&Graph::read(&metadata)?);
    if !violations.is_empty() {
        let list: Vec<String> = violations.iter().map(ToString::to_string).collect();
        bail!(
            "the architecture is violated (see ARCHITECTURE.md):\n  {}",
            list.join("\n  ")
        );
    }
    Ok(())
}

/// Who depends on whom, by the names of packages. Versions of one package are one node: that can only find more.
#[derive(Default)]
struct Graph {
    members: BTreeSet<String>,
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read(metadata: &str) -> Result<Self> {
        let metadata: Value = serde_json::from_str(metadata).context("cargo metadata wrote something unreadable")?;
        Self::parse(&metadata).context("cargo metadata has an unknown shape")
    }

    fn parse(metadata: &Value) -> Option<Self> {
        let mut names = BTreeMap::new();
        for package in metadata.get("packages")?.as_array()? {
            names.insert(package.get("id")?.as_str()?, package.get("name")?.as_str()?);
        }
        let mut graph = Self::default();
        for id in metadata.get("workspace_members")?.as_array()? {
            graph.members.insert((*names.get(id.as_str()?)?).to_owned());
        }
        for node in metadata.pointer("/resolve/nodes")?.as_array()? {
            let from = *names.get(node.get("id")?.as_str()?)?;
            for dependency in node.get("deps")?.as_array()? {
                let to = *names.get(dependency.get("pkg")?.as_str()?)?;
                let kinds = dependency.get("dep_kinds")?.as_array()?;
                let is_shipped = kinds
                    .iter()
                    .any(|kind| kind.get("kind").and_then(Value::as_str) != Some("dev"));
                if is_shipped {
                    graph.edges.entry(from.to_owned()).or_default().insert(to.to_owned());
                }
            }
        }
        Some(graph)
    }

    fn dependencies(&self, package: &str) -> impl Iterator<Item = &str> {
        self.edges.get(package).into_iter().flatten().map(String::as_str)
    }

    /// The way from one package to another over any number of dependencies.
    fn path(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut ways = vec![vec![from]];
        let mut seen = BTreeSet::from([from]);
        while let Some(way) = ways.pop() {
            let last = *way.last()?;
            if last == to {
                return Some(way.into_iter().map(str::to_owned).collect());
            }
            for next in self.dependencies(last) {
                if seen.insert(next) {
                    ways.push(way.iter().copied().chain([next]).collect());
                }
            }
        }
        None
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Violation {
    /// A crate that the order does not know cannot be judged.
    Unplaced(String),
    /// A crate depends on one that comes after it.
    ReachesUp { from: String, to: String },
    /// A crate of the server's side reaches one that can open sealed frames (I1).
    Sees(Vec<String>),
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unplaced(name) => {
                write!(
                    formatter,
                    "{name} has no place yet: add it to ORDER in xtask/src/architecture.rs"
                )
            }
            Self::ReachesUp { from, to } => write!(formatter, "{from} depends on {to}, which comes after it"),
            Self::Sees(way) => write!(formatter, "I1, blind server: {}", way.join(" → ")),
        }
    }
}

fn violations(graph: &Graph) -> Vec<Violation> {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut found = Vec::new();
    for member in graph.members.iter().filter(|member| *member != "xtask") {
        let Some(here) = place(member) else {
            found.push(Violation::Unplaced(member.clone()));
            continue;
        };
        for dependency in graph.dependencies(member) {
            if place(dependency).is_some_and(|there| there >= here) {
                found.push(Violation::ReachesUp {
                    from: member.clone(),
                    to: dependency.to_owned(),
                });
            }
        }
    }
    for (blind, seeing) in BLIND
        .iter()
        .flat_map(|blind| SEEING.iter().map(move |seeing| (*blind, *seeing)))
    {
        found.extend(graph.path(blind, seeing).map(Violation::Sees));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to) in edges {
            for name in [from, to] {
                if name.starts_with("incamera") {
                    graph.members.insert((*name).to_owned());
                }
            }
            graph
                .edges
                .entry((*from).to_owned())
                .or_default()
                .insert((*to).to_owned());
        }
        graph
    }

    #[test]
    fn the_design_passes() {
        let design = graph(&[
            ("incamera-meeting", "incamera-protocol"),
            ("incamera-handshake", "openmls"),
            ("incamera-seal", "incamera-handshake"),
            ("incamera-seal", "sframe"),
            ("incamera-server", "incamera-handshake"),
            ("incamera-client", "incamera-seal"),
            ("incamera", "incamera-server"),
            ("incamera", "incamera-client"),
        ]);
        assert_eq!(violations(&design), []);
    }

    #[test]
    fn i1_a_planted_way_from_the_server_to_the_seal_is_found_however_long() {
        let planted = graph(&[
            ("incamera-server", "incamera-store"),
            ("incamera-store", "some-helper"),
            ("some-helper", "sframe"),
        ]);
        let ways: Vec<String> = violations(&planted).iter().map(ToString::to_string).collect();
        assert!(
            ways.contains(&"I1, blind server: incamera-server → incamera-store → some-helper → sframe".to_owned()),
            "{ways:?}"
        );
        assert!(
            ways.contains(&"I1, blind server: incamera-store → some-helper → sframe".to_owned()),
            "{ways:?}"
        );
    }

    #[test]
    fn a_crate_that_reaches_up_is_found() {
        let planted = graph(&[("incamera-sfu", "incamera-server")]);
        let expected = Violation::ReachesUp {
            from: "incamera-sfu".to_owned(),
            to: "incamera-server".to_owned(),
        };
        assert_eq!(violations(&planted), [expected]);
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        let planted = graph(&[("incamera-shortcut", "incamera-protocol")]);
        assert_eq!(
            violations(&planted),
            [Violation::Unplaced("incamera-shortcut".to_owned())]
        );
    }

    #[test]
    fn what_only_tests_use_is_not_judged_and_the_rest_is() {
        let node = |dependency: &str, kind: &str| {
            format!(r#"{{"pkg": "{dependency}", "dep_kinds": [{{"kind": {kind}, "target": null}}]}}"#)
        };
        let metadata = format!(
            r#"{{
                "packages": [
                    {{"id": "a", "name": "incamera-store"}},
                    {{"id": "b", "name": "sframe"}},
                    {{"id": "c", "name": "incamera-client"}}
                ],
                "workspace_members": ["a", "c"],
                "resolve": {{"nodes": [{{"id": "a", "deps": [{}, {}]}}]}}
            }}"#,
            node("b", r#""dev""#),
            node("c", "null"),
        );
        let found = violations(&Graph::read(&metadata).unwrap());
        let expected = Violation::ReachesUp {
            from: "incamera-store".to_owned(),
            to: "incamera-client".to_owned(),
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn this_workspace_passes() {
        check().unwrap();
    }
}
