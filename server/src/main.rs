//! The program `hibiki`.

/// An answer of the API is made of thousands of small pieces that live for a millisecond.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    hibiki::cli::run()
}
