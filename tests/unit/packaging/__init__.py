"""Tests of the set-up commands, with fake runners: nothing is installed and nothing fetched."""
