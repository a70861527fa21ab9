"""The plugin seam: what a connector implements, how it is registered, and the HTTP policy it gets for free."""
