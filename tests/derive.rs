//! What the derives write, seen from outside: tables, parts, copies with other children, and calls.

use pz::nn::{AnyLayer, ArrayLayer, Layer, SideInputs, Value};
use pz::tree::{Edits, Kind, Part, same_structure};
use pz::{AxisName, DType, NamedArray, PyTree, Result, pytree_dataclass, select};

/// Multiplies.
///
/// By one factor.
#[pytree_dataclass]
#[pytree(color = "oklch(0.785 0.103 186.9 / 1.0)")]
struct Scale {
    factor: NamedArray,
}

impl ArrayLayer for Scale {
    fn apply(&self, input: NamedArray, _: &SideInputs) -> Result<NamedArray> {
        input.mul(&self.factor)
    }
}

#[pytree_dataclass]
struct Shift(NamedArray);

impl ArrayLayer for Shift {
    fn apply(&self, input: NamedArray, _: &SideInputs) -> Result<NamedArray> {
        input.add(&self.0)
    }
}

fn scale(factor: f32) -> Scale {
    Scale { factor: NamedArray::scalar(factor) }
}

fn shift(by: f32) -> Shift {
    Shift(NamedArray::scalar(by))
}

fn call(layer: &dyn Layer, input: f32) -> Result<f32> {
    layer.call(NamedArray::scalar(input).into(), &SideInputs::new())?.into_array("test")?.item()
}

/// Every kind of field.
#[pytree_dataclass]
struct Mixed {
    /// A name
    /// of two lines.
    #[pytree(static)]
    name: String,
    r#in: Scale,
    #[pytree(static)]
    sizes: Vec<usize>,
    rest: Vec<AnyLayer>,
    out: Option<Shift>,
}

fn mixed() -> Mixed {
    Mixed {
        name: "m".into(),
        r#in: scale(2.0),
        sizes: vec![3, 4],
        rest: vec![AnyLayer::new(shift(1.0)), AnyLayer::new(scale(3.0))],
        out: Some(shift(5.0)),
    }
}

#[test]
fn parts_are_in_declaration_order() {
    let mixed = mixed();
    let mut parts = Vec::new();
    mixed.parts(&mut parts);
    let shown: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Child(child, _) => child.info().type_name.to_owned(),
            Part::Static(value) => {
                struct Shown<'a>(&'a dyn pz::tree::Static);
                impl std::fmt::Display for Shown<'_> {
                    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        self.0.show(f)
                    }
                }
                Shown(*value).to_string()
            }
        })
        .collect();
    // An `Option` that is full is what it holds.
    assert_eq!(shown, ["\"m\"", "Scale", "[3, 4]", "Vec", "Shift"]);
}

#[test]
fn keys_are_the_names_of_child_fields() {
    let mixed = mixed();
    let keys: Vec<_> = (0..3).map(|index| mixed.child_key(index).to_string()).collect();
    assert_eq!(keys, [".in", ".rest", ".out"]);
    assert_eq!(shift(1.0).child_key(0).to_string(), ".0");
}

#[test]
fn the_table_has_names_docs_and_colour() {
    let scale = scale(1.0);
    let info = scale.info();
    assert_eq!((info.type_name, info.kind), ("Scale", Kind::Struct));
    assert_eq!(info.docs, "Multiplies.\n\nBy one factor.");
    assert_eq!(info.color, Some("oklch(0.785 0.103 186.9 / 1.0)"));
    let mixed = mixed();
    let fields: Vec<_> =
        mixed.info().fields.iter().map(|field| (field.name, field.child, field.docs)).collect();
    assert_eq!(
        fields,
        [
            ("name", false, "A name\nof two lines."),
            ("in", true, ""),
            ("sizes", false, ""),
            ("rest", true, ""),
            ("out", true, ""),
        ]
    );
    assert_eq!(mixed.info().color, None);
}

#[test]
fn unit_structs_are_nodes_without_parts() {
    #[pytree_dataclass]
    struct Nothing;
    assert!((&Nothing as &dyn PyTree).children().is_empty());
    let copy = Nothing.rebuild(&mut Edits::new([])).expect("there is nothing that could misfit");
    assert!(copy.downcast_ref::<Nothing>().is_some());
}

