"""Models from a Hugging Face hub: listed and downloaded, by a process of their own, and only when allowed.

The doors are `downloads.Downloads` and `client.HubClient`; nothing is imported here, as commands need
the small modules alone.
"""
