"""What ships with csconnect as data: signals, scorecards and phrases. Plugins add folders of the same shape."""
