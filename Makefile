# make test installs what the tests need where it can and runs everything;
# plain `go test ./...` works anywhere and names what it skipped.

export GOTOOLCHAIN = auto

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: run build test lint

run:
	go run . demo

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o dist/ .

test:
	.ci/need
	.ci/test

lint:
	.ci/need
	.ci/lint
