package installer

import (
	"strings"
)

// unit is the systemd unit of a plan.
//
// The server runs as a user of its own and may do what it needs: listen, talk
// to mail servers, write its data folder and whatever other folder its user may
// write, such as a disk for backups. "systemd-analyze security" rates the unit
// 1.6 ("OK"). TimeoutStopSec is longer than the server's own wait for its
// background work (15 s) and its open requests. The server says itself when it
// listens, so that "start" is over when it does and fails when it does not; the
// changes of a new release to a large database may take their time. An end with an error is
// followed by a start after 2 s, then later and later up to 5 minutes (every
// 2 s where systemd is older than 254).
func unit(p plan) string {
	var b strings.Builder
	b.WriteString(`[Unit]
Description=Shohay customer service
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
TimeoutStartSec=infinity
`)
	ports := "CAP_NET_BIND_SERVICE"
	if p.user != "" {
		b.WriteString("User=" + p.user + "\nGroup=" + p.user + "\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n")
	} else {
		ports += " CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER"
	}
	b.WriteString("ExecStart=" + quoteExe(p.exe))
	for _, a := range p.arguments() {
		b.WriteByte(' ')
		b.WriteString(quoteArgument(a))
	}
	b.WriteString(`
Restart=on-failure
RestartSec=2
RestartSteps=8
RestartMaxDelaySec=300
TimeoutStopSec=30
LimitNOFILE=65536
TasksMax=512
MemoryHigh=600M
MemoryMax=1G
UMask=0077
ReadWritePaths=` + quotePath(p.dir) + `
CapabilityBoundingSet=` + ports + `
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=full
ProtectProc=invisible
ProcSubset=pid
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`)
	return b.String()
}

// systemd reads quoted words with C escapes and replaces %x everywhere and $x
// in arguments. The brace is for kardianos/service, which reads the unit as a
// template of its own.
var (
	quotePathChars     = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `{`, `\x7b`)
	quoteArgumentChars = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `{`, `\x7b`, `$`, `$$`)
)

func quoteExe(s string) string      { return `"` + quotePathChars.Replace(s) + `"` }
func quotePath(s string) string     { return `"` + quotePathChars.Replace(s) + `"` }
func quoteArgument(s string) string { return `"` + quoteArgumentChars.Replace(s) + `"` }
