"""The simulated world: one clock, one heap, seeded dice, wires, disks, and everything that can go wrong."""
