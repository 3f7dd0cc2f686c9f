//! Folding: the same word written in many ways becomes one string. Four strengths, each including the one before.

use unicode_normalization::UnicodeNormalization;

use super::kind::{Kind, kind};

/// How often folding is repeated until nothing changes. NFKC can bring out signs that are then removed or lowered; two rounds have
/// always been enough, the others are a margin.
const MOST_ROUNDS: usize = 4;

/// Case, width, compatibility forms and invisible signs folded; kana stay what they are. Idempotent.
#[must_use]
pub fn narrow(text: &str) -> String {
    settle(text, |c| c)
}

/// [`narrow`], and katakana as hiragana: `ﾌﾟﾚｾﾞﾝﾄ`, `プレゼント` and `ぷれぜんと` are one. Idempotent. Emoji stay, without their variation selectors.
#[must_use]
pub fn fold(text: &str) -> String {
    settle(text, hiragana)
}

fn settle(text: &str, last: fn(char) -> char) -> String {
    if text.is_ascii() {
        // Compatibility forms and kana are beyond it.
        return text.chars().filter(|c| !is_invisible(*c)).map(|c| c.to_ascii_lowercase()).collect();
    }
    let once = |text: &str| {
        let visible = text.chars().filter(|c| !is_invisible(*c));
        let lower = visible.nfkc().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c });
        lower.nfkc().filter(|c| !is_invisible(*c)).map(last).collect::<String>()
    };
    let mut folded = once(text);
    for _ in 1..MOST_ROUNDS {
        let next = once(&folded);
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

/// Signs that take no room on the page and are used to slip words past lists: zero width, joiners, bidi controls, soft hyphen, fillers,
/// variation selectors, tags, and C0 controls that are no white space.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}

/// Katakana that have a hiragana twin.
fn hiragana(c: char) -> char {
    match c {
        '\u{30a1}'..='\u{30f6}' | '\u{30fd}'..='\u{30fe}' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        c => c,
    }
}

/// [`fold`], and letters that only look like Latin ones replaced, accents taken off Latin letters: `раураl` (Cyrillic) and `páypal` become
/// `paypal`. For comparing against lists and models, never for showing.
#[must_use]
pub fn skeleton(text: &str) -> String {
    let folded = fold(text);
    if folded.is_ascii() {
        return folded;
    }
    // Cyrillic and Greek words stay what they are: only letters in a word that also holds Latin ones, or in a text without a sign of that
    // script beyond the lookalikes, are disguises.
    let honest = folded.chars().any(|c| is_greek_or_cyrillic(c) && latin_twin(c).is_none());
    let mut out = String::with_capacity(folded.len());
    let mut word = String::new();
    for c in folded.chars().chain([' ']) {
        if kind(c) == Kind::Letter {
            word.push(c);
            continue;
        }
        let disguised = !honest || word.chars().any(|c| c.is_ascii_alphabetic());
        out.extend(word.drain(..).map(|c| if disguised { latin_twin(c).unwrap_or(c) } else { c }));
        out.push(c);
    }
    out.pop();
    // Marks that stand alone go too: a letter may carry several.
    out.chars().map(bare).filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect()
}

fn is_greek_or_cyrillic(c: char) -> bool {
    ('\u{370}'..='\u{52f}').contains(&c)
}

/// A Latin letter without its accent; any other sign as it is. Kana keep their sound marks: は and ば are different letters.
fn bare(c: char) -> char {
    match c {
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ı' => 'i',
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => std::iter::once(c).nfd().next().unwrap_or(c),
        c => c,
    }
}

/// The Latin letter that a folded Greek, Cyrillic or phonetic letter is taken for by the eye.
fn latin_twin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' | 'ɑ' | 'ᴀ' => 'a',
        'в' | 'β' | 'ʙ' => 'b',
        'с' | 'ϲ' | 'ᴄ' => 'c',
        'ԁ' | 'ᴅ' => 'd',
        'е' | 'ε' | 'ё' | 'ᴇ' => 'e',
        'ɡ' | 'ɢ' => 'g',
        'һ' | 'н' | 'η' | 'ʜ' => 'h',
        'і' | 'ι' | 'ɪ' | 'ї' => 'i',
        'ј' | 'ᴊ' => 'j',
        'к' | 'κ' | 'ᴋ' => 'k',
        'ӏ' | 'ʟ' => 'l',
        'м' | 'ᴍ' => 'm',
        'ո' | 'ɴ' => 'n',
        'о' | 'ο' | 'ᴏ' | 'σ' => 'o',
        'р' | 'ρ' | 'ᴘ' => 'p',
        'ԛ' => 'q',
        'г' | 'ʀ' => 'r',
        'ѕ' | 'ꜱ' => 's',
        'т' | 'τ' | 'ᴛ' => 't',
        'υ' | 'ᴜ' | 'ս' => 'u',
        'ѵ' | 'ν' | 'ᴠ' => 'v',
        'ԝ' | 'ω' | 'ᴡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ʏ' => 'y',
        'ᴢ' => 'z',
        _ => return None,
    })
}

