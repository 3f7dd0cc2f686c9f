//! Small words that every room uses: time, money, text, paging, languages. They know no table and no face.

pub mod clock;
pub mod joined;
pub mod lang;
pub mod money;
pub mod paging;
pub mod pictures;
pub mod text;
pub mod topics;
