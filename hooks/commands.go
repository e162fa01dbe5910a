package hooks

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/certificate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// DescribeCommands gives the root command and the flags of every command the
// words of this program instead of PocketBase's, and makes wrong commands and
// flags end in one sentence.
func DescribeCommands(root *cobra.Command, version string) {
	root.Use = "shohay"
	root.Short = "Customer service for a small shop in one executable"
	root.Long = root.Short + ".\n\nTry it with a sample shop:  shohay demo\nStart your own:             shohay serve"
	root.Version = version
	root.SilenceUsage = true
	root.SilenceErrors = true
	root.FParseErrWhitelist.UnknownFlags = false
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w; %s --help lists the flags", err, c.CommandPath())
	})
	listOnly(root)
	for name, usage := range map[string]string{
		"dir":           "folder that holds all data",
		"dev":           "print logs and SQL statements to the terminal",
		"encryptionEnv": "name of the environment variable with a 32-character key that PocketBase's own settings are encrypted with",
		"queryTimeout":  "seconds after which a database query is given up",
	} {
		if f := root.PersistentFlags().Lookup(name); f != nil {
			f.Usage = usage
		}
	}
}

// listOnly makes a command that only has commands below it show them, and say
// so when it is given another word.
func listOnly(c *cobra.Command) {
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return fmt.Errorf("there is no command %q; %s --help lists the commands", args[0], c.CommandPath())
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
}

// SuperuserCommand is PocketBase's superuser in this program's words.
func SuperuserCommand(app core.App) *cobra.Command {
	c := cmd.NewSuperuserCommand(app)
	c.Short = "Manage those who may use the admin UI; each is also an owner at the desk"
	c.Example = "  shohay superuser upsert you@example.com a-long-password"
	listOnly(c)
	return c
}

// ServeCommand is PocketBase's serve in this program's words.
func ServeCommand(app core.App) *cobra.Command {
	c := cmd.NewServeCommand(app, false)
	c.Short = "Start the server"
	c.Long = "Start the server.\n\nWith one or more domains it listens on ports 80 and 443 and gets their certificates itself,\n" +
		"from Let's Encrypt or from the ACME server that --acme names; without, it listens where --http says."
	c.Example = "  shohay serve\n  shohay serve --http 0.0.0.0:8090 --dir /srv/shohay\n  shohay serve shop.example.com"
	var listen Listen
	listen.Flags(c.PersistentFlags())
	c.Args = func(c *cobra.Command, domains []string) error {
		listen.HTTP, listen.HTTPS, listen.Domains = c.Flag("http").Value.String(), c.Flag("https").Value.String(), domains
		return listen.Check()
	}
	c.RunE = func(c *cobra.Command, domains []string) error {
		origins, err := c.PersistentFlags().GetStringSlice("origins")
		if err != nil {
			return err
		}
		return listen.serve(app, origins)
	}
	for name, usage := range map[string]string{
		"http":    "address to listen on for HTTP (default 127.0.0.1:8090, with domains 0.0.0.0:80)",
		"https":   "address to listen on for HTTPS (default none, with domains 0.0.0.0:443); HTTP is sent on to it",
		"origins": "sites that PocketBase's own API answers with CORS headers; the chat has its list in the shop's settings",
	} {
		c.PersistentFlags().Lookup(name).Usage = usage
	}
	return c
}

// Listen is where to listen, and for which domains.
type Listen struct {
	HTTP, HTTPS string // addresses, "" for the defaults
	Domains     []string
	ACME        string // who issues certificates, "" for Let's Encrypt
	Roots       string // file with authorities that ACME is trusted by
}

// Flags adds those about certificates.
func (l *Listen) Flags(f *pflag.FlagSet) {
	f.StringVar(&l.ACME, "acme", "", "address of the ACME directory that issues the domains' certificates (default Let's Encrypt)")
	f.StringVar(&l.Roots, "acme-root", "", "file (PEM) with the authority that vouches for --acme, when this computer does not know it")
}

// Check refuses what cannot work before anything else is done.
func (l *Listen) Check() error {
	if err := CheckListen(l.HTTP, l.HTTPS, l.Domains); err != nil {
		return err
	}
	return l.wish().Check()
}

func (l *Listen) wish() certificate.Wish {
	w := certificate.Wish{Domains: l.Domains, HTTP: l.HTTP, Directory: l.ACME, Roots: l.Roots}
	if w.HTTP == "" {
		w.HTTP = "0.0.0.0:80"
	}
	return w
}

// serve is PocketBase's serve; of domains the port without encryption is the
// certificates' room's.
func (l *Listen) serve(app core.App, origins []string) error {
	c := apis.ServeConfig{HttpAddr: l.HTTP, AllowedOrigins: origins}
	if len(l.Domains) > 0 {
		certificate.Want(app, l.wish())
		c.HttpAddr, c.HttpsAddr, c.CertificateDomains = "", l.HTTPS, l.Domains
		if c.HttpsAddr == "" {
			c.HttpsAddr = "0.0.0.0:443"
		}
	} else if c.HttpAddr == "" {
		c.HttpAddr = "127.0.0.1:8090"
	}
	if err := apis.Serve(app, c); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

var domainName = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9-]{2,63}$`)

// CheckListen refuses addresses and domains that cannot be listened on before
// anything else is done; "" is the default. Port 0 is any free one.
func CheckListen(http, https string, domains []string) error {
	for flag, address := range map[string]string{"--http": http, "--https": https} {
		if address == "" {
			continue
		}
		_, port, err := net.SplitHostPort(address)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			return fmt.Errorf("%s %q is not an address; write it like 127.0.0.1:8090 or 0.0.0.0:80", flag, address)
		}
	}
	if https != "" && len(domains) == 0 {
		return errors.New("--https shows a certificate, and that is a domain's; name the domain, such as shop.example.com")
	}
	for _, d := range domains {
		if !domainName.MatchString(d) {
			return fmt.Errorf("%q is not a domain; write it like shop.example.com, without https://", d)
		}
	}
	return nil
}

// OpenData opens the data folder for a command. A new folder is for its owner
// alone: what customers write is nobody else's business on a shared machine.
func OpenData(app core.App) error {
	if err := os.MkdirAll(app.DataDir(), 0o700); err != nil {
		return err
	}
	return app.Bootstrap()
}

// OpenAsOwner opens the data folder for a command beside the service: root
// goes on as the user whose the folder is.
func OpenAsOwner(app core.App) error {
	if err := becomeOwner(app.DataDir()); err != nil {
		return err
	}
	return OpenData(app)
}

// VersionCommand says which version this is.
func VersionCommand(version string) *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Say which version this is", Args: cobra.NoArgs, Run: func(c *cobra.Command, _ []string) {
		fmt.Fprintf(c.OutOrStdout(), "shohay %s (PocketBase %s, %s, %s/%s)\n", version, PocketBaseVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	}}
}

// PocketBaseVersion is the version that was built in.
func PocketBaseVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, m := range info.Deps {
		if m.Path == "github.com/pocketbase/pocketbase" {
			return strings.TrimPrefix(m.Version, "v")
		}
	}
	return "unknown"
}
