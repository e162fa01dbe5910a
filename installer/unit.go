package installer

import (
	"strings"
)

// unit is the systemd unit of a plan.
//
// The limits cost nothing that the server needs: it listens, talks to mail
// servers and writes its data folder. TimeoutStopSec is longer than the
// server's own wait for its background work (15 s) and its open requests.
func unit(p plan) string {
	var b strings.Builder
	b.WriteString(`[Unit]
Description=Shohay customer service
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=`)
	b.WriteString(quoteExe(p.exe))
	for _, a := range p.arguments() {
		b.WriteByte(' ')
		b.WriteString(quoteArgument(a))
	}
	b.WriteString(`
Restart=on-failure
RestartSec=10
TimeoutStopSec=30
LimitNOFILE=65536
UMask=0077
ReadWritePaths=`)
	b.WriteString(quotePath(p.dir))
	b.WriteString(`
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=full
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native

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
