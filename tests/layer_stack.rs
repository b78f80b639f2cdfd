//! Stacks of layers that are alike: whose parameters, state variables and random streams are. (That they compute what
//! Penzai's do is in `numerics`.)

use pz::nn::{
    AnyLayer, Init, Layer, LayerStack, LayerStackAxes, LayerStackVarBehavior, Linear, LinearConfig,
    Sequential, SideInputs, Value,
};
use pz::prelude::*;
use pz::vars::Metadata;
use pz::{RandomStream, Result};

use LayerStackVarBehavior::{PerLayer, Shared};

/// Adds its input to a state, and gives the state; fails where it holds more than `most`.
#[pytree_dataclass]
#[pytree(layer)]
#[derive(Clone)]
struct Sum {
    state: StateVariable<NamedArray>,
    #[pytree(static)]
    most: u32,
}

impl Layer for Sum {
    fn call(&self, input: Value, _: &SideInputs) -> Result<Value> {
        let input = input.into_array("Sum")?;
        let state = self.state.update(|state| state.add(&input))?;
        if state.to_vec::<f32>()?[0] > self.most as f32 {
            return Err(pz::error::Report::new("Sum", "too much").value());
        }
        Ok(state.into())
    }
}

fn sum(
    state: Vec<f32>,
    layers: Option<usize>,
    axes: &[(&'static str, LayerStackVarBehavior)],
) -> Result<Sum> {
    let value = match layers {
        Some(count) => NamedArray::from_vec(state, [("layer", count)])?,
        None => NamedArray::scalar(state[0]),
    };
    let metadata = Metadata::new().with("layerstack_axes", LayerStackAxes::new(axes.iter().copied()));
    Ok(Sum { state: StateVariable::with_metadata("sum", value, metadata), most: 1000 })
}

fn stack(layer: impl Layer, size: usize) -> LayerStack {
    LayerStack { stacked_sublayers: AnyLayer::new(layer), stack_axis: "layer".into(), stack_axis_size: size }
}

fn run(layer: &LayerStack, x: f32) -> Result<f32> {
    layer.call(NamedArray::scalar(x).into(), &SideInputs::new())?.into_array("test")?.item::<f32>()
}

#[test]
fn layers_have_state_together_or_each_their_own() -> Result<()> {
    let shared = sum(vec![1.], None, &[("layer", Shared)])?;
    // 1 + 2 = 3, 3 + 3 = 6, 6 + 6 = 12.
    assert_eq!(run(&stack(shared.clone(), 3), 2.)?, 12.);
    assert_eq!(shared.state.value().item::<f32>()?, 12.);
    let own = sum(vec![1., 10., 20.], Some(3), &[("layer", PerLayer)])?;
    // 1 + 2 = 3, 10 + 3 = 13, 20 + 13 = 33.
    assert_eq!(run(&stack(own.clone(), 3), 2.)?, 33.);
    assert_eq!(own.state.value().to_vec::<f32>()?, [3., 13., 33.]);
    // The same variable in two places of a layer is the same there too: 3 + 1 = 4, 4 + 4 = 8, and so on.
    let twice = stack(Sequential::new([AnyLayer::new(own.clone()), AnyLayer::new(own.clone())]), 3);
    assert_eq!(run(&twice, 1.)?, 150.);
    assert_eq!(own.state.value().to_vec::<f32>()?, [8., 42., 150.]);
    Ok(())
}

#[test]
fn where_a_layer_fails_what_is_each_layers_own_stays() -> Result<()> {
    let mut own = sum(vec![1., 10., 20.], Some(3), &[("layer", PerLayer)])?;
    own.most = 30;
    assert!(run(&stack(own.clone(), 3), 2.).is_err());
    assert_eq!(own.state.value().to_vec::<f32>()?, [1., 10., 20.]);
    Ok(())
}

fn refused(layer: &LayerStack, side: &SideInputs) -> String {
    layer.call(NamedArray::scalar(1_f32).into(), side).unwrap_err().to_string()
}

#[test]
fn a_state_must_say_whose_it_is_and_look_like_it() -> Result<()> {
    let none = SideInputs::new();
    let unmarked = Sum { state: StateVariable::new("sum", NamedArray::scalar(0_f32)), most: 9 };
    let text = refused(&stack(unmarked, 3), &none);
    assert!(text.contains("the state variable `sum` at `.state` does not say whose it is"), "{text}");
    assert!(text.contains("the metadata `layerstack_axes` with `layer` as `Shared` or `PerLayer`"), "{text}");
    let text = refused(&stack(sum(vec![0.], None, &[("row", Shared)])?, 3), &none);
    assert!(text.contains("does not say whose it is"), "{text}");
    let text = refused(&stack(sum(vec![0.; 3], Some(3), &[("layer", Shared)])?, 3), &none);
    assert!(text.contains("`sum` is shared by the layers, and a value in it has the axis `layer`"), "{text}");
    let text = refused(&stack(sum(vec![0.], None, &[("layer", PerLayer)])?, 3), &none);
    assert!(
        text.contains("part of the state variable `sum`, and a value in it has no axis `layer`"),
        "{text}"
    );
    let text = refused(&stack(sum(vec![0.; 3], Some(3), &[("layer", PerLayer)])?, 2), &none);
    assert!(
        text.contains("of the state variable `sum` has `layer: 3`, and the stack has 2 layers"),
        "{text}"
    );
    let own = sum(vec![0.; 3], Some(3), &[("layer", PerLayer)])?;
    let text = refused(&stack(own.clone(), 3), &SideInputs::new().with("sum", own.state.clone()));
    assert!(text.contains("part of the state variable `sum`, which is a side input too"), "{text}");
    Ok(())
}

/// Adds a number drawn from a stream of its own.
#[pytree_dataclass]
#[pytree(layer)]
#[derive(Clone)]
struct Noise {
    stream: RandomStream,
}

impl Layer for Noise {
    fn call(&self, input: Value, _: &SideInputs) -> Result<Value> {
        let drawn = self.stream.next_key()?.normal([("x", 2)], DType::F32)?;
        Ok(input.into_array("Noise")?.add(&drawn)?.into())
    }
}

#[test]
fn each_layer_can_have_a_stream_of_its_own() -> Result<()> {
    let built = LayerStack::from_sublayer_builder("layer", 3, Init::Random(Key::new(7)), |init| {
        let Init::Random(key) = init else { panic!("{init:?}") };
        Ok(AnyLayer::new(Noise { stream: RandomStream::from_base_key(&key)? }))
    })?;
    let noise = built.stacked_sublayers.downcast_ref::<Noise>().expect("the layer");
    assert_eq!(noise.stream.base_key.named_shape(), [("layer".into(), 3)]);
    assert_eq!(noise.stream.offset.value().to_vec::<i32>()?, [0; 3]);
    let axes = noise.stream.offset.metadata().get::<LayerStackAxes>("layerstack_axes").expect("a remark");
    assert_eq!(axes.get("layer"), Some(PerLayer));
    let keys = Key::new(7).split(3);
    for round in 0..2 {
        let zero = NamedArray::zeros([("x", 2)], DType::F32)?;
        let found = built.call(zero.into(), &SideInputs::new())?.into_array("test")?.to_vec::<f32>()?;
        let drawn = keys.iter().map(|key| key.fold_in(round).normal([("x", 2)], DType::F32));
        let wanted = drawn.reduce(|sum, next| sum?.add(&next?)).expect("three")?.to_vec::<f32>()?;
        assert_eq!(found, wanted);
    }
    assert_eq!(noise.stream.offset.value().to_vec::<i32>()?, [2; 3]);
    Ok(())
}

#[test]
fn the_layers_own_states_are_built_together() -> Result<()> {
    let build = |init: Init<'_>| -> Result<AnyLayer> {
        let linear = Linear::from_config("l", init, &LinearConfig::new([("x", 2)], [("x", 2)]))?;
        let state = StateVariable::new("sum", NamedArray::zeros([("x", 2)], DType::F32)?);
        Ok(AnyLayer::new(Sequential::new([linear, AnyLayer::new(Sum { state, most: 9 })])))
    };
    for init in [Init::Random(Key::new(0)), Init::Slots] {
        let built = LayerStack::from_sublayer_builder("layer", 3, init, build)?;
        let state = select(&built).at_instances_of::<StateVariable<NamedArray>>().get()?;
        assert_eq!(state.value().named_shape(), [("layer".into(), 3), ("x".into(), 2)]);
        // A stack in a stack: the state is each layer's own along both axes.
        let outer = LayerStack::from_sublayer_builder("outer", 2, init, |init| {
            Ok(AnyLayer::new(LayerStack::from_sublayer_builder("layer", 3, init, build)?))
        })?;
        let state = select(&outer).at_instances_of::<StateVariable<NamedArray>>().get()?;
        assert_eq!(state.value().named_shape(), [("outer".into(), 2), ("layer".into(), 3), ("x".into(), 2)]);
    }
    let slots = LayerStack::from_sublayer_builder("layer", 3, Init::Slots, build)?;
    let slot = select(&slots).at_instances_of::<ParameterSlot>().get()?;
    let shape = vec![("layer".into(), 3), ("x".into(), 2), ("x_out".into(), 2)];
    assert_eq!(slot.shape(), Some((shape, DType::F32)));
    let outer = LayerStack::from_sublayer_builder("outer", 2, Init::Random(Key::new(0)), |init| {
        Ok(AnyLayer::new(LayerStack::from_sublayer_builder("layer", 3, init, build)?))
    })?;
    let ones = NamedArray::ones([("x", 2)], DType::F32)?;
    outer.call(ones.into(), &SideInputs::new())?;
    let state = select(&outer).at_instances_of::<StateVariable<NamedArray>>().get()?.value();
    // Each layer's state is what it gave: the chain of linear maps, worked out one by one.
    let weights = select(&outer).at_instances_of::<Parameter>().get()?.value();
    let mut x = vec![1_f32; 2];
    for (o, l) in (0..2).flat_map(|o| (0..3).map(move |l| (o, l))) {
        let w = weights.index("outer", o)?.index("layer", l)?.order_as(["x", "x_out"])?.to_vec::<f32>()?;
        x = vec![x[0] * w[0] + x[1] * w[2], x[0] * w[1] + x[1] * w[3]];
        let held = state.index("outer", o)?.index("layer", l)?.to_vec::<f32>()?;
        assert!(held.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-6), "{o} {l}: {held:?} and {x:?}");
    }
    Ok(())
}

