"""A run as one page for people: facts of its folder, their pictures, the page."""
