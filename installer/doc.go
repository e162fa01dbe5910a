// Package installer makes the executable a service of the operating system:
// systemd and its elders on Linux, the service manager on Windows, launchd on
// macOS.
//
//	install    writes the service's definition: this executable, the data
//	           folder and the addresses, all absolute
//	uninstall  stops it and removes the definition; the data stays
//	start, stop, status
//	restart, logs, upgrade
//	service    what the definition runs (hidden): the server of "serve", told
//	           to stop by the service manager
//
// Every command may be repeated: asked for what is already so, it says so and
// succeeds. None of them opens the database except service itself.
package installer
