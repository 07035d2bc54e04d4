"""The models page, and what else of the window shows models: the picker in the header, the drop veil."""
