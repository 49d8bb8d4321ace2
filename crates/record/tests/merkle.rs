//! Tree, proofs, tiles and notes against the known answers of the specifications and against an implementation that
//! shares no code with this one: a port of Go's `sumdb/tlog` and `sumdb/note`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use incamera_meeting::{LetterId, Seed};
use incamera_protocol::MeetingId;
use incamera_record::*;
use proptest::prelude::*;
use signed_note::{StandardVerifier, VerifierList};
use tlog_tiles::HashReader as _;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn tree_of(size: u64) -> Tree {
    let mut tree = Tree::default();
    (0..size).for_each(|number| tree.push(leaf(number)));
    tree
}

fn leaf(number: u64) -> Hash {
    Hash::of_leaf(format!("entry {number}").as_bytes())
}

#[test]
fn the_roots_are_those_of_certificate_transparencys_own_tests() {
    let leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let (mut tree, mut frontier) = (Tree::default(), Frontier::default());
    for (size, root) in roots.iter().enumerate() {
        assert_eq!(tree.root().0.to_vec(), hex(root));
        assert_eq!(frontier.root(), tree.root());
        if let Some(leaf) = leaves.get(size) {
            let hash = Hash::of_leaf(&hex(leaf));
            tree.push(hash);
            frontier.push(hash);
        }
    }
}

/// The tiles of a tree, read as a stranger would.
struct Served(Tree);

