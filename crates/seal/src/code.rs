//! The short code: the epoch authenticator (RFC 9420 §8.7) as digits that people can read aloud.

/// 30 digits in fives. Each five is 40 bits of the authenticator modulo 100,000: together about 99 bits that nobody
/// can steer, since the authenticator comes out of the key schedule.
pub(crate) fn digits(authenticator: &[u8]) -> Vec<String> {
    authenticator
        .chunks_exact(5)
        .take(6)
        .map(|chunk| {
            let number = chunk.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
            format!("{:05}", number % 100_000)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_code_is_thirty_digits_in_fives() {
        let code = super::digits(&[0xff; 32]);
        assert_eq!(code.len(), 6);
        assert!(code.iter().all(|five| five.len() == 5 && five == "27775"));
    }
}
