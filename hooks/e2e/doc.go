// Package e2e tests and measures the whole program: the built executable on a
// real data folder, real clients in processes of their own, a real browser.
//
//	go test ./hooks/e2e/                                    everything, as CI does
//	go test -run TestKill -kills 200 -v ./hooks/e2e/        the long kill test
//	go test -run 'UnderReplication|Vanishes' -replicakills 50 -vanishings 20 -v ./hooks/e2e/   what comes back from the replica
//	go test -run '^$' -bench Soak -benchtime 1x -soak 30m -v ./hooks/e2e/   half an hour of work
//	go test -run '^$' -bench . -benchtime 1x ./hooks/e2e/   all figures
//	go test -run TestAccessibility -shots FOLDER ./hooks/e2e/   with a picture of every page
//	go test -run '^$' -bench 'Big$|Search$|Desk$' -benchtime 1x -big FOLDER ./hooks/e2e/   over a million messages
//
// Benchmarks print what they measured as metrics; see bench_test.go for what
// each of them means. -inprocess runs the server of a benchmark inside the
// test, so that -cpuprofile sees it.
package e2e
