//! Drawing inside loops and functions that are traced, where keys are no constants.

use pz::{DType, NamedArray, Random, random::Key};

#[test]
fn a_loop_draws_from_the_keys_it_carries_and_is_given() {
    let key = Key::new(11);
    let steps = key.random_split([("step", 4)]).unwrap();
    let step = |key: NamedArray, own: NamedArray| {
        let noise = key.uniform([("n", 3)], DType::F32)?.add(&own.normal([("n", 3)], DType::F32)?)?;
        Ok((key.fold_in(1)?, noise))
    };
    let (last, noise) = pz::scan("step", NamedArray::from(key), steps.clone(), step).unwrap();
    let (mut carried, mut wanted) = (key, Vec::new());
    for own in steps.to_vec::<Key>().unwrap() {
        let (a, b) = (carried.uniform([3], DType::F32).unwrap(), own.normal([3], DType::F32).unwrap());
        wanted.extend(a.add(&b).unwrap().to_vec::<f32>().unwrap());
        carried = carried.fold_in(1);
    }
    assert_eq!(noise.to_vec::<f32>().unwrap(), wanted);
    assert_eq!(last.item::<Key>().unwrap(), carried);
}

#[test]
fn nothing_flows_back_into_bits() {
    let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("n", 3)]).unwrap();
    let loss = |inputs: &[NamedArray]| {
        let x = &inputs[0];
        let keep = Key::new(1).bernoulli([("n", 3)], x.mul(0.2)?)?;
        keep.select(x, 0.0)?.mul(&Key::new(2).normal([("n", 3)], DType::F32)?)?.sum("n")
    };
    let gradient = pz::grad(loss, std::slice::from_ref(&x)).unwrap();
    let keep = Key::new(1).bernoulli([("n", 3)], x.mul(0.2).unwrap()).unwrap();
    let wanted = keep.select(Key::new(2).normal([("n", 3)], DType::F32).unwrap(), 0.0).unwrap();
    assert_eq!(gradient[0].to_vec::<f32>().unwrap(), wanted.to_vec::<f32>().unwrap());
}

#[test]
fn keys_are_indexed_stacked_and_chosen() {
    let all = Key::new(3).split(4);
    let keys = NamedArray::from_vec(all.clone(), [("a", 2), ("b", 2)]).unwrap();
    let read = |keys: pz::Result<NamedArray>| keys.unwrap().to_vec::<Key>().unwrap();
    assert_eq!(read(keys.index("a", 1)), all[2..]);
    assert_eq!(read(keys.slice("b", 1..)), [all[1], all[3]]);
    let places = NamedArray::from_vec(vec![1, 0, 1], [("p", 3)]).unwrap();
    assert_eq!(read(keys.index("a", 0).unwrap().take("b", &places)), [all[1], all[0], all[1]]);
    let (first, second) = (keys.index("a", 0).unwrap(), keys.index("a", 1).unwrap());
    assert_eq!(read(pz::nx::stack(&[&first, &second], "a").unwrap().order_as(["a", "b"])), all);
    assert_eq!(pz::nx::concatenate(&[&keys, &keys], "a").unwrap().size("a"), Some(4));
    let is_first = keys.equal(NamedArray::from(all[0])).unwrap();
    assert_eq!(is_first.to_vec::<bool>().unwrap(), [true, false, false, false]);
    assert_eq!(read(is_first.select(NamedArray::from(all[3]), &keys)), [all[3], all[1], all[2], all[3]]);
    assert_eq!(read(keys.broadcast_to([("c", 2), ("a", 2), ("b", 2)])).len(), 8);
    let set = keys.at([("a", &NamedArray::scalar(0))]).unwrap().set(&second).unwrap();
    assert_eq!(read(set.order_as(["a", "b"])), [all[2], all[3], all[2], all[3]]);
}
