//! Running the built example.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A file that comes with the repository.
pub fn example_data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data").join(name)
}

pub fn expected() -> serde_json::Value {
    let text = std::fs::read_to_string(example_data("stories260K_expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A run of the example, before it is made.
pub struct Run {
    pub command: Command,
}

/// What a run came to.
pub struct Told {
    pub status: i32,
    pub out: String,
    pub err: String,
}

/// The example with these arguments.
pub fn story<S: AsRef<OsStr>>(args: &[S]) -> Run {
    let mut command = Command::new(binary());
    command.args(args);
    Run { command }
}

impl Run {
    pub fn args<S: AsRef<OsStr>>(mut self, args: &[S]) -> Run {
        self.command.args(args);
        self
    }

    pub fn told(mut self) -> Told {
        let output = self.command.output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        Told { status: output.status.code().unwrap_or_else(|| panic!("killed: {err}")), out, err }
    }
}

/// The example's program. `cargo test --test story` builds no examples, and another build may have left an older one,
/// so cargo is asked to bring it up to date: next to this test, in the profile that this test was built in.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().and_then(Path::parent).unwrap();
        let profile = match folder.file_name().and_then(OsStr::to_str).unwrap() {
            "debug" => "dev",
            other => other,
        };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--example", "story", "--profile", profile])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(built.success(), "the example does not build");
        let binary = folder.join("examples").join(format!("story{}", std::env::consts::EXE_SUFFIX));
        assert!(binary.is_file(), "there is no {}", binary.display());
        binary
    })
}
