//! Typed key paths: what each step is, what is at the end, and what a selection says where it is not there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;
use pz::nn::{Affine, AnyLayer, Elementwise, Identity, Linear, Sequential, Slot};
use pz::random::Key;
use pz::tree::TypedKeyPath;
use pz::{NamedArray, PyTree, Result, Struct, model, pytree_dataclass, select};

#[pytree_dataclass]
struct Dense {
    weights: NamedArray,
    bias: Option<NamedArray>,
}

#[pytree_dataclass]
struct Mlp<A: 'static> {
    hidden: Dense,
    list: Vec<Dense>,
    array: [Dense; 2],
    pair: (Dense, f32),
    sorted: BTreeMap<String, Dense>,
    hashed: HashMap<String, Box<Dense>>,
    indexed: IndexMap<String, Dense>,
    shared: Arc<Dense>,
    any: AnyLayer,
    slot: Slot<Linear>,
    activation: A,
    deep: Vec<Option<(f32, Vec<Dense>)>>,
    r#type: f32,
    next: Option<Box<Self>>,
    #[pytree(static)]
    depth: usize,
}

fn dense(weight: f32) -> Dense {
    Dense { weights: NamedArray::scalar(weight), bias: None }
}

fn linear() -> Result<AnyLayer> {
    Linear::from_config("l", Key::new(0), &pz::nn::LinearConfig::new([("x", 2)], [("y", 2)]))
}

fn mlp() -> Result<Mlp<Dense>> {
    Ok(Mlp {
        hidden: dense(1.0),
        list: vec![dense(2.0), dense(3.0)],
        array: [dense(4.0), dense(5.0)],
        pair: (dense(6.0), 7.0),
        sorted: BTreeMap::from([("a".into(), dense(8.0))]),
        hashed: HashMap::from([("b".into(), Box::new(dense(9.0)))]),
        indexed: IndexMap::from([("c".into(), dense(9.5))]),
        shared: Arc::new(dense(10.0)),
        any: AnyLayer::new(Identity {}),
        slot: Slot::holding(linear()?),
        activation: dense(11.0),
        deep: vec![None, Some((0.5, vec![dense(12.0)]))],
        r#type: 13.0,
        next: None,
        depth: 1,
    })
}

type Root = Mlp<Dense>;

