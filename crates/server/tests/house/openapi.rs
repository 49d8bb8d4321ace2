//! The description of the HTTP API is the one that is committed, and describes what there is.

use std::path::Path;

use crate::harness::House;

/// Set it, and the test writes the file and no longer compares it.
const WRITE: &str = "INCAMERA_WRITE_OPENAPI";

#[tokio::test]
async fn the_committed_description_is_what_the_house_says() {
    let house = House::start().await;
    let answer = house.get("/api/openapi.json").await;
    assert_eq!(answer.status, 200);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os(WRITE).is_some() {
        return std::fs::write(file, answer.body).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        committed == answer.body,
        "docs/openapi.json is not what the house says: run this test with {WRITE}=1 and commit the result"
    );
}

#[tokio::test]
async fn every_described_route_is_there() {
    let house = House::start().await;
    let description: serde_json::Value = house.get("/api/openapi.json").await.json();
    let unknown = incamera_protocol::MeetingId([9; 32]).to_string();
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() > 15);
    for (path, methods) in paths {
        let address = path.replace("{id}", &unknown).replace("{name}", "Nobody");
        for method in methods.as_object().unwrap().keys() {
            let answer = house.request(&method.to_uppercase(), &address, &[], b"").await;
            assert!(
                answer.status != 405 && answer.status != 500,
                "{method} {path}: {}",
                answer.status
            );
            assert!(!answer.body.contains("There is nothing here"), "{method} {path}");
            assert!(
                !answer.body.contains("<p>There is nothing at this address."),
                "{method} {path}"
            );
        }
    }
}