#[test]
fn what_cannot_be_stacked_is_told() -> Result<()> {
    let number = StateVariable::new("count", 3_i32);
    #[pytree_dataclass]
    #[pytree(layer)]
    struct Counts {
        count: StateVariable<i32>,
    }
    impl Layer for Counts {
        fn call(&self, input: Value, _: &SideInputs) -> Result<Value> {
            Ok(input)
        }
    }
    let build = |init| {
        LayerStack::from_sublayer_builder("layer", 2, init, |_| {
            Ok(AnyLayer::new(Counts { count: number.clone() }))
        })
    };
    let text = build(Init::Slots).unwrap_err().to_string();
    assert!(
        text.contains("the variable `count` holds a i32, and what layers have of their own is arrays"),
        "{text}"
    );
    let twice = LayerStack::from_sublayer_builder("layer", 2, Init::Slots, |_| {
        Ok(AnyLayer::new(sum(vec![0.], None, &[("layer", Shared)])?))
    });
    let text = twice.unwrap_err().to_string();
    assert!(text.contains("the state variable `sum` says already whose it is along `layer`"), "{text}");
    Ok(())
}

#[test]
fn a_path_says_which_stacks_it_goes_through() -> Result<()> {
    let inner = stack(pz::nn::Identity {}, 3);
    let outer = LayerStack { stack_axis: "outer".into(), ..stack(inner, 2) };
    let model = pz::nn::Sequential::new([AnyLayer::new(outer)]);
    let mut found = Vec::new();
    pz::tree::visit(&model, |path, node| {
        if node.downcast_ref::<pz::nn::Identity>().is_some() {
            found.push(pz::nn::layerstack_axes_from_keypath(&model, path));
        }
        pz::tree::Walk::Enter
    });
    assert_eq!(found, [vec![("outer".into(), 2), ("layer".into(), 3)]]);
    Ok(())
}
