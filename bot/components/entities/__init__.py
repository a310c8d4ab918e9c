"""What customers name: brands, categories, products, prices, attributes, quantities, positions, order numbers,
contacts.
"""
