"""The page with the licences of everything inside."""
