//! `incamera doctor`, against real folders, ports, certificates and houses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod house;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use house::House;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What the doctor says, and its exit code.
struct Diagnosis {
    report: Value,
    code: i32,
}

fn doctor(flags: &[&str]) -> Diagnosis {
    let output = Command::new(env!("CARGO_BIN_EXE_incamera"))
        .args(["doctor", "--json"])
        .args(flags)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let report = serde_json::from_str(&said);
    Diagnosis {
        report: report.unwrap_or_else(|_| panic!("{said}{}", String::from_utf8_lossy(&output.stderr))),
        code: output.status.code().unwrap(),
    }
}

impl Diagnosis {
    /// State and sentence of what was looked at.
    fn of(&self, what: &str) -> Vec<(String, String)> {
        let findings = self.report["findings"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let of = findings.iter().filter(|finding| finding["of"] == what);
        of.map(|finding| (text(&finding["state"]), text(&finding["said"])))
            .collect()
    }

    fn is(&self, what: &str, state: &str) -> String {
        let found = self.of(what);
        assert!(found.len() == 1 && found[0].0 == state, "{what} is {found:?}");
        found[0].1.clone()
    }

    /// Everything that is wrong, but that a build without Node has no web client.
    fn bad(&self) -> Vec<String> {
        let findings = self.report["findings"].as_array().unwrap();
        let bad = findings.iter().filter(|finding| finding["state"] == "bad");
        let bad: Vec<String> = bad.map(|finding| finding["of"].as_str().unwrap().to_owned()).collect();
        assert_eq!(bad.is_empty(), self.code == 0);
        assert_eq!(self.report["healthy"].as_bool().unwrap(), self.code == 0);
        let without_client = self.files().is_empty();
        assert_eq!(bad.contains(&"web client".to_owned()), without_client);
        bad.into_iter().filter(|of| of != "web client").collect()
    }

    fn files(&self) -> &Vec<Value> {
        self.report["web_client"]["files"].as_array().unwrap()
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// For a house on this machine, in this folder.
fn local(data: &Path) -> Vec<String> {
    let listen = format!("127.0.0.1:{}", free_port());
    let data = data.display().to_string();
    ["--listen", &listen, "--media-port", "0", "--data", &data]
        .map(str::to_owned)
        .to_vec()
}

fn doctor_for(data: &Path, more: &[&str]) -> Diagnosis {
    let flags = local(data);
    let flags: Vec<&str> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
    doctor(&flags)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn where_a_house_would_stand_all_is_well_and_nothing_is_left_behind() {
    let data = tempfile::tempdir().unwrap();
    let diagnosis = doctor_for(data.path(), &[]);
    assert_eq!(diagnosis.bad(), Vec::<String>::new());
    diagnosis.is("data", "good");
    diagnosis.is("http", "good");
    diagnosis.is("store", "note");
    diagnosis.is("media address", "note");
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
    let nowhere = data.path().join("not/there");
    assert!(
        doctor_for(&nowhere, &[])
            .is("data", "note")
            .contains("the house makes it")
    );
    assert!(!nowhere.exists());
}

#[test]
fn the_list_of_the_web_client_is_that_of_sha256sum() {
    let data = tempfile::tempdir().unwrap();
    let diagnosis = doctor_for(data.path(), &[]);
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    let mut list = String::new();
    for file in diagnosis.files() {
        let name = file["name"].as_str().unwrap();
        let built = std::fs::read(dist.join(name)).unwrap();
        assert_eq!(file["sha256"], sha256(&built), "{name}");
        list.push_str(&format!("{}  {name}\n", sha256(&built)));
    }
    assert_eq!(diagnosis.report["web_client"]["sha256"], sha256(list.as_bytes()));
}

#[test]
fn a_house_key_that_others_can_read_and_a_store_from_the_future_are_named() {
    let data = tempfile::tempdir().unwrap();
    drop(House::start(data.path(), 0));
    let folder = data.path().join("house");
    let file = folder.join("incamera.sqlite");
    let diagnosis = doctor_for(&folder, &[]);
    assert_eq!(diagnosis.bad(), Vec::<String>::new());
    diagnosis.is("store", "good");
    diagnosis.is("house key", "good");

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(doctor_for(&folder, &[]).is("house key", "bad").contains("chmod 600"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();

    let store = rusqlite::Connection::open(&file).unwrap();
    store.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let diagnosis = doctor_for(&folder, &[]);
    assert_eq!(diagnosis.bad(), ["store"]);
    assert!(diagnosis.is("store", "bad").contains("schema 99"));
    std::fs::write(&file, "something else").unwrap();
    assert_eq!(doctor_for(&folder, &[]).bad(), ["store"]);
}

#[test]
fn a_port_that_is_taken_is_named_and_a_house_that_runs_is_told_apart() {
    let data = tempfile::tempdir().unwrap();
    let stranger = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = stranger.local_addr().unwrap().to_string();
    let elsewhere = data.path().join("elsewhere").display().to_string();
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = stranger.accept() {
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
        }
    });
    let diagnosis = doctor(&["--listen", &taken, "--media-port", "0", "--data", &elsewhere]);
    assert_eq!(diagnosis.bad(), ["http"]);
    let house = House::start(data.path(), 0);
    let listen = format!("127.0.0.1:{}", house.port);
    let diagnosis = doctor(&["--listen", &listen, "--media-port", "0", "--data", &elsewhere]);
    assert_eq!(diagnosis.bad(), Vec::<String>::new());
    assert!(diagnosis.is("http", "note").contains("A house answers"));
}

#[test]
fn addresses_that_no_client_reaches_are_named() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().display().to_string();
    let listen = format!("0.0.0.0:{}", free_port());
    let with = |advertise: &str| {
        let flags = [
            "--listen",
            &listen,
            "--media-port",
            "0",
            "--data",
            &data,
            "--advertise",
            advertise,
        ];
        doctor(&flags)
    };
    for nobody in ["127.0.0.1", "0.0.0.0", "224.0.0.1"] {
        assert_eq!(with(nobody).bad(), ["media address"], "{nobody}");
    }
    assert_eq!(with("203.0.113.7").bad(), Vec::<String>::new());
    with("203.0.113.7").is("media address", "good");
    with("192.168.1.7").is("media address", "note");
    with("203.0.113.7").is("certificate", "note");
}

/// A certificate for localhost that is valid for so many days from yesterday, and its key, as files.
fn certificate(folder: &Path, days: i64) -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let now = time::OffsetDateTime::now_utc();
    parameters.not_before = now - time::Duration::days(1);
    parameters.not_after = now + time::Duration::days(days - 1);
    let own = parameters.self_signed(&key).unwrap();
    let (chain_file, key_file) = (folder.join(format!("{days}.pem")), folder.join(format!("{days}.key")));
    std::fs::write(&chain_file, own.pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    (chain_file.display().to_string(), key_file.display().to_string())
}

#[test]
fn a_certificate_must_be_readable_in_time_and_fit_its_key() {
    let data = tempfile::tempdir().unwrap();
    let (good, good_key) = certificate(data.path(), 90);
    let (short, short_key) = certificate(data.path(), 5);
    let (old, old_key) = certificate(data.path(), 0);
    let with = |chain: &str, key: &str| doctor_for(data.path(), &["--tls-cert", chain, "--tls-key", key]);
    assert_eq!(with(&good, &good_key).bad(), Vec::<String>::new());
    with(&good, &good_key).is("certificate", "good");
    with(&short, &short_key).is("certificate", "note");
    assert!(with(&old, &old_key).is("certificate", "bad").contains("expired"));
    assert!(
        with(&good, &old_key)
            .is("certificate", "bad")
            .contains("is not the key of")
    );
    assert!(
        with(&good_key, &good_key)
            .is("certificate", "bad")
            .contains("no certificate")
    );
    assert!(
        with("/nowhere.pem", &good_key)
            .is("certificate", "bad")
            .contains("cannot be read")
    );
}

#[test]
fn a_house_over_https_serves_what_is_in_the_program() {
    let data = tempfile::tempdir().unwrap();
    let (chain, key) = certificate(data.path(), 90);
    let flags = ["--media-port", "0", "--tls-cert", &chain, "--tls-key", &key];
    let house = House::start_with(data.path(), 0, "debug", &flags);
    let url = format!("https://localhost:{}", house.port);
    let trusted = doctor(&["--url", &url, "--ca", &chain]);
    if trusted.files().is_empty() {
        return;
    }
    assert_eq!(trusted.bad(), Vec::<String>::new());
    trusted.is("served", "good");
    trusted.is("clock", "good");
    // Nobody else's certificate will do.
    assert_eq!(doctor(&["--url", &url]).bad(), ["served"]);
}

/// Passes requests on to the house; in the answer to one path, in one coding, one byte is another.
fn lying_house(port: u16, path: &'static str, coding: &'static str, lie: fn(&mut Vec<u8>)) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && client.read_exact(&mut byte).is_ok() {
                request.push(byte[0]);
            }
            let request = String::from_utf8(request).unwrap();
            let lies = request.starts_with(&format!("GET {path} "))
                && (coding.is_empty() || request.contains(&format!("accept-encoding: {coding}\r\n")));
            let mut house = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
            house.write_all(request.as_bytes()).unwrap();
            let mut answer = Vec::new();
            house.read_to_end(&mut answer).unwrap();
            if lies {
                lie(&mut answer);
            }
            let _ = client.write_all(&answer);
        }
    });
    url
}

