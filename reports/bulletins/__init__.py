"""通报: one snapshot of figures, sentences with slots over it, and every format made from the two.

snapshot → figures of a month, keyed      slots → markers in sentences, their printed text, their chips
text → the sentences of T1                annexes, layout → tables and the official document
formats → html, docx, pdf, xlsx, json     checks → what must agree before it may go out      actions → its life
"""