impl tlog_tiles::TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            let path = tile.path();
            let (level, rest) = path.strip_prefix("tile/8/").unwrap().split_once('/').unwrap();
            Tile::read(rest)
                .unwrap()
                .hashes(&self.0, level.parse().unwrap())
                .unwrap()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn theirs(hash: Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

fn check_as_a_stranger(old: u64, new: u64, index: u64) {
    let served = Served(tree_of(new));
    let (root, old_root) = (served.0.root(), served.0.root_at(old).unwrap());
    let reader = tlog_tiles::TileHashReader::new(new, theirs(root), &served);
    assert_eq!(tlog_tiles::tree_hash(new, &reader).unwrap(), theirs(root));
    reader.read_hashes(&[tlog_tiles::stored_hash_index(0, index)]).unwrap();
    // Their proofs are ours.
    let path = tlog_tiles::prove_record(new, index, &reader).unwrap();
    let mine = served.0.inclusion(index, new).unwrap();
    assert_eq!(mine.iter().map(|hash| theirs(*hash)).collect::<Vec<_>>(), path);
    tlog_tiles::check_record(&path, new, theirs(root), index, theirs(leaf(index))).unwrap();
    assert!(includes(root, new, index, leaf(index), &mine));
    let path = tlog_tiles::prove_tree(new, old, &reader).unwrap();
    let mine = served.0.consistency(old, new).unwrap();
    assert_eq!(mine.iter().map(|hash| theirs(*hash)).collect::<Vec<_>>(), path);
    tlog_tiles::check_tree(&path, new, theirs(root), old, theirs(old_root)).unwrap();
    assert!(extends((old, old_root), (new, root), &mine));
}

#[test]
fn tiles_and_proofs_are_those_of_an_implementation_that_shares_no_code() {
    for new in [1, 2, 3, 7, 8, 255, 256, 257, 600] {
        for old in [1, 2, new / 2, new - 1, new] {
            if (1..=new).contains(&old) {
                check_as_a_stranger(old, new, old - 1);
            }
        }
    }
    check_as_a_stranger(65_530, 66_000, 65_535);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_proof_holds_and_no_other(new in 1u64..700, a in any::<u64>(), b in any::<u64>(), at in any::<usize>()) {
        let (old, index) = (a % new + 1, b % new);
        let tree = tree_of(new);
        let (root, old_root) = (tree.root(), tree.root_at(old).unwrap());
        let path = tree.inclusion(index, new).unwrap();
        prop_assert!(includes(root, new, index, leaf(index), &path));
        // Another place, another leaf, another root, a path that is bent, too long or too short.
        prop_assert!(new == 1 || !includes(root, new, (index + 1) % new, leaf(index), &path));
        prop_assert!(!includes(root, new, index, leaf(index + 1), &path));
        prop_assert!(!includes(leaf(0), new, index, leaf(index), &path) || new == 1);
        let mut bent = path.clone();
        if !bent.is_empty() {
            let place = at % bent.len();
            bent[place].0[3] ^= 1;
            prop_assert!(!includes(root, new, index, leaf(index), &bent));
            prop_assert!(!includes(root, new, index, leaf(index), &path[1..]));
        }
        bent.push(root);
        prop_assert!(!includes(root, new, index, leaf(index), &bent));
        let path = tree.consistency(old, new).unwrap();
        prop_assert!(extends((old, old_root), (new, root), &path));
        prop_assert!(old == new || !extends((old, leaf(old + 7)), (new, root), &path));
        prop_assert!(!extends((old, old_root), (new, leaf(new + 7)), &path));
        if !path.is_empty() {
            let mut bent = path.clone();
            let place = at % bent.len();
            bent[place].0[3] ^= 1;
            prop_assert!(!extends((old, old_root), (new, root), &bent));
        }
        // Who has seen the beginning knows the rest again.
        let mut frontier = Frontier::default();
        (0..old).for_each(|number| frontier.push(leaf(number)));
        prop_assert_eq!(frontier.root(), old_root);
        prop_assert_eq!(tree.frontier_at(old), Some(frontier.clone()));
        let mut frontier = Frontier::from_parts(old, frontier.peaks().to_vec()).unwrap();
        (old..new).for_each(|number| frontier.push(leaf(number)));
        prop_assert_eq!(frontier.root(), root);
    }

    #[test]
    fn notes_and_bundles_from_outside_are_never_a_panic(text in ".{0,300}", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Note::read(&text);
        let _ = Note::read(&format!("{text}\n\n— a {text}\n"));
        let _ = Checkpoint::read(&text);
        let _ = NoteKey::read(&text);
        let _ = Tile::read(&text);
        let _ = Entry::decode(&bytes);
        let _ = HouseEntry::decode(&bytes);
        if let Some(entries) = read_bundle(&bytes) {
            let again: Vec<u8> = entries.iter().flat_map(|it| [(it.len() as u16).to_be_bytes().to_vec(), it.clone()].concat()).collect();
            prop_assert_eq!(again, bytes);
        }
    }
}

#[test]
fn paths_of_tiles_are_those_of_the_specification_and_have_one_spelling() {
    let tile = Tile::read("x001/x234/067").unwrap();
    assert_eq!((tile.index, tile.width), (1_234_067, 256));
    assert_eq!(tile.path(), "x001/x234/067");
    let partial = Tile::read("000.p/17").unwrap();
    assert_eq!((partial.index, partial.width), (0, 17));
    for wrong in [
        "",
        "0",
        "00",
        "0000",
        "x000/001",
        "001/002",
        "x001/2",
        "000.p/0",
        "000.p/256",
        "000.p/07",
        "000.p/",
        "a00",
        "-01",
        "000/",
    ] {
        assert_eq!(Tile::read(wrong), None, "{wrong}");
    }
    let sizes: Vec<String> = Tile::of_size(70_000).map(|tile| tile.path()).collect();
    assert_eq!((sizes.len(), sizes.last().unwrap().as_str()), (274, "273.p/112"));
}

#[test]
fn the_example_of_the_specification_of_notes_holds() {
    let note = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let key = NoteKey::read("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
    let read = Note::read(note).unwrap();
    assert_eq!(read.write(), note);
    assert!(key.verifies(&read.text, &read.signatures[0]).is_some());
    assert!(
        key.verifies("This is an example message!\n", &read.signatures[0])
            .is_none()
    );
}

#[test]
fn a_checkpoint_is_read_and_verified_by_an_implementation_that_shares_no_code() {
    let seed = Seed::new([5; 32]);
    let origin = meeting_origin(seed.public_key(), MeetingId([6; 32]));
    let head = Checkpoint {
        origin: origin.clone(),
        size: 9,
        root: tree_of(9).root(),
    };
    let mut note = head.sign(&seed);
    note.signatures
        .push(head.cosign(LetterId([8; 32]), &Seed::new([9; 32]), 1_800_000_000));
    let text = note.write();
    let key = log_key(&origin, seed.public_key()).unwrap();
    let theirs = signed_note::Note::from_bytes(text.as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&key.vkey()).unwrap();
    let (verified, unverified) = theirs.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 1));
    let read = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
    assert_eq!(
        (read.origin(), read.size(), read.hash().0),
        (origin.as_str(), 9, head.root.0)
    );
    // The countersignature, by its own key.
    let cosigner = cosigner_key(LetterId([8; 32]), Seed::new([9; 32]).public_key());
    assert_eq!(letter_of_cosigner(&cosigner.name), Some(LetterId([8; 32])));
    assert_eq!(cosigner.verifies(&note.text, &note.signatures[1]), Some(1_800_000_000));
    let mut later = note.signatures[1].clone();
    later.bytes[7] ^= 1;
    assert_eq!(cosigner.verifies(&note.text, &later), None);
    assert_eq!(
        cosigner.verifies(&note.text.replace("\n9\n", "\n8\n"), &note.signatures[1]),
        None
    );
}
