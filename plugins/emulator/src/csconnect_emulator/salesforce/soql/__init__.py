"""SOQL: text to syntax tree, tree to SQL over the store, rows to the vendor's JSON."""
