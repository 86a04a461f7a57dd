"""People who visit the shop over HTTP: browsers, pages, visits, and the runs that send them."""
