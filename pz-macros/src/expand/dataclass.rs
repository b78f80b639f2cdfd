//! The expansion of `#[pytree_dataclass]`: the item as it was, under the hidden derive.

use proc_macro2::TokenStream;
use quote::quote;
use syn::TypePath;

/// `clone` says whether `Clone` is to be derived too; `family` is handed on as an option.
pub(crate) fn dataclass(item: &TokenStream, clone: bool, family: Option<&TypePath>) -> TokenStream {
    let clone = clone.then(|| quote!(::pz::__private::Clone));
    let family = family.map(|family| quote!(#[pytree(is = #family)]));
    quote! {
        #[derive(::pz::__private::PyTreeDataclass, #clone)]
        #family
        #item
    }
}