/// [`skeleton`], and digits and signs that stand for letters inside a word replaced: `sh1t`, `$ex`, `b!tch`. A run without a letter (a price, a
/// date) is left alone, and so is a number at the end of a name (`route66`). A letter three or more times in a row becomes one.
#[must_use]
pub fn unleet(text: &str) -> String {
    let signs: Vec<char> = skeleton(text).chars().collect();
    let mut out = Vec::with_capacity(signs.len());
    let mut at = 0;
    while at < signs.len() {
        let end = at + signs[at..].iter().take_while(|c| kind(**c).is_spaced() || letter_meant(**c).is_some()).count();
        if end == at {
            out.push(signs[at]);
            at += 1;
            continue;
        }
        let run = &signs[at..end];
        let last = run.iter().rposition(|c| kind(*c) == Kind::Letter);
        // Before the last letter a digit may be one; after it only `$` (`as$`), since names end in numbers.
        let may_be_letter = |i: usize| last.is_some_and(|last| i < last || (i + 1 == run.len() && run[i] == '$'));
        out.extend(run.iter().enumerate().map(|(i, c)| letter_meant(*c).filter(|_| may_be_letter(i)).unwrap_or(*c)));
        at = end;
    }
    squeeze(&out)
}

fn letter_meant(c: char) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        _ => return None,
    })
}

/// Letters of spaced scripts that stand three or more times in a row become one: `fuuuck`.
fn squeeze(signs: &[char]) -> String {
    let mut out = String::with_capacity(signs.len());
    let mut at = 0;
    while at < signs.len() {
        let same = signs[at..].iter().take_while(|c| **c == signs[at]).count();
        let keep = if same >= 3 && kind(signs[at]) == Kind::Letter { 1 } else { same };
        out.extend(std::iter::repeat_n(signs[at], keep));
        at += same;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ways_to_write_one_word() {
        for text in ["プレゼント", "ﾌﾟﾚｾﾞﾝﾄ", "ぷれぜんと", "プ\u{200b}レゼン\u{ad}ト"] {
            assert_eq!(fold(text), "ぷれぜんと", "{text}");
        }
        assert_eq!(fold("ＦＵＬＬ　Width①"), "full width1");
        assert_eq!(fold("𝓯𝓻𝓮𝓮 Ⓕ"), "free f");
        assert_eq!(fold("❤\u{fe0f}"), "❤");
        assert_eq!(fold("ハ\u{3099}ナナ"), "ばなな");
    }

    #[test]
    fn disguises_are_seen_through() {
        assert_eq!(skeleton("раураl"), "paypal");
        assert_eq!(skeleton("Crème brûlée"), "creme brulee");
        assert_eq!(skeleton("Привет, друг"), fold("Привет, друг"), "honest Russian stays");
        assert_eq!(skeleton("ばんざい"), "ばんざい", "は is not ば");
    }

    #[test]
    fn digits_for_letters() {
        assert_eq!(unleet("sh1t $ex b!tch @ss"), "shit sex bitch ass");
        assert_eq!(unleet("$100 on 2024-05-07, route66"), "$100 on 2024-05-07, route66");
        assert_eq!(unleet("fuuuuck coool cool"), "fuck col cool");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}|[ァ-ヺｦ-ﾟ\u{300}-\u{36f}\u{200b}a-zİ]{0,20}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert_eq!(fold(&narrow(&text)), folded);
            prop_assert_eq!(narrow(&narrow(&text)), narrow(&text));
            let skeleton = skeleton(&text);
            prop_assert_eq!(fold(&skeleton), skeleton);
        }

        #[test]
        fn width_case_and_kana_do_not_matter(text in "[a-z0-9 ]{0,20}[ぁ-ゔ]{0,10}") {
            let wide: String = text.chars().map(|c| match c {
                ' ' => '\u{3000}',
                '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap(),
                'ぁ'..='ゔ' => char::from_u32(c as u32 + 0x60).unwrap(),
                c => c,
            }).collect();
            prop_assert_eq!(fold(&wide), fold(&text));
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text));
        }

        #[test]
        fn nothing_makes_it_panic(text in any::<String>()) {
            let _ = (fold(&text), skeleton(&text), unleet(&text));
        }
    }
}
