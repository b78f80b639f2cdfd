//! The text renderer, on models as a user writes them. Expected texts are written by hand, counts included.

use pz::nn::{Identity, Residual, Sequential};
use pz::prelude::*;
use pz::treescope::{Options, render_text, render_text_with};

#[pytree_dataclass]
struct Dense {
    weights: Parameter,
    bias: Option<Parameter>,
    #[pytree(static)]
    axis: AxisName,
}

#[pytree_dataclass]
struct Pair(f32, Vec<NamedArray>);

#[pytree_dataclass]
struct Tied {
    embedder: Dense,
    counter: StateVariable<NamedArray>,
    decoder: Dense,
}

#[pytree_dataclass]
struct Named {
    #[pytree(static)]
    settings: Settings,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Settings {
    name: &'static str,
    sizes: Vec<usize>,
}

pz::static_by_eq!(Settings);

fn parameter(label: &str, rows: usize, columns: usize) -> Parameter {
    let zeros = NamedArray::zeros([("rows", rows), ("columns", columns)], DType::F32);
    Parameter::new(label, zeros.expect("these sizes are small"))
}

fn dense(label: &str) -> Dense {
    Dense { weights: parameter(label, 32, 33), bias: None, axis: "columns".into() }
}

#[test]
fn a_node_shows_its_type_its_fields_and_its_parameters() {
    // 32 * 33 parameters of 4 bytes: 4224 bytes, or 4.125 KiB.
    let expected = r#"
Dense(  # 1,056 parameters (4.1 KiB)
  weights=Parameter("dense.weights", f32(rows:32, columns:33)),
  bias=None,
  axis="columns",
)"#;
    assert_eq!(render_text(&dense("dense.weights")), expected.trim_start());
}

#[test]
fn a_small_tree_is_one_line_with_the_count_at_its_end() {
    let small = Dense { weights: parameter("w", 1, 1), bias: None, axis: "a".into() };
    let expected =
        r#"Dense(weights=Parameter("w", f32(rows:1, columns:1)), bias=None, axis="a")  # 1 parameter (4 B)"#;
    assert_eq!(render_text_with(&small, &Options { target_width: 100, ..Options::default() }), expected);
}

#[test]
fn arrays_are_shown_by_dtype_and_axes_and_stay_pending() {
    let pending = NamedArray::arange("seq", 4).add(1).expect("a sum");
    let before = format!("{pending:?}");
    assert!(before.ends_with("pending"), "{before}");
    let tree = Pair(0.5, vec![pending.clone(), NamedArray::scalar(2.0f32)]);
    assert_eq!(render_text(&tree), "Pair(0.5, [<i32(seq:4)>, <f32() = 2.0>])");
    assert_eq!(format!("{pending:?}"), before);
}

#[test]
fn scalars_show_their_values_unless_they_wait() {
    let half = NamedArray::scalar(1.5f32).cast(DType::BF16).expect("a cast");
    half.eval().expect("a cast");
    let scalars = [
        NamedArray::scalar(1e-6f32),
        NamedArray::scalar(-1e30f32),
        NamedArray::scalar(f64::NAN),
        NamedArray::scalar(i64::MIN),
        NamedArray::scalar(true),
        half,
        NamedArray::scalar(1i32).add(1).expect("a sum"),
    ];
    let expected = "[<f32() = 1e-6>, <f32() = -1e30>, <f64() = NaN>, <i64() = -9223372036854775808>, \
                    <bool() = true>, <bf16() = 1.5>, <i32()>]";
    let options = Options { target_width: 200, ..Options::default() };
    assert_eq!(render_text_with(&scalars.to_vec(), &options), expected);
    // A parameter's own, and numbers of Rust's.
    let gain = Parameter::new("gain", NamedArray::scalar(2i32));
    assert_eq!(
        render_text(&(gain, 3usize, (-1i32, 0.1f32), false)),
        r#"(Parameter("gain", i32() = 2), 3, (-1, 0.1), false)  # 1 parameter (4 B)"#
    );
}

#[test]
fn a_shared_parameter_is_marked_and_counted_once() {
    let embedder = dense("embedder.weights");
    let counter = StateVariable::new("steps", NamedArray::scalar(0i32));
    let decoder = Dense { bias: Some(parameter("decoder.bias", 1, 33)), ..embedder.clone() };
    let expected = r#"
Tied(  # 1,089 parameters (4.3 KiB)
  embedder=Dense(  # 1,056 parameters (4.1 KiB)
    weights=Parameter("embedder.weights", f32(rows:32, columns:33)),  # shared: here and in 1 more place
    bias=None,
    axis="columns",
  ),
  counter=StateVariable("steps", i32() = 0),
  decoder=Dense(  # 33 parameters (132 B)
    weights=Parameter("embedder.weights", f32(rows:32, columns:33)),  # shared: counted at .embedder.weights
    bias=Parameter("decoder.bias", f32(rows:1, columns:33)),
    axis="columns",
  ),
)"#;
    assert_eq!(render_text(&Tied { embedder, counter, decoder }), expected.trim_start());
}

#[test]
fn equal_parameters_are_not_the_same() {
    let text = render_text(&vec![dense("a"), dense("a")]);
    assert!(text.starts_with("[  # 2,112 parameters (8.2 KiB)\n"), "{text}");
    assert!(!text.contains("shared"), "{text}");
}

#[test]
fn a_shared_parameter_is_found_on_every_line_that_could_hide_it() {
    let shared = parameter("w", 1, 1);
    let expected = r#"
[  # 1 parameter (4 B)
  Parameter("w", f32(rows:1, columns:1)),  # shared: here and in 2 more places
  Parameter("w", f32(rows:1, columns:1)),  # shared: counted at [0]
  Parameter("w", f32(rows:1, columns:1)),  # shared: counted at [0]
]"#;
    let wide = Options { target_width: 10_000, ..Options::default() };
    assert_eq!(render_text_with(&vec![shared; 3], &wide), expected.trim_start());
}

#[test]
fn frozen_parameters_count_and_slots_do_not() {
    let parameter = parameter("w", 2, 8);
    assert!(render_text(&parameter.freeze()).contains("# 16 parameters (64 B)"));
    assert!(!render_text(&parameter.slot()).contains('#'));
}

#[test]
fn bytes_follow_the_dtype() {
    let half = NamedArray::zeros([("x", 8)], DType::BF16).expect("small");
    assert_eq!(
        render_text(&Parameter::new("h", half)),
        r#"Parameter("h", bf16(x:8))  # 8 parameters (16 B)"#
    );
}

#[test]
fn wide_settings_are_unfolded_like_nodes() {
    let tree = Named { settings: Settings { name: "a\nb", sizes: vec![1, 2] } };
    let narrow = Options { target_width: 20, ..Options::default() };
    let expected = r#"
Named(
  settings=Settings {
    name: "a\nb",
    sizes: [
      1,
      2,
    ],
  },
)"#;
    assert_eq!(render_text_with(&tree, &narrow), expected.trim_start());
    assert_eq!(render_text(&tree), r#"Named(settings=Settings { name: "a\nb", sizes: [1, 2] })"#);
}

#[test]
fn a_very_deep_model_is_cut_where_it_would_fill_the_screen() {
    let deep = (0..100_000)
        .fold(nn::Sequential::new([]), |inner, _| nn::Sequential::new([AnyLayer::new(Residual::new(inner))]));
    let text = render_text(&deep);
    assert!(text.lines().count() < 200, "{} lines", text.lines().count());
    assert!(text.contains(" parts below>"), "{text}");
    let everything =
        render_text_with(&deep, &Options { target_width: usize::MAX, max_depth: 0, ..Options::default() });
    assert_eq!(everything.matches("Residual(delta=").count(), 100_000);
    assert_eq!(everything.lines().count(), 1);
}

#[test]
fn a_selection_shows_the_tree_down_to_what_is_selected() {
    let tree = vec![Some(Pair(1.5, vec![])), None, Some(Pair(2.5, vec![]))];
    let large = || select(&tree).at_instances_of::<Pair>().where_(|pair| pair.0 > 2.0);
    let wanted = "select(\n  [\n    Pair(1.5, []),\n    None,\n    Pair(2.5, []),  # selected\n  ]\n).at_keypaths(<1 subtree, \
                  marked above>)";
    assert_eq!(large().show_selection().unwrap(), wanted);
    assert_eq!(large().show_value().unwrap(), "[\n  Pair(1.5, []),\n  None,\n  Pair(2.5, []),\n]");
    // The root has a line of its own already.
    let wanted = "select(\n  [Pair(1.5, []), None, Pair(2.5, [])]  # selected\n).at_keypaths(<1 subtree, marked above>)";
    assert_eq!(select(&tree).show_selection().unwrap(), wanted);
    let wanted = "select(\n  [Pair(1.5, []), None, Pair(2.5, [])]\n).at_keypaths(<0 subtrees, marked above>)";
    assert_eq!(large().where_(|pair| pair.0 > 9.0).show_selection().unwrap(), wanted);
    let mut deep = AnyLayer::new(Identity {});
    for _ in 0..100 {
        deep = AnyLayer::new(Sequential::new([deep]));
    }
    let shown = select(&deep).at_instances_of::<Identity>().show_selection().unwrap();
    assert!(
        shown.ends_with(".at_keypaths(<1 subtree, 0 marked above, the others deeper than is shown>)"),
        "{shown}"
    );
}

/// A block: mixes tokens, then channels.
///
/// With `#[pytree(color = ..)]`, and a second paragraph, which no line of comment holds.
#[pytree_dataclass]
#[pytree(color = "#93cce1")]
struct Block {
    /// What mixes
    /// the tokens.
    mix: AnyLayer,
    scale: Scale,
    /// Where it is applied.
    #[pytree(static)]
    axis: AxisName,
}

/// Multiplies.
#[pytree_dataclass]
#[pytree(color = "orange")]
enum Scale {
    /// By one number.
    Number {
        /// That number.
        by: f32,
    },
    /// By none.
    Nothing,
}

fn blocks() -> Vec<Block> {
    let mix = AnyLayer::new(Sequential::new([AnyLayer::new(Identity {})]));
    let scales = [Scale::Number { by: 1.5 }, Scale::Number { by: 2.5 }, Scale::Nothing];
    scales.map(|scale| Block { mix: mix.clone(), scale, axis: "seq".into() }).to_vec()
}

#[test]
fn docs_stand_above_what_they_are_about_once_for_each_type() {
    let tree = (blocks(), Named { settings: Settings { name: "s", sizes: vec![] } });
    let identity = Identity {};
    let sequential = Sequential::new([]);
    let first =
        |docs: &'static str| docs.split("\n\n").next().unwrap_or_default().replace('\n', "\n        # ");
    let (of_sequential, of_identity) = (first(sequential.info().docs), first(identity.info().docs));
    let of_layers = first(sequential.info().fields[0].docs);
    let expected = format!(
        r#"
(
  [
    # Block: A block: mixes tokens, then channels.
    Block(
      # What mixes
      # the tokens.
      # Sequential: {of_sequential}
      mix=Sequential(
        # {of_layers}
        sublayers=[
          # Identity: {of_identity}
          Identity,
        ],
      ),
      # Scale::Number: By one number.
      scale=Scale::Number(
        # That number.
        by=1.5,
      ),
      # Where it is applied.
      axis="seq",
    ),
    Block(
      mix=Sequential(sublayers=[Identity]),
      scale=Scale::Number(by=2.5),
      axis="seq",
    ),
    Block(
      mix=Sequential(sublayers=[Identity]),
      # Scale::Nothing: By none.
      scale=Scale::Nothing,
      axis="seq",
    ),
  ],
  Named(settings=Settings {{ name: "s", sizes: [] }}),
)"#
    );
    assert_eq!(render_text_with(&tree, &Options { docs: true, ..Options::default() }), expected.trim_start());
    let cut = render_text_with(&tree, &Options { docs: true, max_depth: 1, ..Options::default() });
    assert_eq!(cut, "(\n  [<20 parts below>],\n  Named(settings=Settings { name: \"s\", sizes: [] }),\n)");
}

#[test]
fn colours_stand_around_names_and_brackets_and_take_no_room() {
    let (blue, orange, end) = ("\x1b[38;2;147;204;225m", "\x1b[38;2;255;165;0m", "\x1b[39m");
    let [block, ..] = <[Block; 3]>::try_from(blocks()).expect("there are three");
    let block = Block { mix: AnyLayer::new(Identity {}), ..block };
    let line = "Block(mix=Identity, scale=Scale::Number(by=1.5), axis=\"seq\")";
    let plain = |width| Options { target_width: width, ..Options::default() };
    let drawn = |width| render_text_with(&block, &Options { color: true, ..plain(width) });
    assert_eq!(render_text_with(&block, &plain(line.len())), line);
    assert_eq!(
        drawn(line.len()),
        format!(
            "{blue}Block({end}mix=Identity, scale={orange}Scale::Number({end}by=1.5{orange}){end}, axis=\"seq\"{blue}){end}"
        )
    );
    let tall = format!(
        "{blue}Block({end}\n  mix=Identity,\n  scale={orange}Scale::Number({end}by=1.5{orange}){end},\n  axis=\"seq\",\n{blue}){end}"
    );
    assert_eq!(drawn(line.len() - 1), tall);
    assert_eq!(
        render_text_with(
            &block,
            &Options { color: true, max_depth: 0, target_width: 1, ..Options::default() }
        ),
        format!("{blue}Block({end}<4 parts below>{blue}){end}")
    );
    // A variable's colour is that of its type: Penzai's.
    let step = StateVariable::new("steps", NamedArray::scalar(0i32));
    let drawn = render_text_with(&step, &Options { color: true, ..Options::default() });
    assert_eq!(drawn, "\x1b[38;2;245;118;3mStateVariable(\"steps\", i32() = 0)\x1b[39m");
}

#[test]
fn debug_of_any_layer_is_the_line_of_the_layer_inside() {
    let line = "Sequential(sublayers=[Residual(delta=Identity)])";
    let layer = AnyLayer::new(Sequential::new([AnyLayer::new(Residual::new(Identity {}))]));
    assert_eq!(format!("{layer:?}"), line);
    assert_eq!(format!("{:?}", nn::Slot::<Identity>::holding(layer.clone())), line);
    assert_eq!(format!("{:?}", Some(&layer)), format!("Some({line})"));
    assert_eq!(format!("{layer:#?}"), line);
}
