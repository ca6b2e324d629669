# cprvagt with Chromium, for pipelines and for machines where nothing is to be installed:
#   docker build --tag cprvagt .
#   docker run --rm --read-only --tmpfs /tmp:exec --volume "$PWD:/work" cprvagt audit https://www.example.dk/
# It runs as a user without rights, and writes to /tmp and to the folder mounted at /work alone.

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked --bin cprvagt \
  && strip target/release/cprvagt

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="cprvagt" \
  org.opencontainers.image.description="Finds Danish personal numbers leaking from citizen-facing self-service sites" \
  org.opencontainers.image.licenses="Apache-2.0"

# No versions: Debian keeps one of each alone, and a browser is wanted with its last mends. jq makes annotations.
# hadolint ignore=DL3008
RUN apt-get update -qq \
  && apt-get install -y -qq --no-install-recommends ca-certificates chromium fonts-dejavu-core jq \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --no-create-home --home-dir /tmp cprvagt

# The container is the fence: its usual rules forbid what Chromium's own sandbox is made of, and its /dev/shm is small.
# hadolint ignore=SC2016
RUN printf 'export CHROMIUM_FLAGS="$CHROMIUM_FLAGS --no-sandbox --disable-dev-shm-usage"\n' >/etc/chromium.d/container

COPY --from=build /source/target/release/cprvagt /usr/local/bin/cprvagt
COPY --from=build /source/LICENSE /source/README.md /usr/local/share/doc/cprvagt/
COPY --from=build /source/ci/pipeline /usr/local/lib/cprvagt/pipeline
COPY --from=build /source/ci/github/summary /usr/local/lib/cprvagt/github/summary
COPY --from=build /source/ci/azure/summary /usr/local/lib/cprvagt/azure/summary
RUN ln -s ../lib/cprvagt/pipeline/cprvagt-ci /usr/local/bin/cprvagt-ci

# All that is kept beside the reports goes the way of the container.
ENV HOME=/tmp XDG_DATA_HOME=/tmp/data
USER 10001
WORKDIR /work
ENTRYPOINT ["cprvagt"]
CMD ["--help"]
