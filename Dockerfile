# The static binary of a release, and nothing else. .github/workflows/release.yml puts the binaries
# into binaries/amd64 and binaries/arm64.
#
#   docker run --rm --volume "$PWD:/repo:ro" ghcr.io/protoskew/protoskew check v1.0.0 HEAD
FROM scratch
ARG TARGETARCH
# A repository that is mounted belongs to somebody else, which git's library refuses by default.
COPY .github/image.gitconfig /etc/gitconfig
COPY LICENSE /LICENSE
COPY binaries/${TARGETARCH}/protoskew /protoskew
WORKDIR /repo
ENTRYPOINT ["/protoskew"]
