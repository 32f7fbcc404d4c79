"""补贴申请 from application to approval: verbs by noun, forms, addresses, pages."""
