"""A network file: products, locations, stock, postcodes and a tariff in one JSON document."""
