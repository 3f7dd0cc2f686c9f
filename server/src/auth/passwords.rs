//! Passwords: Argon2id, at least eight characters, none that is quickly guessed (B24).

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString, rand_core::OsRng},
};

use crate::error::{Code, Result, Wrong};

/// The shortest password.
const LEAST: usize = 8;
/// The longest; longer ones would only serve to keep the hash busy.
const MOST: usize = 128;
/// How many guesses an attacker needs at least, as a power of ten; the 3,000 commonest passwords lie below 4.
const LEAST_GUESSES_LOG10: f64 = 6.0;

/// Whether a password may be chosen. `own` are words that an attacker tries first: the address and the name.
pub fn check(password: &str, own: &[&str]) -> Result<String, Wrong> {
    let n = password.chars().count();
    if n == 0 {
        return Err(Wrong::required());
    }
    if n < LEAST {
        return Err(Wrong::new(Code::Invalid, "auth.problem.password_short").with("least", LEAST));
    }
    if n > MOST {
        return Err(Wrong::new(Code::TooLong, "auth.problem.password_long").with("most", MOST));
    }
    // The estimate knows the commonest leaked passwords, names, keyboard walks and dates, and the caller's own words.
    if zxcvbn::zxcvbn(password, own).guesses_log10() < LEAST_GUESSES_LOG10 {
        return Err(Wrong::new(Code::Invalid, "auth.problem.password_common"));
    }
    Ok(password.to_owned())
}

/// Hashes away from the async threads: it takes tens of milliseconds on purpose.
pub async fn hash(password: String) -> Result<String> {
    salted(password, SaltString::generate(&mut OsRng)).await
}

/// With a salt of the caller's: only for invented people, whose rows must come out the same again.
pub(crate) async fn hash_with(password: String, salt: [u8; 16]) -> Result<String> {
    let salt = SaltString::encode_b64(&salt).map_err(|e| anyhow::anyhow!("no salt: {e}"))?;
    salted(password, salt).await
}

async fn salted(password: String, salt: SaltString) -> Result<String> {
    tokio::task::spawn_blocking(move || {
        let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
        hash.map(|h| h.to_string()).map_err(|e| anyhow::anyhow!("hashing failed: {e}").into())
    })
    .await?
}

/// What the password of somebody whom nobody knows is compared with: as costly as any other, and of no password.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcA$6q1BsFZQyxJ8Lr9kYcBv3Y5m0pFqgPZf8qQ8uV1y0nE";

/// Whether the password is right. Without a hash it works as long and says no, so that nobody learns which addresses are known (B23).
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    if password.chars().count() > MOST {
        return Ok(false);
    }
    Ok(tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODYS.to_owned());
        let right = PasswordHash::new(&hash).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok());
        known && right
    })
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn there_and_back() {
        let hashed = hash("correct horse".into()).await.unwrap();
        assert!(verify("correct horse".into(), Some(hashed.clone())).await.unwrap());
        assert!(!verify("wrong horse".into(), Some(hashed)).await.unwrap());
        assert!(!verify("anything".into(), None).await.unwrap());
    }

    /// Otherwise an unknown address would answer sooner or later than a known one (B23). A hash that cannot be read would cost nothing.
    #[tokio::test]
    async fn nobodys_hash_costs_what_any_other_does() {
        let real = hash("correct horse".into()).await.unwrap();
        let (real, nobodys) = (PasswordHash::new(&real).unwrap(), PasswordHash::new(NOBODYS).unwrap());
        let cost = |hash: &PasswordHash<'_>| {
            let lengths = (hash.hash.map(|h| h.len()), hash.salt.map(|s| s.as_str().len()));
            (hash.algorithm.as_str().to_owned(), hash.version, hash.params.to_string(), lengths)
        };
        assert_eq!(cost(&nobodys), cost(&real));
    }

    #[test]
    fn what_may_be_chosen() {
        assert!(check("合言葉はひみつです", &[]).is_ok());
        assert!(check("correct horse battery staple", &[]).is_ok());
        for bad in ["", "short", "password", "12345678", "Password1", &"x".repeat(129)] {
            assert!(check(bad, &[]).is_err(), "{bad}");
        }
        assert!(check("hana@example.com", &["hana@example.com"]).is_err());
    }
}
