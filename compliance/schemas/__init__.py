"""The contracts of the JSON documents this service writes, one file each."""
