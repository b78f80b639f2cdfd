//! Enums as nodes: the variant is structure, its fields are parts.

use pz::nn::{AnyLayer, Identity, Layer, SideInputs, Value};
use pz::tree::{Attributes, TypedKeyPath as _, diff, pretty_keystr, same_structure, structure_hash};
use pz::{NamedArray, PyTree, Result, Struct, combine, pytree_dataclass, select};

/// What mixes tokens.
#[pytree_dataclass]
#[pytree(color = "#93cce1", layer)]
enum Mixer {
    Nothing,
    /// By a window.
    Window {
        /// Its weights.
        weights: NamedArray,
        #[pytree(static, default = 3)]
        size: usize,
    },
    Other(AnyLayer, #[pytree(static)] usize),
    Twin {
        weights: NamedArray,
        #[pytree(static)]
        size: usize,
    },
}

impl Layer for Mixer {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        match self {
            Mixer::Other(layer, _) => pz::nn::call_child(self, "0", layer, input, side),
            _ => Ok(input),
        }
    }
}

#[pytree_dataclass]
struct Block {
    mixer: Mixer,
    mixers: Vec<Mixer>,
}

fn window(weight: f32, size: usize) -> Mixer {
    Mixer::Window { weights: NamedArray::scalar(weight), size }
}

fn block() -> Block {
    Block {
        mixer: window(1.0, 3),
        mixers: vec![Mixer::Nothing, Mixer::Other(AnyLayer::new(Identity {}), 2), window(2.0, 3)],
    }
}

#[test]
fn each_variant_has_a_table() {
    let of = |mixer: &Mixer| {
        let info = mixer.info();
        let fields: Vec<_> = info.fields.iter().map(|field| (field.name, field.child, field.docs)).collect();
        (info.type_name, info.docs, info.color, fields)
    };
    let color = Some("#93cce1");
    assert_eq!(of(&Mixer::Nothing), ("Mixer::Nothing", "What mixes tokens.", color, vec![]));
    let fields = vec![("weights", true, "Its weights."), ("size", false, "")];
    assert_eq!(of(&window(1.0, 3)), ("Mixer::Window", "By a window.", color, fields));
    let fields = vec![("0", true, ""), ("1", false, "")];
    let other = Mixer::Other(AnyLayer::new(Identity {}), 2);
    assert_eq!(of(&other), ("Mixer::Other", "What mixes tokens.", color, fields));
    assert_eq!(Mixer::TABLES.len(), 4);
}

#[test]
fn printing_and_paths_show_the_variant() -> Result<()> {
    let block = block();
    assert_eq!(
        format!("{block:?}"),
        "Block(mixer=Mixer::Window(weights=<f32() = 1.0>, size=3), \
         mixers=[Mixer::Nothing, Mixer::Other(Identity, 2), Mixer::Window(weights=<f32() = 2.0>, size=3)])"
    );
    let paths = select(&block).at_instances_of::<NamedArray>().get_keypaths()?;
    let shown: Vec<_> = paths.iter().map(|path| pretty_keystr(path, &block)).collect();
    assert_eq!(shown, ["Block.mixer/Mixer::Window.weights", "Block.mixers[2]/Mixer::Window.weights"]);
    Ok(())
}

#[test]
fn the_variant_is_structure() -> Result<()> {
    let twin = Mixer::Twin { weights: NamedArray::scalar(1.0_f32), size: 3 };
    let window = window(1.0, 3);
    assert!(!same_structure(&window, &twin));
    assert_ne!(structure_hash(&window), structure_hash(&twin));
    assert!(!pz::tree::equal(&window, &twin)?);
    assert_eq!(diff(&window, &twin)?.to_string(), "root: `Mixer::Window` against `Mixer::Twin`");
    assert!(same_structure(&window, &self::window(2.0, 3)));
    assert!(!same_structure(&window, &self::window(1.0, 4)), "static fields are");
    assert!(pz::chk::check_structure(&window, &twin).is_err());
    Ok(())
}

#[test]
fn edits_keep_the_variant_and_can_change_it() -> Result<()> {
    let block = block();
    let negated = select(&block).at_instances_of::<NamedArray>().apply(|array| -array.clone())?;
    let Mixer::Window { weights, size: 3 } = &negated.mixer else { panic!("{negated:?}") };
    assert_eq!(weights.item::<f32>()?, -1.0);
    let replaced = select(&block).at_instances_of::<Mixer>().apply(|_| Mixer::Nothing)?;
    assert_eq!(
        format!("{replaced:?}"),
        "Block(mixer=Mixer::Nothing, mixers=[Mixer::Nothing, Mixer::Nothing, Mixer::Nothing])"
    );
    let wrong = select(&block).at(|block| &block.mixer).set(NamedArray::scalar(1.0_f32));
    assert!(wrong.is_err());
    let (arrays, rest) = select(&block).at_instances_of::<NamedArray>().partition()?;
    assert!(pz::tree::equal(&combine([&arrays, &rest])?, &block)?);
    let layered = select(&AnyLayer::new(self::window(1.0, 3))).apply(|_| Mixer::Nothing)?;
    assert!(layered.downcast_ref::<Mixer>().is_some(), "an enum can be a layer");
    Ok(())
}

#[test]
fn fields_by_name_begin_with_the_variant() -> Result<()> {
    let array = NamedArray::scalar(1.0_f32);
    let made = Mixer::from_attributes(Attributes::of_variant("Window").with("weights", array.clone()))?;
    assert!(pz::tree::equal(&made, &window(1.0, 3))?, "the default is 3");
    for mixer in [Mixer::Nothing, window(1.0, 5), Mixer::Other(AnyLayer::new(Identity {}), 2)] {
        assert!(pz::tree::equal(&Mixer::from_attributes(mixer.attributes_dict())?, &mixer)?, "{mixer:?}");
    }
    let error = |given| match Mixer::from_attributes(given) {
        Ok(mixer) => panic!("{mixer:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        error(Attributes::new().with("weights", array.clone())),
        "Mixer::from_attributes: it is an enum: begin with `Attributes::of_variant(..)`, which is one of `Nothing`, \
         `Window`, `Other`, `Twin`"
    );
    assert_eq!(
        error(Attributes::of_variant("Windows")),
        "Mixer::from_attributes: it has no variant `Windows`; its variants are `Nothing`, `Window`, `Other`, `Twin`"
    );
    assert_eq!(
        error(Attributes::of_variant("Twin").with("weights", array)),
        "Mixer::Twin::from_attributes: the field `size` is missing\n  help: its fields are `weights`, `size`"
    );
    assert!(Block::from_attributes(Attributes::of_variant("Block")).is_err());
    Ok(())
}

#[test]
fn typed_paths_name_the_variant() -> Result<()> {
    let path = || Block::path().mixer().window().weights();
    assert_eq!(path().keypath().to_string(), ".mixer.weights");
    assert_eq!(Block::path().mixers().at(1).other()._0().keypath().to_string(), ".mixers[1].0");
    assert_eq!(select(&block()).at_path(path()).get()?.item::<f32>()?, 1.0);
    let other = Block { mixer: Mixer::Nothing, ..block() };
    let error = match select(&other).at_path(path()).get() {
        Ok(found) => panic!("{found:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        error,
        "Selection::at_path: the path `.mixer.weights` leads nowhere: this `Mixer::Nothing` has no child `.weights`\n  \
         at: .mixer"
    );
    Ok(())
}