#[test]
fn rebuild_exchanges_the_edited_child_and_clones_the_others() -> Result<()> {
    let node = mixed().rebuild(&mut Edits::new([(0, Box::new(scale(7.0)) as pz::tree::Node)]))?;
    let edited = node.downcast_ref::<Mixed>().expect("an edit keeps the type");
    assert_eq!(edited.r#in.factor.item::<f32>()?, 7.0);
    assert_eq!((edited.name.as_str(), edited.sizes.as_slice()), ("m", &[3, 4][..]));
    assert_eq!(edited.rest.len(), 2);
    assert_eq!(edited.out.as_ref().expect("it was full").0.item::<f32>()?, 5.0);
    Ok(())
}

#[test]
fn a_child_that_does_not_fit_is_answered_in_words() {
    let edit: pz::tree::Node = Box::new(shift(1.0));
    let error = match mixed().rebuild(&mut Edits::new([(0, edit)])) {
        Ok(_) => panic!("a `Scale` field cannot hold a `Shift`"),
        Err(error) => error.to_string(),
    };
    for part in [".in", "`Scale`", "`Shift`", "AnyLayer"] {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
    let selected = select(&mixed()).at_instances_of::<Scale>().apply(|_| shift(1.0));
    assert!(selected.is_err());
}

#[test]
fn static_fields_are_structure() {
    let mut other = mixed();
    assert!(same_structure(&mixed(), &other));
    other.r#in = scale(9.0);
    assert!(same_structure(&mixed(), &other), "arrays are data");
    other.sizes.push(5);
    assert!(!same_structure(&mixed(), &other));
}

#[test]
fn clone_is_there_whether_derived_or_not() -> Result<()> {
    #[pytree_dataclass]
    #[derive(Clone, Debug)]
    struct Derived {
        scale: Scale,
    }
    let derived = Derived { scale: scale(4.0) };
    assert_eq!(derived.clone().scale.factor.item::<f32>()?, 4.0);
    assert!(format!("{derived:?}").starts_with("Derived { scale: Scale"));
    assert_eq!(mixed().clone().rest.len(), 2);
    assert!(derived.clone_node().downcast_ref::<Derived>().is_some());
    Ok(())
}

/// `3x + 1`, then `2x`.
#[pytree_dataclass]
#[derive(Layer)]
struct Chain<A: Layer, B> {
    first: A,
    #[pytree(static)]
    depth: usize,
    second: Shift,
    third: B,
}

fn chain() -> Chain<Scale, AnyLayer> {
    Chain { first: scale(3.0), depth: 3, second: shift(1.0), third: AnyLayer::new(scale(2.0)) }
}

#[test]
fn children_are_called_in_order() -> Result<()> {
    assert_eq!(call(&chain(), 5.0)?, (5.0 * 3.0 + 1.0) * 2.0);
    Ok(())
}

#[test]
fn no_children_are_the_identity() -> Result<()> {
    #[pytree_dataclass]
    #[derive(Layer)]
    struct Empty;
    assert_eq!(call(&Empty, 5.0)?, 5.0);
    Ok(())
}

#[test]
fn sums_and_products_give_each_child_the_same_input() -> Result<()> {
    #[pytree_dataclass]
    #[derive(Layer)]
    #[layer(add)]
    struct Sum(Scale, Shift, Scale);
    #[pytree_dataclass]
    #[derive(Layer)]
    #[layer(multiply)]
    struct Product(Scale, Shift, Scale);
    #[pytree_dataclass]
    #[derive(Layer)]
    #[layer(residual)]
    struct Rest(Scale, Shift);
    assert_eq!(call(&Sum(scale(2.0), shift(3.0), scale(5.0)), 7.0)?, 14.0 + 10.0 + 35.0);
    assert_eq!(call(&Product(scale(2.0), shift(3.0), scale(5.0)), 7.0)?, 14.0 * 10.0 * 35.0);
    assert_eq!(call(&Rest(scale(2.0), shift(3.0)), 7.0)?, (14.0 + 3.0) + 7.0);
    Ok(())
}

/// Adds the axis `row` before the axes of its input.
#[pytree_dataclass]
struct Rows;

impl ArrayLayer for Rows {
    fn apply(&self, input: NamedArray, _: &SideInputs) -> Result<NamedArray> {
        NamedArray::ones([("row", 2)], DType::F32)?.mul(&input)
    }
}

#[test]
fn a_residual_adds_the_input_to_the_delta() -> Result<()> {
    #[pytree_dataclass]
    #[derive(Layer)]
    #[layer(residual)]
    struct Block {
        delta: Rows,
    }
    let input = NamedArray::from_vec(vec![1.0_f32, 2.0, 3.0], [("column", 3)])?;
    let output = Block { delta: Rows }.call(input.into(), &SideInputs::new())?.into_array("test")?;
    // The left operand's axes come first: the delta's.
    assert_eq!(output.named_shape(), [(AxisName::new("row"), 2), (AxisName::new("column"), 3)]);
    assert_eq!(output.to_vec::<f32>()?, [2.0, 4.0, 6.0, 2.0, 4.0, 6.0]);
    Ok(())
}

#[test]
fn branches_are_joined_from_the_first() -> Result<()> {
    #[pytree_dataclass]
    #[derive(Layer)]
    #[layer(multiply)]
    struct Gate {
        rows: Rows,
        plain: Scale,
    }
    let input = NamedArray::from_vec(vec![1.0_f32, 2.0], [("column", 2)])?;
    let gate = Gate { rows: Rows, plain: scale(1.0) };
    let output = gate.call(input.into(), &SideInputs::new())?.into_array("test")?;
    assert_eq!(output.named_shape(), [(AxisName::new("row"), 2), (AxisName::new("column"), 2)]);
    assert_eq!(output.to_vec::<f32>()?, [1.0, 4.0, 1.0, 4.0]);
    Ok(())
}

#[pytree_dataclass]
#[derive(Layer)]
#[layer(call = swap)]
struct Swap;

/// Exchanges the two values of a tuple.
fn swap(_: &Swap, input: Value, _: &SideInputs) -> Result<Value> {
    let [left, right] = input.into_tuple("Swap")?;
    Ok([right, left].into())
}

#[test]
fn a_call_can_be_a_function() -> Result<()> {
    let input = Value::from([NamedArray::scalar(1.0_f32), NamedArray::scalar(2.0_f32)]);
    let [left, right] = Swap.call(input, &SideInputs::new())?.into_tuple("test")?;
    assert_eq!((left.item::<f32>()?, right.item::<f32>()?), (2.0, 1.0));
    Ok(())
}

#[test]
fn an_error_names_the_fields_on_the_way() {
    let layer =
        Chain { first: scale(1.0), depth: 1, second: shift(1.0), third: AnyLayer::new(chain_of_swap()) };
    let error = call(&layer, 1.0).expect_err("`Swap` takes a tuple");
    assert_eq!(error.report().scope.to_string(), "Chain.third/Chain.third");
    assert!(error.to_string().contains("Swap"), "{error}");
}

fn chain_of_swap() -> Chain<Shift, Swap> {
    Chain { first: shift(0.0), depth: 1, second: shift(0.0), third: Swap }
}

#[test]
fn tuples_cannot_be_added() {
    #[pytree_dataclass]
    #[derive(Layer)]
    #[layer(residual)]
    struct Block(Swap);
    let input = Value::from([NamedArray::scalar(1.0_f32), NamedArray::scalar(2.0_f32)]);
    let error = match Block(Swap).call(input, &SideInputs::new()) {
        Ok(_) => panic!("a tuple is no array"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains("Block") && error.contains("tuple of 2"), "{error}");
}

#[test]
fn layers_enter_an_any_layer_and_other_nodes_do_not() {
    let node = |node: pz::tree::Node| AnyLayer::from_node(node).is_ok();
    assert!(node(Box::new(scale(1.0))), "a layer");
    assert!(node(Box::new(Swap)), "a layer that is derived");
    assert!(node(Box::new(chain())), "a generic layer");
    assert!(node(Box::new(ByHand { layer: Swap })), "a generic layer by hand");
    assert!(!node(Box::new(mixed())), "a node that is no layer");
    assert!(!node(Box::new(Pair(scale(1.0), 2.0_f32))), "a generic node that is no layer");
}

/// A generic layer whose call is written by hand.
#[pytree_dataclass]
#[pytree(layer)]
struct ByHand<L: Layer + Clone> {
    layer: L,
}

impl<L: Layer + Clone> Layer for ByHand<L> {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        pz::nn::call_child(self, "layer", &self.layer, input, side)
    }
}

/// A generic node that is no layer.
#[pytree_dataclass]
struct Pair<A, B>(A, B);

#[test]
fn an_edit_reaches_through_generic_layers() -> Result<()> {
    let model = ByHand { layer: chain() };
    let edited =
        select(&model).at_instances_of::<Scale>().apply(|scale| Scale { factor: -scale.factor.clone() })?;
    assert_eq!(call(&edited, 5.0)?, (5.0 * -3.0 + 1.0) * -2.0);
    assert_eq!(edited.layer.depth, 3);
    Ok(())
}
