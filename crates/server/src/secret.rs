//! Random secrets of the house, compared in constant time and never printed.

use incamera_protocol::Bytes;
use subtle::ConstantTimeEq as _;

/// Random bytes from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// The key that lets somebody convene a meeting here.
#[derive(Clone)]
pub(crate) struct HouseKey(String);

impl HouseKey {
    /// The length of a key's bytes.
    pub(crate) const BYTES: usize = 32;

    /// The key of these bytes, as the store keeps them; `None` if they are not a key.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == Self::BYTES).then(|| Self(Bytes(bytes.to_vec()).encode()))
    }

    /// What stands in the link.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Whether this is the key, in a time that says nothing about where it differs.
    pub(crate) fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_key_is_the_key() {
        let key = HouseKey::from_bytes(&[7; 32]).unwrap();
        assert!(key.is(key.text()));
        assert!(!key.is(""));
        assert!(!key.is(&key.text()[1..]));
        assert!(!key.is(&key.text().to_uppercase()));
        assert!(HouseKey::from_bytes(&[7; 31]).is_none());
    }
}
