//! Whatever compiles runs, and what is wrong does not compile: random models, as source.
//!
//! A crate of valid models is compiled and run on random inputs, and each result has the axes that its header declares;
//! in a crate of models with one wrong size or element type each, every one has an error of its own. `PZ_MODELS=200` tries so many of
//! both, which `scripts/any_model` does; without it, a few.

#[path = "any_model/write.rs"]
mod write;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use write::{Random, Written, model};

fn count() -> usize {
    std::env::var("PZ_MODELS").ok().and_then(|count| count.parse().ok()).unwrap_or(12)
}

fn plain(source: &str) -> String {
    source.replace(['«', '»', '‹', '›'], "")
}

/// The model with the size at one of its marks made larger, or the element type there made another.
fn broken(source: &str, random: &mut Random) -> String {
    let places: Vec<usize> = source.match_indices(['»', '›']).map(|(place, _)| place).collect();
    let place = places[random.below(places.len())];
    let (before, after) = source.split_at(place);
    if after.starts_with('»') {
        return plain(&format!("{before} + 1{after}"));
    }
    let (before, dtype) = before.rsplit_once('‹').unwrap_or((before, ""));
    let other = match dtype {
        "f16" => "bf16",
        "bf16" => "f16",
        "f32" => "f64",
        _ => "f32",
    };
    plain(&format!("{before}{other}{after}"))
}

fn quoted(axes: &[(String, usize)]) -> String {
    let axes: Vec<String> = axes.iter().map(|(name, size)| format!("(\"{name}\", {size})")).collect();
    format!("[{}]", axes.join(", "))
}

/// A function that builds the model, runs it, and tells what is not as declared.
fn run(model: &Written, number: usize) -> String {
    let Written { name, arguments, .. } = model;
    let input = |axes: &[(String, usize)]| match model.integers {
        true => format!("NamedArray::zeros({}, DType::I32)?", quoted(axes)),
        false => format!(
            "Key::new({number}).normal({}, DType::F32)?.cast(DType::{})?",
            quoted(axes),
            model.dtype.to_uppercase()
        ),
    };
    let inputs: Vec<String> = model.inputs.iter().map(|axes| input(axes)).collect();
    let inputs = match inputs.as_slice() {
        [one] => format!("{one}.into()"),
        all => format!("[{}].into()", all.join(", ")),
    };
    let mut side = match model.positions {
        Some(len) => {
            format!("SideInputs::new().with(\"token_positions\", NamedArray::arange(\"seq\", {len}))")
        }
        None => "SideInputs::new()".to_owned(),
    };
    if model.stream {
        side += ".with(\"random_stream\", pz::RandomStream::from_base_key(&Key::new(9))?)";
    }
    format!(
        "fn run{number}() -> pz::Result<()> {{\nlet model = {name}{arguments}::init(\"net\", Key::new({number}))?;\n\
         let output = model.call({inputs}, &{side})?.into_array(\"output\")?;\noutput.eval()?;\n\
         model.check()?;\nsame(&output, \"{}\", &{})\n}}\n",
        model.dtype,
        quoted(&model.output)
    )
}

const SAME: &str = "#![allow(dead_code)]\nuse pz::prelude::*;\n\n\
fn same(output: &NamedArray, dtype: &str, wanted: &[(&'static str, usize)]) -> pz::Result<()> {\n\
let named = output.named_shape();\n\
let same = output.dtype().name() == dtype && named.len() == wanted.len() && wanted.iter().all(|(name, size)| output.size(*name) == Some(*size));\n\
if same { return Ok(()) }\n\
Err(pz::error::Report::new(\"any_model\", format!(\"gave {} {named:?}, wanted {dtype} {wanted:?}\", output.dtype())).shape())\n}\n";

/// The crate, with dependencies of the versions that are tested here.
fn project(main: &str, wrong: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/any_model");
    fs::create_dir_all(folder.join("src/bin")).unwrap();
    let manifest = format!(
        "[package]\nname = \"any-model\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\npz-runtime = {{ path = \"{}\" }}\n\n[profile.dev]\ndebug = false\n",
        root.join("pz-runtime").display()
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    fs::write(folder.join("src/bin/valid.rs"), main).unwrap();
    fs::write(folder.join("src/bin/wrong.rs"), wrong).unwrap();
    folder
}

fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap()
}

#[test]
fn what_compiles_runs_and_what_is_wrong_does_not_compile() {
    let seed = std::env::var("PZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (mut random, count) = (Random(seed), count());
    let models: Vec<Written> = (0..count).map(|number| model(&mut random, number)).collect();

    let mut valid = SAME.to_owned();
    for (number, written) in models.iter().enumerate() {
        let _ = write!(valid, "{}{}", plain(&written.source), run(written, number));
    }
    let all: Vec<String> = (0..count).map(|number| format!("(\"Net{number}\", run{number})")).collect();
    let _ = write!(
        valid,
        "fn main() {{\nlet all: [(&str, fn() -> pz::Result<()>); {count}] = [{}];\nlet mut wrong = 0;\n\
         for (name, run) in all {{ if let Err(error) = run() {{ wrong += 1; println!(\"{{name}}: {{error}}\"); }} }}\n\
         println!(\"{{}} ran as declared\", all.len() - wrong);\nstd::process::exit(i32::from(wrong > 0));\n}}\n",
        all.join(", ")
    );

    let mut wrong = "use pz::prelude::*;\n".to_owned();
    let mut lines = Vec::new();
    for written in &models {
        let begin = wrong.lines().count();
        wrong += &broken(&written.source, &mut random);
        lines.push((begin + 1)..=wrong.lines().count());
    }
    wrong += "fn main() {}\n";

    let folder = project(&valid, &wrong);
    let ran = cargo(&folder, &["run", "--quiet", "--bin", "valid"]);
    let told = String::from_utf8_lossy(&ran.stdout);
    let compiler = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "seed {seed}, in {}:\n{told}\n{compiler}", folder.display());
    assert!(told.contains(&format!("{count} ran as declared")), "{told}");

    let refused = cargo(&folder, &["build", "--quiet", "--bin", "wrong", "--message-format=short"]);
    let compiler = String::from_utf8_lossy(&refused.stderr);
    let places: Vec<usize> = compiler
        .lines()
        .filter(|line| line.contains(": error"))
        .filter_map(|line| line.strip_prefix("src/bin/wrong.rs:")?.split(':').next()?.parse().ok())
        .collect();
    let sources: Vec<&str> = wrong.lines().collect();
    let missed: Vec<String> = lines
        .iter()
        .filter(|lines| !places.iter().any(|place| lines.contains(place)))
        .map(|lines| sources[lines.start() - 1..*lines.end()].join("\n"))
        .collect();
    println!("{count} models of each kind, {} errors", places.len());
    assert!(
        missed.is_empty(),
        "seed {seed}: {} wrong models compile:\n{}",
        missed.len(),
        missed.join("\n\n")
    );
}
