"""Spellings → canonical members, through the authority tables in `seeds/reference`.

`reference` reads the tables; `posts` and `mrn` find the post and the message reference number;
`tags` splits and normalises TAGS. Rules over distinct short strings in plain Python: they branch.

Not here: anything that looks at lines of a telegram (`etl.parse`).
"""
