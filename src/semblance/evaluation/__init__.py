"""How often searches err: numbers from score matrices and labels, plots, and a page; no photo is ever opened here."""
