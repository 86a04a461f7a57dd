"""An experiment's design before its launch: drafted, checked, reviewed, frozen."""
