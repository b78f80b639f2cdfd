//! What the user calls things changes nothing: expansions name the runtime alone.

#![no_implicit_prelude]
#![deny(warnings)]

use ::pz::nn::Layer as Call;

mod std {}
mod core {}
mod pz_ {}

pub struct Option;
pub struct Vec;
pub struct Result;
pub struct Node;
pub struct Value;

/// Fields that are called as the generated code calls its variables.
#[::pz::pytree_dataclass]
#[derive(Call)]
pub struct PyTree {
    pub out: ::pz::nn::AnyLayer,
    pub edits: ::pz::nn::AnyLayer,
    pub slot: ::pz::nn::AnyLayer,
    pub input: ::pz::nn::AnyLayer,
    pub side: ::pz::nn::AnyLayer,
    pub r#type: ::pz::nn::AnyLayer,
}

/// A type called as the trait that it derives.
#[::pz::pytree_dataclass]
#[derive(Call)]
#[layer(residual)]
pub struct Layer {
    pub delta: PyTree,
}

#[::pz::pytree_dataclass]
pub struct Clone(pub ::pz::NamedArray);

fn main() {}
