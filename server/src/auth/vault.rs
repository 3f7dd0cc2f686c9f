//! Sealing what is stored secret: XChaCha20-Poly1305, a key id beside each text, the row's id as associated data (B41).

use std::path::Path;

use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::config::Config;

/// The keys in force, the current one first.
pub struct Vault {
    keys: Vec<(String, XChaCha20Poly1305)>,
    signers: Vec<Signer>,
}

/// Signs what others verify without us (Ed25519). Its key follows from a key of the vault, so that there is no further secret to keep.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// From a key of the vault.
    pub fn of(key: &[u8]) -> Self {
        let seed = hmac::Mac::chain_update(
            <hmac::Hmac<sha2::Sha256> as hmac::Mac>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes a key of any length")),
            b"hibiki: certificates",
        );
        let seed = hmac::Mac::finalize(seed).into_bytes();
        Self(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap_or_else(|_| unreachable!("a seed has 32 bytes")))
    }

    /// The key that others verify with.
    pub fn public(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    /// 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// Whether a signature is of the message and by this key.
pub fn verifies(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}

/// A sealed text and the id of the key that opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which key.
    pub key_id: String,
    /// Nonce and ciphertext, base64.
    pub text: String,
}

impl Vault {
    /// From the settings; without keys there, one is made and kept in the data folder.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let given = if config.keys.is_empty() { vec![own_key(&config.data_dir)?] } else { config.keys.clone() };
        Self::of(&given)
    }

    fn of(given: &[String]) -> anyhow::Result<Self> {
        let (mut keys, mut signers) = (Vec::new(), Vec::new());
        for text in given {
            let (id, key) = parse(text)?;
            signers.push(Signer::of(&key));
            keys.push((id, XChaCha20Poly1305::new_from_slice(&key).map_err(|_| anyhow::anyhow!("a key has not 32 bytes"))?));
        }
        Ok(Self { keys, signers })
    }

    /// Who signs now, and who did before.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// Seals `plain` for the row `bound_to`; it opens for no other.
    pub fn seal(&self, plain: &str, bound_to: &str) -> anyhow::Result<Sealed> {
        let (key_id, cipher) = self.keys.first().context("there is no key")?;
        let nonce: [u8; 24] = rand::random();
        let payload = Payload { msg: plain.as_bytes(), aad: bound_to.as_bytes() };
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| anyhow::anyhow!("sealing failed"))?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(Sealed { key_id: key_id.clone(), text: STANDARD_NO_PAD.encode(bytes) })
    }

    /// Opens what was sealed for `bound_to`.
    pub fn open_sealed(&self, sealed: &str, key_id: &str, bound_to: &str) -> anyhow::Result<String> {
        let Some((_, cipher)) = self.keys.iter().find(|(id, _)| id == key_id) else {
            bail!("the key {key_id} is not among the settings");
        };
        let bytes = STANDARD_NO_PAD.decode(sealed)?;
        let Some((nonce, text)) = bytes.split_at_checked(24) else { bail!("a sealed text is too short") };
        let payload = Payload { msg: text, aad: bound_to.as_bytes() };
        let plain = cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| anyhow::anyhow!("a sealed text does not open"))?;
        Ok(String::from_utf8(plain)?)
    }

    /// The id of the key that seals now.
    pub fn current(&self) -> &str {
        self.keys.first().map_or("", |(id, _)| id)
    }
}

fn parse(text: &str) -> anyhow::Result<(String, Vec<u8>)> {
    let (id, key) = text.split_once(':').context("a key is written id:base64")?;
    let key = STANDARD_NO_PAD.decode(key.trim().trim_end_matches('=')).context("a key is not base64")?;
    Ok((id.trim().to_owned(), key))
}

fn own_key(dir: &Path) -> anyhow::Result<String> {
    let path = dir.join("keys");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Ok(text.trim().to_owned());
    }
    let key: [u8; 32] = rand::random();
    let text = format!("own:{}", STANDARD_NO_PAD.encode(key));
    std::fs::create_dir_all(dir)?;
    write_private(&path, &text).with_context(|| format!("cannot keep a key in {}", path.display()))?;
    Ok(text)
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(keys: &[&str]) -> Vault {
        Vault::of(&keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    const OLD: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

    #[test]
    fn opens_only_for_its_row_and_with_its_key() {
        let before = vault(&[OLD]);
        let sealed = before.seal("secret", "nlk_1").unwrap();
        assert_eq!(before.open_sealed(&sealed.text, &sealed.key_id, "nlk_1").unwrap(), "secret");
        assert!(before.open_sealed(&sealed.text, &sealed.key_id, "nlk_2").is_err());
        let after = vault(&[NEW, OLD]);
        assert_eq!(after.open_sealed(&sealed.text, &sealed.key_id, "nlk_1").unwrap(), "secret");
        assert_eq!(after.seal("x", "y").unwrap().key_id, "new");
        assert!(vault(&[NEW]).open_sealed(&sealed.text, &sealed.key_id, "nlk_1").is_err());
        assert!(before.open_sealed("AAAA", "old", "nlk_1").is_err());
    }
}
