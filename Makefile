# make test installs what the tests need where it can and runs everything;
# plain `go test ./...` works anywhere and names what it skipped.

export GOTOOLCHAIN = auto

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: run build test lint bench kill storm fuzz vanish soak

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

# All figures of speed, memory and size, for a calm machine. Those over a million
# messages fill a database first; `-big FOLDER` keeps it for the next time.
bench:
	go test -run '^$$' -bench . -benchtime 1x -timeout 30m ./hooks/e2e/
	go test -run '^$$' -bench Ingest -benchtime 3x -timeout 30m ./hooks/channel/mail/

# The long kill test: 200 times kill -9 at any instant.
kill:
	go test ./hooks/e2e/ -v -timeout 30m -run 'TestKill$$' -kills 200

# The same under replication, and what is lost when the machine vanishes.
vanish:
	go test ./hooks/e2e/ -v -timeout 30m -run 'TestKillUnderReplication|TestTheMachineVanishes' -replicakills 50 -vanishings 20

# Half an hour at 10 messages a second; memory has to stay flat.
soak:
	go test ./hooks/e2e/ -v -timeout 60m -run '^$$' -bench 'Soak$$' -benchtime 1x -soak 30m

# 10,000 mails in any order through Dovecot and Exim, the program killed every
# few seconds; about ten minutes.
storm:
	go test ./hooks/e2e/ -v -timeout 40m -run 'TestStorm$$' -mails 10000

# Every fuzz target for ten minutes; some hours.
fuzz:
	.ci/fuzz 600s
