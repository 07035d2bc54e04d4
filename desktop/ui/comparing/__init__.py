"""Two answers side by side: the page, its panes, where both are asked. Paints and forwards."""
