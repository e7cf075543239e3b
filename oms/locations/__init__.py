"""Where stock is: stores and warehouses, their hours, abilities, costs and capacity."""
