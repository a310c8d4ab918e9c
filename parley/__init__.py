"""The composition root: settings, bootstrap, the `parley` command line and the process entry points."""
