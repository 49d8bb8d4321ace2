use str0m::crypto::dtls::SrtpProfile;
use zeroize::Zeroizing;

use super::*;

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let digits: Vec<u8> = hex.bytes().filter(|it| !it.is_ascii_whitespace()).collect();
    let parsed: Vec<u8> = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    parsed.try_into().unwrap()
}

/// RFC 3711 §B.3.
#[test]
fn session_keys_are_those_of_the_standard() {
    let master = Master {
        key: Zeroizing::new(bytes::<16>("E1F97A0D3E018BE0D64FA32C06DE4139")),
        salt: bytes::<14>("0EC675AD498AFEEBB6960B3AABE6"),
    };
    let srtp = stack().srtp_provider;
    let key: [u8; 16] = *master.derive(srtp, RTP_KEY).unwrap();
    assert_eq!(key, bytes("C61E7A93744F39EE10734AFE3FF7A087"));
    let salt: [u8; 14] = *master.derive(srtp, RTP_SALT).unwrap();
    assert_eq!(salt, bytes("30CBBC08863D8C85D49DB34A9AE1"));
    let hmac: [u8; 20] = *master.derive(srtp, RTP_AUTHENTICATION).unwrap();
    assert_eq!(hmac, bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

/// RFC 6188 §7.2.
#[test]
fn session_keys_of_the_longer_cipher_are_those_of_the_standard() {
    let master = Master {
        key: Zeroizing::new(bytes::<32>(
            "f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6",
        )),
        salt: bytes::<14>("3b04803de51ee7c96423ab5b78d2"),
    };
    let srtp = stack().srtp_provider;
    let key: [u8; 32] = *master.derive(srtp, RTP_KEY).unwrap();
    assert_eq!(
        key,
        bytes("5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4")
    );
    let salt: [u8; 14] = *master.derive(srtp, RTP_SALT).unwrap();
    assert_eq!(salt, bytes("fa31791685ca444a9e07c6c64e93"));
}

fn rtp(protector: &mut Protector, header: &[u8], ssrc: u32, index: u64, payload: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    protector.rtp(header, ssrc, index, payload, &mut out).map(|()| out)
}

/// RFC 7714 §16.1.1 and §17.1: session keys are given, not derived.
fn standard() -> Protector {
    let suite = || Suite::Gcm128 {
        cipher: stack()
            .srtp_provider
            .aead_aes_128_gcm()
            .create_cipher(bytes("000102030405060708090a0b0c0d0e0f"), true),
        salt: bytes("517569642070726f2071756f"),
    };
    Protector {
        rtp: suite(),
        rtcp: suite(),
        rtcp_index: 0x5d4,
    }
}

#[test]
fn a_packet_is_protected_as_in_the_standard() {
    let header: [u8; 12] = bytes("8040f17b8041f8d35501a0b2");
    let payload: [u8; 38] = bytes("47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573");
    let protected: [u8; 66] = bytes(
        "8040f17b8041f8d35501a0b2
         f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
         899d7f27beb16a9152cf765ee4390cce",
    );
    let out = rtp(&mut standard(), &header, 0x5501_a0b2, 0xf17b, &payload);
    assert_eq!(out.unwrap(), protected);
}

#[test]
fn every_profile_is_undone_with_the_keys_of_the_other_side() {
    let header: [u8; 12] = bytes("8040f17b8041f8d35501a0b2");
    for (profile, length) in [
        (SrtpProfile::AEAD_AES_128_GCM, 56),
        (SrtpProfile::AEAD_AES_256_GCM, 88),
        (SrtpProfile::AES128_CM_SHA1_80, 60),
    ] {
        let agreed = |as_client| Agreed {
            profile,
            material: Zeroizing::new((0..length).collect()),
            as_client,
        };
        let mut ours = Protector::new(&agreed(false)).unwrap();
        let mut theirs = Protector::new(&agreed(true)).unwrap();
        let [a, b] = [&mut ours, &mut theirs].map(|it| rtp(it, &header, 7, 1, b"said").unwrap());
        assert_ne!(a, b, "each direction has keys of its own");
        let again = rtp(&mut ours, &header, 7, 2, b"said").unwrap();
        assert_ne!(a[12..], again[12..], "each packet has its own key stream");
        let reports = [ours.rtcp(&[0; 28]).unwrap(), ours.rtcp(&[0; 28]).unwrap()];
        assert_ne!(reports[0], reports[1]);
    }
}

#[test]
fn keys_of_another_length_or_profile_protect_nothing() {
    let agreed = |profile, length| Agreed {
        profile,
        material: Zeroizing::new(vec![0; length]),
        as_client: true,
    };
    assert!(Protector::new(&agreed(SrtpProfile::AEAD_AES_128_GCM, 55)).is_none());
    assert!(Protector::new(&agreed(SrtpProfile::AEAD_AES_256_GCM, 56)).is_none());
}

#[test]
fn no_index_of_a_report_comes_twice() {
    let mut protector = standard();
    protector.rtcp_index = RTCP_INDEX_MAX - 1;
    assert!(protector.rtcp(&[0; 28]).is_some());
    assert!(protector.rtcp(&[0; 28]).is_none());
    assert!(protector.rtcp(&[0; 28]).is_none());
}
