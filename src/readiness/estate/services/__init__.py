"""Services: what an organisation operates, found from what a repository says of them."""
