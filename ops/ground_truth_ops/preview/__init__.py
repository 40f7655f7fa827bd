"""The template workshop: a campaign's task in a browser, again after every change of its files."""
