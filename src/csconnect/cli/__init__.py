"""The command line: one of the two places that print (the other is `csconnect.report`)."""
