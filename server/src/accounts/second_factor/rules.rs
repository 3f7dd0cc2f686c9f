//! The second factor: codes and their forms. Pure.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use totp_rs::{Builder, Totp};

use crate::base::text::fold_width;

/// How many factors one person may have.
pub const MOST_FACTORS: u64 = 10;

/// How many recovery codes there are at a time.
pub const RECOVERY_CODES: usize = 10;

/// A new TOTP secret in base 32: 160 bits, as RFC 4226 (4, R6) recommends.
pub fn new_secret() -> String {
    let bytes: [u8; 20] = rand::random();
    BASE32_NOPAD.encode(&bytes)
}

fn totp(secret: &str) -> anyhow::Result<Totp> {
    // What every authenticator app knows: SHA-1, six digits, thirty seconds, one step of grace to either side.
    Ok(Builder::new().with_secret(BASE32_NOPAD.decode(secret.as_bytes())?).build()?)
}

/// The time step that a typed code belongs to, if it is right now.
pub fn step_of(secret: &str, typed: &str, now: DateTime<Utc>) -> anyhow::Result<Option<i64>> {
    let digits: String = fold_width(typed).chars().filter(char::is_ascii_digit).collect();
    let at = u64::try_from(now.timestamp())?;
    Ok(totp(secret)?.check(&digits, at).map(i64::try_from).transpose()?)
}

/// The code of a moment.
pub fn code_at(secret: &str, at: DateTime<Utc>) -> anyhow::Result<String> {
    Ok(totp(secret)?.generate(u64::try_from(at.timestamp())?).to_string())
}

/// What an authenticator app reads from the QR code
/// ([Key URI Format](https://github.com/google/google-authenticator/wiki/Key-Uri-Format)).
pub fn otpauth(secret: &str, issuer: &str, account: &str) -> String {
    let mut url = url::Url::parse("otpauth://totp/").unwrap_or_else(|_| unreachable!("a constant address"));
    // A colon parts the two.
    url.set_path(&format!("/{}:{}", issuer.replace(':', " "), account.replace(':', " ")));
    let query = serde_urlencoded::to_string([("secret", secret), ("issuer", issuer)]).unwrap_or_default();
    url.set_query(Some(&query.replace('+', "%20")));
    url.into()
}

/// A QR code as the path of an SVG and the length of its side, with the quiet zone of four modules around it.
pub fn qr(text: &str) -> anyhow::Result<(String, i32)> {
    const QUIET: i32 = 4;
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium)?;
    let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
    let path = dark.map(|(x, y)| format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET)).collect();
    Ok((path, code.size() + 2 * QUIET))
}

/// A new recovery code: 120 random bits, in groups that can be copied from paper.
pub fn new_recovery_code() -> String {
    let bytes: [u8; 15] = rand::random();
    grouped(&BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

/// In groups of four.
pub fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A typed recovery code as it was hashed: however it was grouped, in whatever width and case.
pub fn plain_code(typed: &str) -> String {
    fold_width(typed).chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};

    use super::*;

    /// The SHA-1 vectors of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = BASE32_NOPAD.encode(b"12345678901234567890");
        for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            let at = Utc.timestamp_opt(at, 0).unwrap();
            assert_eq!(code_at(&secret, at).unwrap(), code);
            assert_eq!(step_of(&secret, code, at).unwrap(), Some(at.timestamp() / 30));
        }
    }

    #[test]
    fn a_code_is_right_for_its_step_and_its_neighbours() {
        let (secret, now) = (new_secret(), Utc.timestamp_opt(1_800_000_010, 0).unwrap());
        let code = code_at(&secret, now).unwrap();
        let step = now.timestamp() / 30;
        for (after, expected) in [(-60, None), (-30, Some(step)), (0, Some(step)), (30, Some(step)), (60, None)] {
            assert_eq!(step_of(&secret, &code, now + Duration::seconds(after)).unwrap(), expected, "{after}");
        }
        let wide: String = code.chars().filter_map(|c| char::from_u32(c as u32 + 0xFEE0)).collect();
        assert_eq!(step_of(&secret, &format!(" {} {} ", &wide[..9], &wide[9..]), now).unwrap(), Some(step), "full width, with blanks");
        for wrong in ["", "12345", "1234567", "abcdef"] {
            assert_eq!(step_of(&secret, wrong, now).unwrap(), None, "{wrong:?}");
        }
    }

    #[test]
    fn recovery_codes_survive_paper() {
        let code = new_recovery_code();
        assert_eq!(code.len(), 24 + 5);
        assert_eq!(plain_code(&code.to_ascii_uppercase().replace('-', " ")), plain_code(&code));
        assert_ne!(new_recovery_code(), code);
    }

    #[test]
    fn the_address_for_apps_is_readable() {
        let url = otpauth("ABC", "Hibiki: demo", "hana@example.jp");
        assert_eq!(url, "otpauth://totp/Hibiki%20%20demo:hana@example.jp?secret=ABC&issuer=Hibiki%3A%20demo");
        let (path, side) = qr(&url).unwrap();
        assert!(path.starts_with("M4 4h1v1h-1z") && side > 25, "{side}");
    }
}