#[test]
fn every_step_leads_on() -> Result<()> {
    let mlp = mlp()?;
    let weight = |path: pz::tree::PathTo<Root, NamedArray>, wanted: &str, value: f32| -> Result<()> {
        assert_eq!(path.clone().keypath().to_string(), wanted);
        assert_eq!(select(&mlp).at_path(path).get()?.item::<f32>()?, value, "{wanted}");
        Ok(())
    };
    weight(Root::path().hidden().weights(), ".hidden.weights", 1.0)?;
    weight(Root::path().list().at(1).weights(), ".list[1].weights", 3.0)?;
    weight(Root::path().array().at(0).weights(), ".array[0].weights", 4.0)?;
    weight(Root::path().pair()._0().weights(), ".pair[0].weights", 6.0)?;
    weight(Root::path().sorted().entry("a").weights(), ".sorted['a'].weights", 8.0)?;
    weight(Root::path().hashed().entry("b").weights(), ".hashed['b'].weights", 9.0)?;
    weight(Root::path().indexed().entry("c").weights(), ".indexed['c'].weights", 9.5)?;
    weight(Root::path().shared().weights(), ".shared.weights", 10.0)?;
    weight(Root::path().activation().weights(), ".activation.weights", 11.0)?;
    weight(Root::path().deep().at(1)._1().at(0).weights(), ".deep[1][1][0].weights", 12.0)?;
    assert_eq!(select(&mlp).at_path(Root::path().r#type()).get()?, &13.0);
    assert_eq!(Root::path().next().next().hidden().keypath().to_string(), ".next.next.hidden");
    Ok(())
}

#[test]
fn a_path_ends_where_it_is_asked_to() -> Result<()> {
    let mlp = mlp()?;
    let whole: &Root = select(&mlp).at_path(Root::path()).get()?;
    assert!(std::ptr::eq(whole, &mlp));
    let list: &Vec<Dense> = select(&mlp).at_path(Root::path().list()).get()?;
    assert_eq!(list.len(), 2);
    let pair: &(Dense, f32) = select(&mlp).at_path(Root::path().pair()).get()?;
    assert_eq!(pair.1, 7.0);
    let any: &dyn PyTree = select(&mlp).at_path(Root::path().any()).get()?;
    assert_eq!(any.info().type_name, "Identity");
    let linear: &Linear = select(&mlp).at_path(Root::path().slot()).get()?;
    assert_eq!(linear.info().type_name, "Linear");
    // Bare paths go wherever paths go.
    let path = Root::path().slot().weights().keypath();
    assert_eq!(select(&mlp).at_keypaths([&path]).count(), 1);
    assert_eq!(path.to_string(), ".slot.weights");
    Ok(())
}

#[test]
fn a_path_goes_on_from_what_is_selected() -> Result<()> {
    let list = vec![dense(1.0), dense(2.0)];
    let doubled = select(&list)
        .at_instances_of::<Dense>()
        .at_path(Dense::path().weights())
        .apply(|weights| weights.clone() + weights.clone())?;
    assert_eq!(doubled[1].weights.item::<f32>()?, 4.0);
    Ok(())
}

#[test]
fn what_is_not_there_is_told() -> Result<()> {
    let mlp = mlp()?;
    let told = |result: Result<Root>| result.map(|_| ()).expect_err("nothing is there").to_string();
    let nowhere = select(&mlp).at_path(Root::path().list().at(7).weights()).set(NamedArray::scalar(1.0_f32));
    assert_eq!(
        told(nowhere),
        "Selection::at_path: the path `.list[7].weights` leads nowhere: this `Vec` has no child `[7]`\n  at: .list"
    );
    let empty = select(&mlp).at_path(Root::path().hidden().bias()).set(NamedArray::scalar(1.0_f32));
    assert_eq!(
        told(empty),
        "Selection::at_path: the path is to a `NamedArray`, and a `None` is there\n  at: .hidden.bias\n  \
         help: another layer can be in a slot than was declared, and an `Option` can be empty; \
         `.at_keypaths([&path.keypath()])` selects whatever is there"
    );
    let edited = select(&mlp).at_path(Root::path().slot()).insert_after(Identity {})?;
    let lost = select(&edited).at_path(Root::path().slot()).get().map(|_| ()).expect_err("it is wrapped");
    assert!(lost.to_string().contains("the path is to a `Linear`, and a `Sequential` is there"), "{lost}");
    Ok(())
}

model! {
    Digits: { ..batch, pixels: 4 } -> { ..batch, classes: 3 } {
        hidden: Affine { pixels: 4 => features: 8 },
        act:    Elementwise(relu),
        mix:    residual {
            up: Affine { features: 8 => features: 8 },
        },
        out:    Affine { features: 8 => classes: 3 },
    }
}

#[test]
fn the_parts_of_a_model_have_paths() -> Result<()> {
    let model = Digits::init("digits", Key::new(0))?;
    let hidden: &Affine = select(&model).at_path(Digits::path().hidden()).get()?;
    assert_eq!(hidden.info().type_name, "Affine");
    let act: &Elementwise = select(&model).at_path(Digits::path().act()).get()?;
    assert_eq!(act.info().type_name, "Elementwise");
    let path = Digits::path().mix().keypath();
    assert_eq!(path.to_string(), ".mix");
    let edited = select(&model).at_path(Digits::path().out()).insert_after(Identity {})?;
    assert!(edited.check().is_ok());
    let inner = AnyLayer::new(Sequential::new([]));
    assert!(inner.layer().info().type_name == "Sequential");
    Ok(())
}

mod inner {
    use super::{NamedArray, Struct as _, TypedKeyPath as _, pytree_dataclass};

    #[pytree_dataclass]
    pub struct Mixed {
        pub open: NamedArray,
        pub(crate) half: NamedArray,
        pub(super) above: NamedArray,
        closed: NamedArray,
    }

    impl Mixed {
        pub fn new() -> Self {
            let [open, half, above, closed] = [1.0_f32, 2.0, 3.0, 4.0].map(NamedArray::scalar);
            Mixed { open, half, above, closed }
        }
        pub fn closed_path() -> pz::path::KeyPath {
            Self::path().closed().keypath()
        }
    }
}

/// That a private field's step is private: `tests/ui/fail/path_to_a_private_field.rs`.
#[test]
fn steps_are_as_visible_as_their_fields() {
    let [open, half, above] = [
        inner::Mixed::path().open().keypath(),
        inner::Mixed::path().half().keypath(),
        inner::Mixed::path().above().keypath(),
    ];
    assert_eq!([open, half, above].map(|path| path.to_string()), [".open", ".half", ".above"]);
    assert_eq!(inner::Mixed::closed_path().to_string(), ".closed");
    assert!(inner::Mixed::new().attributes_dict().get("closed").is_some());
}
