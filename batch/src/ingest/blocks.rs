//! Where text comes from: blocks of whole lines, cut at the same places each time.

use std::{io::Read, sync::Arc};

use anyhow::Result;

use crate::{generate::Generator, manifest::fingerprint};

/// Bytes of a block, before it is cut at the last line end.
pub const BLOCK: usize = 4 << 20;

/// A block.
#[derive(Clone, Debug)]
pub enum Block {
    /// Whole lines.
    Text(Vec<u8>),
    /// Lines yet to be made, from one to another: whoever reads them makes them.
    Rows(Arc<Generator>, u64, u64),
}

impl Block {
    /// Its text; what has to be made is made in `made`, which is used again and again.
    pub fn text<'a>(&'a self, made: &'a mut Vec<u8>) -> &'a [u8] {
        match self {
            Self::Text(text) => text,
            Self::Rows(generator, from, to) => {
                made.clear();
                (*from..*to).for_each(|line| generator.line(line, made));
                made
            }
        }
    }

    /// A number that stands for the text. The same generator makes the same text: it need not be made to be known.
    pub fn print(&self) -> u64 {
        match self {
            Self::Text(text) => fingerprint(text),
            Self::Rows(generator, from, to) => join(join(generator.print(), *from), *to),
        }
    }
}

/// An input.
pub trait Blocks: Send {
    /// The next block; `None`: the end.
    fn next(&mut self) -> Result<Option<Block>>;

    /// Lines to come, where that is known.
    fn lines(&self) -> Option<u64> {
        None
    }

    /// Passes over a chunk and says its fingerprint.
    fn skip(&mut self, blocks: usize) -> Result<u64> {
        let mut print = 0;
        for _ in 0..blocks {
            let Some(block) = self.next()? else { break };
            print = join(print, block.print());
        }
        Ok(print)
    }
}

/// Joins the fingerprints of blocks.
pub fn join(print: u64, block: u64) -> u64 {
    (print ^ block).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31)
}

/// Text from a file or from standard input.
pub struct Text<R> {
    from: R,
    rest: Vec<u8>,
    ended: bool,
    size: usize,
}

impl<R: Read + Send> Text<R> {
    /// Reads on from where `from` stands.
    pub fn new(from: R) -> Self {
        Self::cut(from, BLOCK)
    }

    /// With blocks of another size.
    pub fn cut(from: R, size: usize) -> Self {
        Self { from, rest: Vec::new(), ended: false, size }
    }

    /// The first line, without its end.
    pub fn header(&mut self) -> Result<Vec<u8>> {
        let mut line = Vec::new();
        let mut byte = [0];
        while self.from.read(&mut byte)? == 1 && byte[0] != b'\n' {
            line.push(byte[0]);
        }
        Ok(line.strip_suffix(b"\r").map(<[u8]>::to_vec).unwrap_or(line))
    }
}

impl<R: Read + Send> Blocks for Text<R> {
    fn next(&mut self) -> Result<Option<Block>> {
        let mut block = std::mem::take(&mut self.rest);
        while !self.ended {
            let had = block.len();
            let want = self.size.max(had + self.size / 4 + 1) - had;
            block.reserve_exact(want);
            let got = (&mut self.from).take(want as u64).read_to_end(&mut block)?;
            self.ended = got < want;
            // A line longer than a block: read on.
            if let Some(end) = memchr::memrchr(b'\n', &block) {
                self.rest = block.split_off(end + 1);
                break;
            }
        }
        if self.ended {
            // What follows the last line end is a line too.
            block.append(&mut self.rest);
        }
        Ok((!block.is_empty()).then_some(Block::Text(block)))
    }
}

/// Rows made up as they are read: nothing is stored.
pub struct Made {
    generator: Arc<Generator>,
    next: u64,
}

/// Made-up lines of a block.
const LINES: u64 = 16 * 1024;

impl Made {
    /// All lines of a generator.
    pub fn new(generator: Generator) -> Self {
        Self { generator: Arc::new(generator), next: 0 }
    }
}

impl Blocks for Made {
    fn next(&mut self) -> Result<Option<Block>> {
        let (from, to) = (self.next, (self.next + LINES).min(self.generator.lines()));
        self.next = to;
        Ok((from < to).then(|| Block::Rows(self.generator.clone(), from, to)))
    }

    fn lines(&self) -> Option<u64> {
        Some(self.generator.lines())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn blocks_are_whole_lines_and_all_of_them(lines in proptest::collection::vec("[a-z]{0,40}", 0..40), size in 1usize..64, ended in any::<bool>()) {
            let mut text = lines.join("\n").into_bytes();
            if ended && !text.is_empty() {
                text.push(b'\n');
            }
            let mut input = Text::cut(text.as_slice(), size);
            let mut all = Vec::new();
            let mut blocks = 0;
            while let Some(block) = input.next().expect("a slice") {
                if let Block::Text(part) = block {
                    prop_assert!(all.last().is_none_or(|b| *b == b'\n'));
                    all.extend(part);
                    blocks += 1;
                }
            }
            prop_assert_eq!(&all, &text);
            let print = |text: &[u8]| Text::cut(text, size).skip(blocks).expect("a slice");
            prop_assert_eq!(print(&text), print(&text));
            let other = [b"Z", text.as_slice()].concat();
            prop_assert!(blocks == 0 || print(&text) != print(&other));
        }
    }
}
