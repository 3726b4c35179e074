"""The history of the schema, applied in order by ``Database.migrate``."""
