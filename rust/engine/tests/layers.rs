//! Arrows point down: `ops -> autograd -> array`, kernels beside them. What a crate boundary does not keep apart, this
//! test does, by the names that the sources mention outside comments.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Fails if a line of code below `folder` mentions one of `names`; `allowed` are removed from the line first.
fn must_not_name(folder: &str, names: &[&str], allowed: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = sources(&folder);
    assert!(!files.is_empty(), "no sources in {}", folder.display());
    for file in files {
        let text = fs::read_to_string(&file).expect("a readable source");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let code = allowed.iter().fold(code.to_string(), |code, name| code.replace(name, ""));
            for name in names {
                assert!(!code.contains(name), "{}:{} names {name}: {line}", file.display(), number + 1);
            }
        }
    }
}

#[test]
fn arrays_know_neither_tape_nor_operations() {
    must_not_name("src/array", &["autograd", "ops::", "inventory"], &["std::ops::"]);
}

/// The array hands its memory to kernels as views; running them is the operations' business.
#[test]
fn arrays_run_no_kernels() {
    let types = ["rutile_kernels::{View, ViewMut}", "rutile_kernels::Element"];
    must_not_name("src/array", &["rutile_kernels"], &types);
}

#[test]
fn the_tape_knows_no_operations() {
    must_not_name("src/autograd", &["ops::", "rutile_kernels", "inventory"], &["std::ops::"]);
}

#[test]
fn kernels_know_no_tensors() {
    must_not_name("../kernels/src", &["Tensor", "rutile::", "Array", "autograd", "Result<", "rutile_macros"], &[]);
}

#[test]
fn the_engine_knows_no_python() {
    must_not_name("src", &["pyo3", "PyResult", "Py<"], &[]);
}
