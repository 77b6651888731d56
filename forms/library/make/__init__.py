"""The generator of the shipped forms: `python -m forms.library.make` writes every folder of forms/library from specs/*.yml.

A spec says in a compact notation what is printed on a form and, by a concept key, what each blank asks for. One run gives
the workbook (template.xlsx), its about.yml, the expected reading (fields.json), and over all forms gold.json and near.json.
The output is committed; a test regenerates it and compares, so that specs and workbooks cannot drift apart.
"""
