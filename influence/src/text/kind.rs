//! What sort of sign a character is: enough to know where words begin, without a table of all scripts.

/// The sort of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A letter of a script that puts spaces between words (Latin, Cyrillic, Hangul …) or a mark that belongs to one.
    Letter,
    /// A digit.
    Digit,
    /// Hiragana and katakana with their sound and length marks.
    Kana,
    /// Chinese characters, with 々 and 〇.
    Han,
    /// Letters of other scripts without spaces: Thai, Lao, Khmer, Burmese.
    Unspaced,
    /// Emoji and what joins them.
    Emoji,
    /// White space.
    Space,
    /// All else: punctuation, symbols, controls.
    Sign,
}

impl Kind {
    /// Scripts whose words are not set apart by spaces.
    #[must_use]
    pub fn is_unspaced(self) -> bool {
        matches!(self, Self::Kana | Self::Han | Self::Unspaced)
    }

    /// Letters and digits of scripts with spaces.
    #[must_use]
    pub fn is_spaced(self) -> bool {
        matches!(self, Self::Letter | Self::Digit)
    }
}

/// The sort of one character.
#[must_use]
pub fn kind(c: char) -> Kind {
    match c {
        'a'..='z' | 'A'..='Z' => Kind::Letter,
        '0'..='9' => Kind::Digit,
        '々' | '〆' | '〇' => Kind::Han,
        '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => {
            Kind::Kana
        }
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Kind::Han,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' if c.is_alphabetic() => Kind::Unspaced,
        // Combining marks belong to the letter before them.
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{903}' => {
            Kind::Letter
        }
        '\u{0e31}' | '\u{0e34}'..='\u{0e3a}' | '\u{0e47}'..='\u{0e4e}' => Kind::Unspaced,
        _ if is_emoji(c) => Kind::Emoji,
        _ if c.is_alphabetic() => Kind::Letter,
        _ if c.is_numeric() => Kind::Digit,
        _ if c.is_whitespace() => Kind::Space,
        _ => Kind::Sign,
    }
}

/// Pictures, dingbats, flags, skin tones, keycaps and the joiners between them. Letters and digits are never emoji here.
#[must_use]
pub fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{200d}' | '\u{20e3}' | '\u{fe0e}' | '\u{fe0f}'
        | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{231a}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2190}'..='\u{21ff}'
        | '\u{2934}'..='\u{2935}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1faff}' | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_have_their_kinds() {
        for (c, expected) in [
            ('é', Kind::Letter),
            ('я', Kind::Letter),
            ('한', Kind::Letter),
            ('7', Kind::Digit),
            ('ｱ', Kind::Kana),
            ('ー', Kind::Kana),
            ('語', Kind::Han),
            ('々', Kind::Han),
            ('ก', Kind::Unspaced),
            ('😀', Kind::Emoji),
            ('❤', Kind::Emoji),
            ('\u{fe0f}', Kind::Emoji),
            ('\u{3000}', Kind::Space),
            ('、', Kind::Sign),
            ('#', Kind::Sign),
            ('・', Kind::Sign),
        ] {
            assert_eq!(kind(c), expected, "{c:?}");
        }
    }
}
