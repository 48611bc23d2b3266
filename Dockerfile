# iotsim alone, as small as Debian's libraries let it be.
FROM debian:trixie-slim AS build
# Whatever compiler Debian has now will do.
# hadolint ignore=DL3008
RUN apt-get update \
	&& apt-get install -y --no-install-recommends gcc libc6-dev make \
	&& rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN make deps && make && make install DESTDIR=/out PREFIX=/usr

FROM debian:trixie-slim
# hadolint ignore=DL3008
RUN apt-get update \
	&& apt-get install -y --no-install-recommends \
		libgsl28 libjansson4 libjemalloc2 libmicrohttpd12t64 \
		librdkafka1 \
	&& rm -rf /var/lib/apt/lists/*
COPY --from=build /out/usr/bin/iotsim /usr/bin/iotsim
# nobody
USER 65534:65534
ENTRYPOINT ["iotsim"]
