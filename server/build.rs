//! Texts are compiled in by a macro that does not tell cargo of its files.

fn main() {
    println!("cargo::rerun-if-changed=../locales");
}
