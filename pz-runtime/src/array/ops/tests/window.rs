//! Cases of what slides along axes: strides, dilations, spread and padding all at once, and padding that cuts off.

use super::{Case, floats};
use crate::array::kernels::window::Slide;
use crate::array::params::Params;

pub(super) fn case(name: &str) -> Option<Case> {
    let first = Slide { size: 2, dilation: 2, stride: 2, spread: 1, low: 1, high: 2 };
    let second = Slide { size: 3, dilation: 1, stride: 1, spread: 2, low: 2, high: -1 };
    let x = floats(&[2, 5, 4, 3], -1.0, 1.0, 1);
    let over = |slides: [Slide; 4]| Params::Slides(Box::new(slides));
    match name {
        "window_sum" => Case::new(over([Slide::STILL, first, second, Slide::STILL]), [x]),
        "window_max" | "window_min" | "window_argmax" | "window_argmin" => {
            let apart = Slide { size: 2, dilation: 2, stride: 1, spread: 1, low: 1, high: 1 };
            Case::new(over([Slide::STILL, first, Slide::STILL, apart]), [x])
        }
        "conv" => {
            let slides = Params::Slides(Box::new([first, second]));
            let kernel = floats(&[2, 2, 3, 3, 2], -1.0, 1.0, 2);
            Case::new(slides, [floats(&[2, 2, 5, 4, 3], -1.0, 1.0, 1), kernel])
        }
        _ => None,
    }
}
