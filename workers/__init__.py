"""Celery's part: an app, a thin task for each stage, and how a stage is sent.  The work is the pipeline's."""
