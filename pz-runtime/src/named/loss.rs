//! Cross entropy of logits, against labels or against probabilities.
//!
//! Neither goes by way of probabilities of its own: what is subtracted is the logarithm of the sum of exponentials,
//! which neither overflows nor takes the logarithm of 0. With labels one logit of each row is read, so that nothing
//! as large as the logits is made but their exponentials.

use super::axes::{POSITION, position_name};
use super::{Axis, NamedArray, OutOfRange, positional};
use crate::array::{DKind, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

impl NamedArray {
    /// The cross entropy, along the axis of the classes, of these logits and what should be: whole numbers are the
    /// labels, without that axis; fractions are the probabilities of the classes, along it. Other axes broadcast by
    /// name, and positional axes have the same order in both. A label that is no class gives NaN, as in optax.
    ///
    /// # Errors
    /// An axis has two sizes; labels have the axis of the classes, or probabilities have it not; it has size 0; what is
    /// wanted has more positional axes, or fewer.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let logits = NamedArray::from_vec(vec![0f32, 0., 1000., 0.], [("batch", 2), ("class", 2)])?;
    /// let labels = NamedArray::from_vec(vec![1, 0], [("batch", 2)])?;
    /// let loss = logits.cross_entropy(&labels, "class")?;
    /// assert_eq!(loss.to_vec::<f32>()?, [2f32.ln(), 0.]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn cross_entropy(&self, wanted: &NamedArray, class: impl Into<Axis>) -> Result<NamedArray> {
        let _call = caller::enter("cross_entropy");
        let asked = class.into();
        self.refuse_empty("cross_entropy", &[asked])?;
        let class = self.name_of("cross_entropy", asked, POSITION)?;
        // Labels have the positional axes of the logits, but that of the classes.
        let positions = (0..positional(&self.roles).len()).map(|number| position_name(POSITION, number));
        let is_label = wanted.dtype().kind() == DKind::Int;
        let names: Vec<AxisName> = positions.filter(|name| !(is_label && *name == class)).collect();
        if names.len() != positional(&wanted.roles).len() {
            let problem = format!(
                "what is wanted has {} positional axes and not {}: it has ({}), the logits ({})",
                positional(&wanted.roles).len(),
                names.len(),
                wanted.axes_text(),
                self.axes_text()
            );
            let remedy =
                "labels have all positional axes of the logits but that of the classes, probabilities all";
            return Err(Report::new("cross_entropy", problem).help(remedy).shape());
        }
        let wanted = wanted.tag(names.as_slice())?;
        self.positions_named(POSITION)?.entropy_of(&wanted, class)?.positions_back(&[POSITION])
    }

    /// [`cross_entropy`](NamedArray::cross_entropy) by name.
    fn entropy_of(&self, wanted: &NamedArray, class: AxisName) -> Result<NamedArray> {
        let logits = self.cast(self.dtype().to_float())?;
        let has_classes = wanted.axis_of(class).is_some();
        let problem = match (wanted.dtype().kind(), has_classes) {
            (DKind::Int, false) => {
                let chosen = logits.at([(class, wanted)])?.out_of_range(OutOfRange::Fill).get()?;
                return logits.logsumexp(class)?.sub(chosen);
            }
            (DKind::Float, true) => {
                let products = wanted.mul(logits.log_softmax(class)?)?;
                return products.sum(class)?.neg();
            }
            (DKind::Int, true) => format!("the labels have the axis of the classes ({})", wanted.axes_text()),
            (DKind::Float, false) => {
                format!("the probabilities have no axis `{class}`; they have ({})", wanted.axes_text())
            }
            (DKind::Bool | DKind::Key, _) => {
                format!("what is wanted is {}, and must be labels or probabilities", wanted.dtype())
            }
        };
        let remedy = "labels are integers without the axis of the classes, probabilities floats with it: \
                      `labels.one_hot(\"class\", n, DType::F32)`";
        Err(Report::new("cross_entropy", problem).help(remedy).shape())
    }

    /// These probabilities of classes, with the part `alpha` of all spread evenly over the classes.
    ///
    /// # Errors
    /// The axis is not there or has size 0.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let hot = NamedArray::from_vec(vec![1f32, 0.], [("class", 2)])?;
    /// assert_eq!(hot.smooth_labels("class", 0.5)?.to_vec::<f32>()?, [0.75, 0.25]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn smooth_labels(&self, class: impl Into<Axis>, alpha: f64) -> Result<NamedArray> {
        let _call = caller::enter("smooth_labels");
        let class = class.into();
        let axis = self.numbers("smooth_labels", &[class])?[0];
        self.refuse_empty("smooth_labels", &[class])?;
        let classes = self.array.dims()[axis] as f64;
        self.mul(1.0 - alpha)?.add(alpha / classes)
    }
}
