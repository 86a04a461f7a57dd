"""Features of the product: declared parameters, the history of live values, targeted values, previews."""
