"""The Celery application and its tasks: thin shells over the pipeline."""
