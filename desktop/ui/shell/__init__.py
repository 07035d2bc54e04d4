"""What stands around every view: the command palette, the list of shortcuts, the window's own commands."""
