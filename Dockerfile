# The reconciler (and the demo worker) as one image: a bundle on Node, nothing else.
#
#   docker build -t sluice .
#   docker build --build-arg BASE=public.ecr.aws/docker/library/node:22-bookworm-slim@sha256:... -t sluice .
#
# Pin BASE by digest for production. BUILD_BASE needs npm; BASE needs Node only, so that a distroless one does.
ARG BASE=docker.io/library/node:22.23.3-bookworm-slim
ARG BUILD_BASE=${BASE}

FROM ${BUILD_BASE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# The bundle holds what it needs, so every package is one for development. None has to run an install script.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY policies policies
COPY reconciler reconciler
COPY infra/local infra/local
COPY infra/aws/blueprint infra/aws/blueprint
COPY infra/aws/cloudformation infra/aws/cloudformation
COPY infra/image infra/image
COPY examples examples
# Source maps are as large as the program, and the reconciler logs errors by their message and place in the bundle.
RUN node infra/image/bundle.js && rm -f dist/*.map

FROM ${BASE}
LABEL org.opencontainers.image.title="sluice" \
      org.opencontainers.image.description="Keeps ECS workers level with their SQS queue" \
      org.opencontainers.image.licenses="Apache-2.0"
# The last part of PATH is where distroless images keep Node. A user without an entry in /etc/passwd has no home, and the
# AWS SDK looks for one before it looks anywhere else.
ENV NODE_ENV=production \
    HOME=/app \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nodejs/bin
WORKDIR /app
COPY infra/image/main.js infra/image/healthcheck.js infra/image/package.json LICENSE ./
COPY --from=build /src/dist ./dist
# Any number but 0: nothing is owned by it, and nothing has to be written.
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["node", "/app/healthcheck.js"]
ENTRYPOINT ["node", "/app/main.js"]
CMD ["run"]
