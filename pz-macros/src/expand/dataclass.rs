//! The expansion of `#[pytree_dataclass]`: the item as it was, under the hidden derive.

use proc_macro2::TokenStream;
use quote::quote;

/// `clone` says whether `Clone` is to be derived too.
pub(crate) fn dataclass(item: &TokenStream, clone: bool) -> TokenStream {
    let clone = clone.then(|| quote!(::pz::__private::Clone));
    quote! {
        #[derive(::pz::__private::PyTreeDataclass, #clone)]
        #item
    }
}
