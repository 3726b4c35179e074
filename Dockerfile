# The service and its workers: one image, different commands.  Build: docker build -t recording-compliance .
# Every package is locked by digest.  The weights are in a stage of their own, pulled and verified while
# building; `--target bare` leaves them out, for a volume at /models filled by `compliance models pull`.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/compliance
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN /opt/compliance/bin/pip install --require-hashes --only-binary=:all: -r requirements/run.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY compliance compliance
COPY workers workers
COPY policies policies
COPY examples/sample-call examples/sample-call
RUN /opt/compliance/bin/pip install --no-deps --no-build-isolation --no-index .

FROM build AS weights
RUN COMPLIANCE_MODELS=/models /opt/compliance/bin/compliance models pull && chmod -R a+rX /models

FROM python:3.13-slim-bookworm AS bare
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin compliance \
    && install -d -m 0700 -o compliance -g compliance /var/lib/compliance /var/lib/audit-keys
COPY --from=build /opt/compliance /opt/compliance
COPY LICENSE NOTICE /opt/compliance/
ENV PATH=/opt/compliance/bin:$PATH \
    COMPLIANCE_HOME=/var/lib/compliance \
    COMPLIANCE_MODELS=/models \
    PYTHONUNBUFFERED=1
USER compliance
WORKDIR /var/lib/compliance
VOLUME /var/lib/compliance
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["compliance"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

FROM bare
COPY --from=weights /models /models
