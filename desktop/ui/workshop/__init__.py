"""The page "Workshop": a model comes into being before one's eyes. Paints and forwards."""
