"""How a gradebook shows and combines grades: schemas, notations, periods, calculated columns."""
