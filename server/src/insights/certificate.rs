//! The certificate of a public score: a JSON Web Signature (RFC 7515, flattened) with Ed25519 (RFC 8037), which anybody can verify without
//! this server. `hibiki verify FILE` does; `docs/certificates.md` shows it with `jq` and `openssl`.

use anyhow::{Context, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::auth::vault::{Signer, Vault, verifies};

/// What is certified. Figures are as the API gives them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// The installation that says so.
    pub iss: String,
    /// The public page that it is about.
    pub sub: String,
    /// When it was signed, in seconds since 1970.
    pub iat: i64,
    /// The name that the creator shows.
    pub name: String,
    /// 0 to 100, one decimal.
    pub score: f64,
    /// Nine in ten true values lie between these.
    pub interval: [f64; 2],
    /// People per post.
    pub true_reach: i64,
    /// As of the end of this day, UTC.
    pub day: NaiveDate,
    /// The version of the formula.
    pub formula: String,
    /// SHA-256 of all that went in.
    pub inputs_hash: String,
}

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The protected header, base64url.
    pub protected: String,
    /// The claims, base64url.
    pub payload: String,
    /// Ed25519 over `protected.payload`, base64url.
    pub signature: String,
    /// The public key, for those who do not ask the installation for it.
    pub header: Unprotected,
}

/// What is not signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unprotected {
    /// The key.
    pub jwk: Jwk,
}

/// A public key (RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `OKP`
    pub kty: String,
    /// `Ed25519`
    pub crv: String,
    /// The key, base64url.
    pub x: String,
    /// Its thumbprint (RFC 7638): what the installation publishes at `/.well-known/jwks.json`.
    pub kid: String,
}

/// A key as others read it.
pub fn jwk(public: &[u8]) -> Jwk {
    use sha2::{Digest, Sha256};
    let x = URL_SAFE_NO_PAD.encode(public);
    let thumb = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    Jwk { kty: "OKP".into(), crv: "Ed25519".into(), x, kid: URL_SAFE_NO_PAD.encode(thumb) }
}

/// The keys that certificates were signed with.
pub fn keys(vault: &Vault) -> Vec<Jwk> {
    vault.signers().iter().map(|signer| jwk(&signer.public())).collect()
}

/// Signs.
pub fn sign(signer: &Signer, claims: &Claims) -> anyhow::Result<Certificate> {
    let jwk = jwk(&signer.public());
    let header = serde_json::json!({ "alg": "EdDSA", "typ": "hibiki-score+jws", "kid": jwk.kid });
    let protected = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?);
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(format!("{protected}.{payload}").as_bytes()));
    Ok(Certificate { protected, payload, signature, header: Unprotected { jwk } })
}

/// What a certificate says, if its signature holds. Whose key it is has to be known from elsewhere: compare `kid`.
pub fn verify(text: &str) -> anyhow::Result<(Claims, Jwk)> {
    #[derive(Deserialize)]
    struct Header {
        alg: String,
        kid: String,
    }
    let file: Certificate = serde_json::from_str(text).context("this is no certificate of a score")?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&file.protected)?)?;
    ensure!(header.alg == "EdDSA", "the signature is made by {}, not EdDSA", header.alg);
    let public = URL_SAFE_NO_PAD.decode(&file.header.jwk.x)?;
    let own = jwk(&public);
    ensure!(own.kid == header.kid && own == file.header.jwk, "the key in the file is not the one that the signature names");
    let signed = format!("{}.{}", file.protected, file.payload);
    ensure!(
        verifies(&public, signed.as_bytes(), &URL_SAFE_NO_PAD.decode(&file.signature)?),
        "the signature does not hold: the file was changed"
    );
    Ok((serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&file.payload)?)?, own))
}

/// The instant of a signature.
pub fn signed_at(claims: &Claims) -> DateTime<Utc> {
    DateTime::from_timestamp(claims.iat, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            iss: "https://hibiki.example".into(),
            sub: "https://hibiki.example/s/hana".into(),
            iat: 1_793_600_000,
            name: "Hana 佐藤".into(),
            score: 68.5,
            interval: [64.0, 72.1],
            true_reach: 3_200,
            day: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(),
            formula: "1.0.0".into(),
            inputs_hash: "ab".repeat(32),
        }
    }

    #[test]
    fn what_was_signed_verifies_and_what_was_changed_does_not() {
        let signer = Signer::of(&[7; 32]);
        let file = sign(&signer, &claims()).unwrap();
        let text = serde_json::to_string(&file).unwrap();
        let (told, key) = verify(&text).unwrap();
        assert_eq!((told, key), (claims(), jwk(&signer.public())));
        let better = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&Claims { score: 99.0, ..claims() }).unwrap());
        let forged = Certificate { payload: better, ..file.clone() };
        assert!(verify(&serde_json::to_string(&forged).unwrap()).is_err());
        // Another's key beside it does not help.
        let other = Certificate { header: Unprotected { jwk: jwk(&Signer::of(&[8; 32]).public()) }, ..file };
        assert!(verify(&serde_json::to_string(&other).unwrap()).is_err());
        assert!(verify("{}").is_err());
    }

    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        // RFC 8037, appendix A.3.
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(jwk(&x).kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
