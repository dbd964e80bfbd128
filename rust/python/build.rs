//! Link options of the extension.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // One copy of functions that compile to the same code for several types: a tenth of the wheel. The linker of this
    // target is LLVM's; others do not know the option.
    if std::env::var("TARGET").is_ok_and(|target| target == "x86_64-unknown-linux-gnu") {
        println!("cargo:rustc-link-arg-cdylib=-Wl,--icf=all");
    }
}
