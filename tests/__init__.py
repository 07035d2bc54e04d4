"""Every floor's tests: unit, contract, process, gui, e2e; and the benches."""
