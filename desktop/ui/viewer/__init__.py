"""The viewer: a document's page with the cited passage marked."""

from desktop.ui.viewer.page_viewer import PageViewer

__all__ = ["PageViewer"]
