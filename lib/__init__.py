"""Values and tools of the field: no models, no app imported."""
