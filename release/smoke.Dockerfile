# The smoke tests as an image, for the cluster of a real account: `relaypacs/smoke-tests` in its registry. The sandbox's
# image has the same layout. From the project's folder, with images of Node.js 20 pinned by their digests:
#
#   docker build --file release/smoke.Dockerfile --tag REGISTRY/relaypacs/smoke-tests:VERSION \
#       --build-arg BUILD_BASE=docker.io/library/node:20-bookworm@sha256:… \
#       --build-arg BASE=docker.io/library/node:20-bookworm-slim@sha256:… .
#
# Neither has a default, so that nobody builds on an image that can change.
ARG BUILD_BASE
ARG BASE

FROM ${BUILD_BASE} AS build
ARG BUILD_BASE
ARG BASE
RUN for base in "$BUILD_BASE" "$BASE"; do \
        case "$base" in *@sha256:*) ;; *) echo "$base is not pinned by a digest" >&2; exit 1 ;; esac; \
    done
WORKDIR /source
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY release/smoke.ts release/smoke-tests.ts release/junit.ts release/
RUN npx tsc --target ES2022 --module commonjs --moduleResolution node10 --esModuleInterop --strict --skipLibCheck \
        --types node --rootDir . --outDir /smoke release/smoke.ts \
    && mkdir -p /smoke/node_modules \
    && cp -r node_modules/commander /smoke/node_modules/

FROM ${BASE}
COPY --from=build /smoke /smoke
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "/smoke/release/smoke.js"]
