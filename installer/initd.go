package installer

import "strings"

// initScript is the init script of a plan, for Linux without systemd. The
// library's own takes no path with a space, waits 10 s for the end (background
// work may take 15) and answers "status" of a stopped service with an error.
func initScript(p plan) string {
	words := []string{shellWord(p.exe)}
	for _, a := range p.arguments() {
		words = append(words, shellWord(a))
	}
	return strings.Replace(initText, "COMMAND", strings.Join(words, " "), 1)
}

// shellWord quotes for sh. A pair of braces would be an action of the
// library's templates, so quotes come between them.
func shellWord(s string) string {
	return "'" + strings.NewReplacer(`'`, `'\''`, `{`, `{''`).Replace(s) + "'"
}

const initText = `#!/bin/sh
### BEGIN INIT INFO
# Provides:          ` + name + `
# Required-Start:    $network $remote_fs
# Required-Stop:     $network $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: Shohay customer service
### END INIT INFO

pid_file=/var/run/` + name + `.pid
out=/var/log/` + name + `.log
err=/var/log/` + name + `.err

running() { [ -f "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; }

start() {
	umask 077
	COMMAND >>"$out" 2>>"$err" </dev/null &
	echo $! >"$pid_file"
}

stop() {
	kill "$(cat "$pid_file")" 2>/dev/null
	for second in $(seq 1 30); do
		running || { rm -f "$pid_file"; return 0; }
		sleep 1
	done
	return 1
}

case "$1" in
start) running || start ;;
stop) ! running || stop ;;
restart) { ! running || stop; } && start ;;
status) if running; then echo Running; else echo Stopped; fi ;;
*)
	echo "Usage: $0 {start|stop|restart|status}" >&2
	exit 2
	;;
esac
`