#[test]
fn a_house_that_serves_one_other_byte_is_found_out() {
    let data = tempfile::tempdir().unwrap();
    let house = House::start(data.path(), 0);
    let honest = doctor(&["--url", &format!("http://127.0.0.1:{}", house.port)]);
    if honest.files().is_empty() {
        // Built without Node: there is nothing to compare, and the doctor says that this is wrong.
        assert_eq!(honest.code, 1);
        return;
    }
    assert_eq!(honest.bad(), Vec::<String>::new());
    for (path, coding) in [("/convene", "br"), ("/icon.svg", "gzip")] {
        let diagnosis = doctor(&[
            "--url",
            &lying_house(house.port, path, coding, |answer| *answer.last_mut().unwrap() ^= 1),
        ]);
        let named = diagnosis.is("served", "bad");
        assert!(named.starts_with(&format!("{path} ({coding}) has sha256")), "{named}");
        assert_eq!(diagnosis.code, 1);
    }
    // In the pages that the house writes itself nothing runs but what this program has.
    let handler = lying_house(house.port, "/", "", |answer| {
        let at = answer.windows(11).position(|bytes| bytes == b"main class=").unwrap();
        answer[at + 5..at + 10].copy_from_slice(b"onend");
    });
    let named = doctor(&["--url", &handler]).is("served", "bad");
    assert!(
        named.starts_with("/ has what this program does not write: <main onend="),
        "{named}"
    );
    let nobody = doctor(&["--url", &format!("http://127.0.0.1:{}", free_port())]);
    assert!(nobody.is("served", "bad").contains("cannot be fetched"));
}
