"""How Django writes dates where no filter of ours does: in its administration."""
