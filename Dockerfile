# A small image without root and without a compiler:
#
#   docker build -t readiness .
#   docker run --rm -v "$PWD:/work:ro" readiness check
#
# The digest is that of the tag `3.12-slim` at the time of the commit (for all platforms):
# https://github.com/docker-library/repo-info/blob/master/repos/python/remote/3.12-slim.md
FROM python:3.12-slim@sha256:229a2c5bfa27522db7815ea81f9bed70af17ccb9de9fc7ad142b1877b5830d36 AS build

WORKDIR /source
# Helm's engine renders charts, and is most of the image: `--build-arg EXTRAS=` goes without.
ARG EXTRAS=[helm]
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY src src
COPY policies policies
RUN python -m pip wheel --no-cache-dir --disable-pip-version-check --no-deps --wheel-dir /wheel . \
    && python -m venv /opt/readiness \
    && wheel="$(ls /wheel/*.whl)" \
    && /opt/readiness/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: "${wheel}${EXTRAS}" \
    && /opt/readiness/bin/pip uninstall --yes --quiet pip

FROM python:3.12-slim@sha256:229a2c5bfa27522db7815ea81f9bed70af17ccb9de9fc7ad142b1877b5830d36

# git is for `--diff-base`, `--trust-base` and the age of runbooks. The checked repository belongs to somebody
# else than the user here, which git refuses unless it is told; readiness lets it run nothing that is configured there.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*'

COPY --from=build /opt/readiness /opt/readiness
ENV PATH="/opt/readiness/bin:$PATH" \
    READINESS_CACHE_DIR=/tmp/readiness

LABEL org.opencontainers.image.title="readiness" \
      org.opencontainers.image.description="Finds what is not production-ready in Terraform and Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0"

WORKDIR /work
USER 65532:65532
ENTRYPOINT ["readiness"]
CMD ["--help"]
