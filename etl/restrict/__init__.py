"""A warehouse file for an audience: it holds what they may have, and nothing of the rest.

1. `audience`    who they are: highest level, excluded caveats; what a printed marking means to them
2. `marks`       how a marking stands in a text
3. `names`       names that a telegram asks to protect; `masking` masks them
4. `selection`   which telegrams, portions, subjects … of a warehouse they may have
5. `protection`  the masked texts of the telegrams that ask for it
6. `rules`       what may become of rows and values
7. `decisions`   for every table and column: what becomes of it
8. `build`       allowed rows into a new database file, checked, swapped in

It fails closed: what nobody has decided on is not written, and what cannot be read counts as
above the level. docs/restricted.md has the decisions for people.

Not here: the command (`etl.cli.publish`).
"""
