use pz::nn::AnyLayer;
use pz::select;

fn main() {
    let model = vec![1.0_f32];
    select(&model).at_instances_of::<AnyLayer>();
}
