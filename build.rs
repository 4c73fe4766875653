//! Lets programs with the feature `train` find the libtorch they were built against.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Set by the build script of torch-sys, which is there under the feature alone.
    if let Ok(directory) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{directory}");
    }
}
